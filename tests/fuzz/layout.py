"""Frames under every shipped byte layout; the first byte chooses the layout, the second the port."""

from ingest.decode.frame import raw
from ingest.errors import Undecodable
from schemas.profiles import shipped_profiles
from tests.decode.envelopes import examples
from tests.decode.expected_examples import EXPECTED

_PROFILES = [profile for _, profile in sorted(shipped_profiles().items()) if profile.frames]
_CODES = [profile.code for profile in _PROFILES]

SEEDS = tuple(
    bytes((_CODES.index(expected.profile), examples()[number]["fPort"] or 0))
    + bytes.fromhex(examples()[number]["bytes_hex"])
    for number, expected in EXPECTED.items()
    if expected.profile in _CODES
)


def fuzz(data: bytes) -> None:
    """Values lie inside the frame, and each becomes a reading or has a reason."""
    if len(data) < 2:
        return
    profile, port, frame = _PROFILES[data[0] % len(_PROFILES)], data[1], data[2:]
    try:
        pieces = raw.pieces(frame, port, profile)
        measured, refused = raw.read(frame, port, profile, None)
    except Undecodable:
        return
    assert all(one.at >= 0 and one.at + one.size <= len(frame) for one in pieces)
    assert len(measured) + len(refused) <= len(pieces)
