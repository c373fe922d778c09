"""The units of SenML (RFC 8428, 8798). Some look like common units and mean others: `%` is a ratio, `C` a charge."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from schemas.quantity import BY_CODE
from schemas.unit import conversion


class Meaning(NamedTuple):
    """A value times `factor` is in `unit` (None: the unit of the catalogue)."""

    unit: str | None
    factor: float


_NOTHING: tuple[tuple[str, float], ...] = ()

_PRIMARY: Mapping[str, tuple[tuple[str, float], ...]] = {
    # (unit of ours, factor); the quantity decides between several: a ratio may be humidity or carbon dioxide.
    "m": (("m", 1),), "s": (("s", 1),), "A": (("A", 1),), "K": (("K", 1),), "Cel": (("Cel", 1),),
    "Hz": (("Hz", 1),), "rad": (("rad", 1),), "Pa": (("Pa", 1),), "V": (("V", 1),), "lx": (("lx", 1),),
    "m3": (("m3", 1),), "l": (("L", 1),), "m/s": (("m/s", 1), ("m/s.rain", 1)), "m/s2": (("m/s2", 1),),
    "m3/s": (("m3/s", 1),), "l/s": (("L/s", 1),), "W/m2": (("W/m2", 1),), "lat": (("deg", 1),), "lon": (("deg", 1),),
    "pH": (("[pH]", 1),), "dB": (("dB", 1),), "count": (("{count}", 1), ("1", 1)), "%RH": (("%", 1),),
    "/": (("1", 1), ("[ppm]", 1e6)), "%": (("1", 1), ("[ppm]", 1e6)), "%EL": (("%", 1),), "S/m": (("S/m", 1),),
    "kg/m3": (("ug/m3", 1e9), ("mg/L", 1e3)), "deg": (("deg", 1),),
    **dict.fromkeys(
        (
            "kg", "g", "cd", "mol", "sr", "N", "J", "W", "C", "F", "Ohm", "S", "Wb", "T", "H", "lm", "Bq", "Gy", "Sv",
            "kat", "m2", "cd/m2", "bit", "bit/s", "dBW", "Bspl", "EL", "1/s", "1/min", "beat/min", "beats", "B", "VA",
            "VAs", "var", "vars", "J/m",
        ),
        _NOTHING,
    ),
}  # fmt: skip

_SECONDARY: Mapping[str, tuple[tuple[str, float], ...]] = {
    "ms": (("ms", 1),), "min": (("min", 1),), "h": (("h", 1),), "MHz": (("MHz", 1),), "mV": (("mV", 1),),
    "mA": (("mA", 1),), "ug/m3": (("ug/m3", 1), ("mg/L", 1e-6)), "mm/h": (("mm/h", 1), ("m/s", 1 / 3.6e6)),
    "m/h": (("m/s", 1 / 3600), ("mm/h", 1000)), "ppm": (("[ppm]", 1), ("1", 1e-6)),
    "/100": (("%", 1), ("[ppm]", 1e4)), "/1000": (("[ppth]", 1), ("[ppm]", 1e3)),
    "hPa": (("hPa", 1),), "mm": (("mm", 1),), "cm": (("cm", 1),), "km": (("km", 1),), "km/h": (("km/h", 1),),
    **dict.fromkeys(
        (
            "kW", "kVA", "kvar", "Ah", "Wh", "kWh", "varh", "kvarh", "kVAh", "Wh/km", "KiB", "GB", "Mbit/s", "B/s",
            "MB/s", "dBm",
        ),
        _NOTHING,
    ),
}  # fmt: skip

SECONDARY = frozenset(_SECONDARY)
"""Legal only with bver 26."""


@lru_cache(maxsize=4096)
def meaning(unit: str, quantity: str) -> Meaning:
    """How a value in `unit` becomes one of `quantity`. A unit that is not registered is passed on as it is written.

    Where there is no way, the result names a unit the catalogue cannot convert: `ingest.validate.values` says so.
    """
    candidates = _PRIMARY.get(unit, _SECONDARY.get(unit))
    if candidates is None:
        return Meaning(unit, 1)
    known = BY_CODE.get(quantity)
    if known is None:  # a quantity of a project's own: `ingest.validate.values` knows its unit
        return Meaning(*candidates[0]) if candidates else Meaning(f"{unit} (SenML)", 1)
    target = known.unit
    for code, factor in candidates:
        if code == target:
            return Meaning(None, factor)
    for code, factor in candidates:
        if conversion(code, target) is not None:
            return Meaning(code, factor)
    return Meaning(f"{unit} (SenML)", 1)
