"""Scale and offset, without the blur that binary fractions leave: 0.01 * 166 is 1.66 and not 1.6600000000000001."""

from math import isfinite, ulp

_DIGITS = 13
"""No sensor tells more."""

_BLUR_ULPS = 4
"""A product and a sum err by no more; what lies farther from a short decimal was measured so."""


def line(value: float, scale: float, offset: float = 0.0) -> float:
    """The decimal that value * scale + offset is, where it is a short one; else the nearest number."""
    if scale == 1 and not offset:
        return value
    product = value * scale
    number = product + offset
    size = max(abs(product), abs(offset))
    if not size or not isfinite(size):
        return number
    decimal = round(number, _DIGITS - 1 - int(f"{size:e}".partition("e")[2]))
    return decimal if abs(decimal - number) <= _BLUR_ULPS * ulp(size) else number
