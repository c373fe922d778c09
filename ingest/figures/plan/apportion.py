"""Whole numbers in place of exact parts, so that what is shown adds up as shown: the largest remainders come first."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def apportion(parts: Sequence[Fraction], whole: int) -> list[int]:
    """Whole numbers that add up to `whole`, each at most one away from its part where `whole` is their sum, cut.

    Every part is cut first. What is left of the whole goes to the parts of which most was cut, one each; of equals the
    first has it. Without parts there is nothing to add up.
    """
    units = [floor(part) for part in parts]
    order = sorted(range(len(parts)), key=lambda index: units[index] - parts[index])
    left = whole - sum(units)
    for step in range(abs(left) if parts else 0):
        units[order[step % len(order)] if left > 0 else order[-1 - step % len(order)]] += 1 if left > 0 else -1
    return units
