"""Splits a change of a rate into parts that add up exactly. Pure, in exact fractions.

The rate of a whole is valid / expected = sent/expected x arrived/sent x valid/arrived, over all its units (devices).

1. A unit's part of the change is w (p1 - p0) + (w1 - w0) (p - P): w its share of what was expected, p its rate, both as
   the mean of before and after; P the mean rate of the whole (Bennet). The second term is the mix (構成).
2. The change p1 - p0 of a unit is split among sending, radio and validity by Shapley's value: each stage counts by the
   mean, over all six orders, of what changes when it goes from before to after.
A stage of which nothing is known (nothing was sent, so nothing could arrive) is taken as unchanged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import TypeVar

Key = TypeVar("Key")

_ORDERS = tuple(permutations(range(3)))
_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Counts:
    """Receptions of one unit: each number is at most the one before it."""

    expected: int
    sent: int
    arrived: int
    valid: int

    def __add__(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(
            self.expected + other.expected, self.sent + other.sent, self.arrived + other.arrived,
            self.valid + other.valid,
        )  # fmt: skip

    @property
    def rate(self) -> Fraction | None:
        """Valid / expected; None where nothing was expected."""
        return Fraction(self.valid, self.expected) if self.expected else None

    @property
    def stages(self) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
        """The rates of sending, radio and validity; None where nothing is known of one."""
        return (
            Fraction(self.sent, self.expected) if self.expected else None,
            Fraction(self.arrived, self.sent) if self.sent else None,
            Fraction(self.valid, self.arrived) if self.arrived else None,
        )


EMPTY = Counts(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Parts:
    """A change in its parts, as fractions of one: `whole` is exactly the sum of the four."""

    sent: Fraction = _NOTHING
    radio: Fraction = _NOTHING
    valid: Fraction = _NOTHING
    mix: Fraction = _NOTHING

    def __add__(self, other: "Parts") -> "Parts":
        """Both together."""
        return Parts(self.sent + other.sent, self.radio + other.radio, self.valid + other.valid, self.mix + other.mix)

    def times(self, factor: Fraction) -> "Parts":
        """All parts multiplied by the same number."""
        return Parts(self.sent * factor, self.radio * factor, self.valid * factor, self.mix * factor)

    @property
    def whole(self) -> Fraction:
        """The change these parts add up to."""
        return self.sent + self.radio + self.valid + self.mix


def split_stages(before: Counts, after: Counts) -> Parts:
    """The change of one unit's rate among the three stages. Both need something expected, else all parts are 0."""
    if not before.expected or not after.expected:
        return Parts()
    earlier, later = before.stages, after.stages
    pairs = [_pair(old, new) for old, new in zip(earlier, later, strict=True)]
    parts = [_NOTHING, _NOTHING, _NOTHING]
    for order in _ORDERS:
        now = [old for old, _ in pairs]
        value = now[0] * now[1] * now[2]
        for stage in order:
            now[stage] = pairs[stage][1]
            next_value = now[0] * now[1] * now[2]
            parts[stage] += next_value - value
            value = next_value
    return Parts(*(part / len(_ORDERS) for part in parts))


def split_change(units: Mapping[Key, tuple[Counts, Counts]]) -> dict[Key, Parts] | None:
    """The part of every unit in the change of the whole rate; None where nothing was expected before or after.

    The parts of all units add up exactly to the change. `units`: what each had before and after; `EMPTY` where it was
    not there.
    """
    whole_before = sum((before for before, _ in units.values()), EMPTY)
    whole_after = sum((after for _, after in units.values()), EMPTY)
    if whole_before.rate is None or whole_after.rate is None:
        return None
    mean = (whole_before.rate + whole_after.rate) / 2
    parts = {}
    for key, (before, after) in units.items():
        share_before = Fraction(before.expected, whole_before.expected)
        share_after = Fraction(after.expected, whole_after.expected)
        earlier, later = _pair(before.rate, after.rate)
        within = split_stages(before, after).times((share_before + share_after) / 2)
        mix = (share_after - share_before) * ((earlier + later) / 2 - mean)
        parts[key] = Parts(within.sent, within.radio, within.valid, mix)
    return parts


def split_losses(units: Mapping[Key, Counts], target: Fraction) -> dict[Key, Parts] | None:
    """The part of every unit in rate - target, which is negative; None where nothing was expected, lost or missed.

    What was lost (expected - valid) is known by stage exactly: not sent, not arrived, not valid. The target allows a
    part of all losses, the same part of each; what goes beyond is what misses the target.
    """
    whole = sum(units.values(), EMPTY)
    if whole.rate is None or whole.rate >= target or whole.valid >= whole.expected:
        return None
    beyond = (whole.rate - target) / (whole.expected - whole.valid)
    return {
        key: Parts(
            (each.expected - each.sent) * beyond, (each.sent - each.arrived) * beyond,
            (each.arrived - each.valid) * beyond,
        )
        for key, each in units.items()
    }  # fmt: skip


def _pair(before: Fraction | None, after: Fraction | None) -> tuple[Fraction, Fraction]:
    """Both rates, the known one for one that is not known; 0 where neither is."""
    if before is None:
        before = after
    if after is None:
        after = before
    return (before or _NOTHING, after or _NOTHING)
