"""What was found in a frame, before a profile says what it means."""

from typing import NamedTuple

from ingest.decode.common import fields
from ingest.errors import Undecodable
from schemas.profile import FieldBinding, Profile, doubted
from schemas.rejection import RejectionReason
from schemas.uplink import Measured, Refused

_SECOND_US = 1_000_000
_MOST_CHANNEL = 32_767
_REMEMBERED = 4096
_NONE: frozenset[str] = frozenset()


class Piece(NamedTuple):
    """One value of a frame.

    `at`, `size`: the bytes it was read from. `raw`: what stood there. `channel`: where the format counts
    probes itself. `age_s`: how long before the time of the frame it was measured. `time_us`: its own time.
    `refused`: why it is no value, with `detail`.
    """

    name: str
    value: object
    unit: str | None = None
    at: int = 0
    size: int = 0
    raw: object = None
    channel: int | None = None
    age_s: float | None = None
    time_us: int | None = None
    refused: RejectionReason | None = None
    detail: str = ""

    @property
    def part(self) -> str:
        """What it is called in the quarantine."""
        return self.name if self.channel is None else f"{self.name}_{self.channel}"


def measure(pieces: list[Piece], profile: Profile, time_us: int | None) -> tuple[list[Measured], list[Refused]]:
    """Every piece as a measurement or a refusal, as `fields.read` does it for a decoded payload."""
    measured: list[Measured] = []
    refused: list[Refused] = []
    doubtful = unsure(pieces, profile)
    for piece in pieces:
        said = meaning(piece, profile, time_us)
        if isinstance(said, Measured):
            measured.append(fields.doubtful(said) if piece.part in doubtful else said)
        elif said is not None:
            refused.append(said)
    return measured, refused


def unsure(pieces: list[Piece], profile: Profile) -> frozenset[str]:
    """Which of them the publisher itself calls doubtful."""
    doubts = profile.doubting
    return doubted(doubts, {piece.part: piece.value for piece in pieces}) if doubts else _NONE


def meaning(piece: Piece, profile: Profile, time_us: int | None) -> Measured | Refused | None:
    """What one piece says; None where it says nothing, or the profile ignores it."""
    binding = binding_of(piece, profile)
    if binding is None:
        return _unbound(piece, profile)
    if piece.refused is not None:
        return Refused(piece.refused, piece.part, piece.detail, _fragment(piece))
    value = piece.value if piece.unit is None else {"value": piece.value, "unit": piece.unit}
    said = fields.take(binding, piece.part, value)
    if not isinstance(said, Measured):
        return said
    if piece.time_us is None and not piece.age_s:
        return said
    try:
        return said._replace(time_us=_own_time_us(piece, time_us))
    except Undecodable as bad:
        return Refused(bad.reason, piece.part, bad.detail, _fragment(piece))


def _unbound(piece: Piece, profile: Profile) -> Refused | None:
    """Bytes that say nothing and what the profile ignores are passed over; the rest waits for a binding."""
    if (piece.value is None and piece.refused is None) or not profile.ignore.isdisjoint((piece.part, piece.name)):
        return None
    reason, detail = piece.refused or RejectionReason.UNKNOWN_QUANTITY, "no quantity is bound to this field"
    return Refused(reason, piece.part, piece.detail or detail, _fragment(piece))


def binding_of(piece: Piece, profile: Profile) -> FieldBinding | None:
    """The binding of `temperature_3` if the profile has one, else that of `temperature`, on channel 3."""
    own = profile.fields.get(piece.part)
    if own is not None or piece.channel is None:
        return own
    shared = profile.fields.get(piece.name)
    if shared is None:
        return None
    return _on_channel(shared, min(shared.channel + piece.channel, _MOST_CHANNEL))


_on_channel_known: dict[tuple[int, int], tuple[FieldBinding, FieldBinding]] = {}


def _on_channel(shared: FieldBinding, channel: int) -> FieldBinding:
    """The binding moved to a channel. Copying a model is dear, and a device has few channels."""
    known = _on_channel_known.get((id(shared), channel))
    if known is not None and known[0] is shared:
        return known[1]
    if len(_on_channel_known) >= _REMEMBERED:
        _on_channel_known.clear()
    moved = shared.model_copy(update={"channel": channel})
    _on_channel_known[id(shared), channel] = (shared, moved)
    return moved


def _own_time_us(piece: Piece, time_us: int | None) -> int:
    if piece.time_us is not None:
        return piece.time_us
    assert piece.age_s is not None  # asked only of pieces with a time or an age
    if time_us is None:
        raise Undecodable(RejectionReason.INVALID_TIME, f"{piece.age_s:g} s before the frame, which has no time")
    return time_us - round(piece.age_s * _SECOND_US)


def _fragment(piece: Piece) -> object:
    return piece.value if piece.raw is None else piece.raw
