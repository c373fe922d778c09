"""Frames of Cayenne LPP, under both ways to read signs and times."""

from ingest.decode.frame import raw
from ingest.errors import Undecodable
from schemas.profiles import shipped_profiles

_USUAL = shipped_profiles()["cayenne-lpp"]
_OTHER = _USUAL.model_copy(
    update={
        "cayenne": _USUAL.cayenne
        and _USUAL.cayenne.model_copy(
            update={"signed_electric": True, "time_of_following": True, "repeat_channel": 1000}
        )
    }
)

SEEDS = tuple(
    bytes.fromhex(frame)
    for frame in (
        "03670110056700ff",
        "0167ffd70268a3037327660402fff405880571cbfffb04001036",
        "0167011002fe",
        "01f003aabbcc02670110",
        "01856a2f0f980167011001670110",
    )
)


def fuzz(data: bytes) -> None:
    """Every byte belongs to at most one value, and each value becomes a reading or has a reason."""
    for profile in (_USUAL, _OTHER):
        try:
            pieces = raw.pieces(data, 1, profile)
            measured, refused = raw.read(data, 1, profile, 1_795_478_400_000_000)
        except Undecodable:
            continue
        assert all(one.at >= 0 and one.at + one.size <= len(data) for one in pieces)
        assert len(measured) + len(refused) <= len(pieces)
        assert all(0 <= one.channel <= 32_767 for one in measured)
