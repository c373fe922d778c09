"""Ranks of a transmitter beside its limit, with a hysteresis so that they do not flap. Pure."""

from collections.abc import Sequence

from schemas.airtime import RegimeLimit


def percent_used(limit: RegimeLimit, used_s: float, longest_ms: float | None) -> float:
    """The share of the limit: of an hour; where the regime has no such limit, of one transmission, once it is over it.

    A transmission within its limit uses nothing of it: it may be as long as that, as often as it likes.
    """
    if limit.hour_s is not None:
        return 100 * used_s / limit.hour_s
    if limit.single_ms is not None and longest_ms is not None and longest_ms > limit.single_ms:
        return 100 * longest_ms / limit.single_ms
    return 0.0


def rank_of(percent: float, before: int, shares: Sequence[float], hysteresis: float) -> int:
    """The rank, 0 to 3: it rises at its share and falls below it by the hysteresis."""
    rising = sum(1 for share in shares if percent >= share)
    staying = sum(1 for share in shares if percent >= share - hysteresis)
    return max(rising, min(before, staying))
