"""Repeatable chance: numbers that depend only on a seed and a time."""

import math

_MASK = (1 << 64) - 1


def draw(*keys: int) -> float:
    """A number in 0..1 that is always the same for the same keys, and looks unrelated for others."""
    state = 0x9E3779B97F4A7C15
    for key in keys:
        state = _mixed((state ^ (key & _MASK)) + 0x9E3779B97F4A7C15)
    return state / 2**64


def wobble(seed: int, time_s: float, period_s: float) -> float:
    """A smooth wandering line between -1 and 1 that turns about once in `period_s`."""
    step, part = divmod(time_s / period_s, 1.0)
    before, after = draw(seed, int(step)), draw(seed, int(step) + 1)
    weight = (1 - math.cos(math.pi * part)) / 2
    return 2 * (before + (after - before) * weight) - 1


def _mixed(state: int) -> int:
    state &= _MASK
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)
