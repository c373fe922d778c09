"""Units outside the table of `schemas.unit`, converted by a UCUM library when a registry is read.

Loading that library takes seconds and converting with it tens of microseconds, so it is loaded for the first
unknown unit and asked once for each pair. Interpreting a message only looks up the results.
"""

from functools import cache, lru_cache
from typing import Any

_NEARLY = 1e-9


@lru_cache(maxsize=1024)
def line_between(unit: str, target: str) -> tuple[float, float] | None:
    """(scale, offset) so that `target = unit * scale + offset`, or None.

    None: one of them is no UCUM code, they measure different things, or the way is not a straight line
    (logarithmic units).
    """
    try:
        source, wanted = _registry().from_ucum(unit), _registry().from_ucum(target)
        at_0, at_1, at_1000 = (_converted(number, source, wanted) for number in (0.0, 1.0, 1000.0))
    except Exception:  # noqa: BLE001  whatever a parser of units dislikes about a text, it is no unit
        return None
    scale = at_1 if at_0 == 0 else (at_1000 - at_0) / 1000
    if scale == 0 or abs(at_0 + 1000 * scale - at_1000) > _NEARLY * abs(at_1000):
        return None
    return scale, at_0


def exists(unit: str) -> bool:
    """Whether the text is a UCUM code."""
    try:
        _registry().from_ucum(unit)
    except Exception:  # noqa: BLE001  as above
        return False
    return True


def _converted(number: float, source: Any, wanted: Any) -> float:
    quantity = _registry().Quantity(number * source.magnitude, source.units).to(wanted.units)
    return float(quantity.magnitude / wanted.magnitude)


@cache
def _registry() -> Any:
    from ucumvert import PintUcumRegistry  # noqa: PLC0415  seconds, which only an unknown unit is worth

    return PintUcumRegistry()
