"""Scale and offset without the error of binary fractions: 0.01 * 166 is 1.66 and not 1.6600000000000001."""

from math import isfinite, ulp

_DIGITS = 13
"""Significant digits. No sensor has more."""

_BLUR_ULPS = 4
"""Units in the last place: most error of a product and a sum. A result farther from a short decimal is no error."""


def line(value: float, scale: float, offset: float = 0.0) -> float:
    """The result of value * scale + offset: the short decimal if it is one, else the nearest number."""
    if scale == 1 and not offset:
        return value
    product = value * scale
    number = product + offset
    size = max(abs(product), abs(offset))
    if not size or not isfinite(size):
        return number
    decimal = round(number, _DIGITS - 1 - int(f"{size:e}".partition("e")[2]))
    return decimal if abs(decimal - number) <= _BLUR_ULPS * ulp(size) else number
