"""The pieces of a frame, and what a profile makes of them."""

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
    `refused`: the reason if it is no value, with `detail`.
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
        """The name of this piece in the quarantine."""
        return self.name if self.channel is None else f"{self.name}_{self.channel}"


def measure(pieces: list[Piece], profile: Profile, time_us: int | None) -> tuple[list[Measured], list[Refused]]:
    """Every piece as a measurement or a refusal, as `fields.read` does it for a decoded payload."""
    measured: list[Measured] = []
    refused: list[Refused] = []
    doubtful = unsure(pieces, profile)
    for piece in pieces:
        outcome = meaning(piece, profile, time_us)
        if isinstance(outcome, Measured):
            measured.append(fields.doubtful(outcome) if piece.part in doubtful else outcome)
        elif outcome is not None:
            refused.append(outcome)
    return measured, refused


def unsure(pieces: list[Piece], profile: Profile) -> frozenset[str]:
    """The parts that the publisher itself calls doubtful."""
    doubts = profile.doubting
    return doubted(doubts, {piece.part: piece.value for piece in pieces}) if doubts else _NONE


def meaning(piece: Piece, profile: Profile, time_us: int | None) -> Measured | Refused | None:
    """One piece as a measurement or a refusal; None if it has no value, or the profile ignores it."""
    binding = binding_of(piece, profile)
    if binding is None:
        return _unbound(piece, profile)
    if piece.refused is not None:
        return Refused(piece.refused, piece.part, piece.detail, _fragment(piece))
    value = piece.value if piece.unit is None else {"value": piece.value, "unit": piece.unit}
    outcome = fields.take(binding, piece.part, value)
    if not isinstance(outcome, Measured):
        return outcome
    if piece.time_us is None and not piece.age_s:
        return outcome
    try:
        return outcome._replace(time_us=_own_time_us(piece, time_us))
    except Undecodable as bad:
        return Refused(bad.reason, piece.part, bad.detail, _fragment(piece))


def _unbound(piece: Piece, profile: Profile) -> Refused | None:
    """None for a piece without a value or one that the profile ignores; else a refusal, until somebody binds it."""
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


_moved_by_channel: dict[tuple[int, int], tuple[FieldBinding, FieldBinding]] = {}


def _on_channel(shared: FieldBinding, channel: int) -> FieldBinding:
    """The binding moved to a channel. Copies are kept: copying a model is slow, and a device has few channels."""
    cached = _moved_by_channel.get((id(shared), channel))
    if cached is not None and cached[0] is shared:
        return cached[1]
    if len(_moved_by_channel) >= _REMEMBERED:
        _moved_by_channel.clear()
    moved = shared.model_copy(update={"channel": channel})
    _moved_by_channel[id(shared), channel] = (shared, moved)
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
