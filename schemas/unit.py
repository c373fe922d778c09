"""Units: the ways publishers write them, and the factor to the unit of the catalogue.

The catalogue uses UCUM; devices use any spelling. Strings are normalised (NFKC folds
℃, ％ and both micro signs) before they are looked up. Converting is `value * scale + offset`.
Common units are in the table below. Any other UCUM code is learned when a registry names
it, so that no message waits until a unit is parsed.
"""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from schemas import ucum


class Conversion(NamedTuple):
    """`target = value * scale + offset`."""

    scale: float
    offset: float = 0.0


SAME = Conversion(1.0)

# dimension -> UCUM code -> conversion to the dimension's first member
_DIMENSIONS: dict[str, dict[str, Conversion]] = {
    "temperature": {"Cel": SAME, "[degF]": Conversion(5 / 9, -160 / 9), "K": Conversion(1, -273.15)},
    "ratio": {"%": SAME, "1": Conversion(100), "[ppth]": Conversion(0.1)},
    "fraction": {"{fraction}": SAME},
    "mole_fraction": {"[ppm]": SAME, "[ppb]": Conversion(1e-3)},
    "length": {
        "m": SAME, "cm": Conversion(1e-2), "mm": Conversion(1e-3), "um": Conversion(1e-6), "km": Conversion(1e3),
        "[in_i]": Conversion(0.0254), "[ft_i]": Conversion(0.3048),
    },
    "speed": {
        "m/s": SAME, "km/h": Conversion(1 / 3.6), "[kn_i]": Conversion(1852 / 3600), "[mi_i]/h": Conversion(0.44704),
    },
    "rain_rate": {"mm/h": SAME, "m/s.rain": Conversion(3.6e6)},
    "pressure": {
        "kPa": SAME, "Pa": Conversion(1e-3), "hPa": Conversion(0.1), "MPa": Conversion(1e3), "bar": Conversion(100),
        "cbar": SAME, "[psi]": Conversion(6.894757293168), "mm[Hg]": Conversion(0.1333223874),
        "[in_i'Hg]": Conversion(3.386388640),
    },
    "conductivity": {
        "dS/m": SAME, "mS/cm": SAME, "uS/cm": Conversion(1e-3), "S/m": Conversion(10), "mS/m": Conversion(1e-2),
    },
    "voltage": {"V": SAME, "mV": Conversion(1e-3)},
    "current": {"A": SAME, "mA": Conversion(1e-3)},
    "angle": {
        "deg": SAME, "rad": Conversion(57.29577951308232), "mdeg": Conversion(1e-3),
        "mrad": Conversion(0.05729577951308232),
    },
    "time": {"s": SAME, "ms": Conversion(1e-3), "min": Conversion(60), "h": Conversion(3600), "d": Conversion(86400)},
    "frequency": {"Hz": SAME, "kHz": Conversion(1e3), "MHz": Conversion(1e6)},
    "acceleration": {"Gal": SAME, "m/s2": Conversion(100), "[g]": Conversion(980.665), "mg.acc": Conversion(0.980665)},
    "flow": {"m3/s": SAME, "L/min": Conversion(1 / 60000), "L/s": Conversion(1e-3), "m3/h": Conversion(1 / 3600)},
    "volume": {"L": SAME, "m3": Conversion(1000), "mL": Conversion(1e-3)},
    "irradiance": {"W/m2": SAME, "kW/m2": Conversion(1000)},
    "irradiation": {"MJ/m2": SAME, "kJ/m2": Conversion(1e-3), "J/m2": Conversion(1e-6), "W.h/m2": Conversion(3.6e-3)},
    "photon_flux": {"umol/(m2.s)": SAME},
    "illuminance": {"lx": SAME, "klx": Conversion(1000)},
    "mass_concentration": {"ug/m3": SAME, "mg/m3": Conversion(1000)},
    "dissolved": {"mg/L": SAME},
    "content": {"mg/kg": SAME},
    "turbidity": {"[NTU]": SAME, "[FNU]": SAME},
    "acidity": {"[pH]": SAME},
    "level": {"dB": SAME},
    "power_level": {"dBm": SAME, "dB[W]": Conversion(1, 30)},
    "count": {"{count}": SAME},
    "index": {"{index}": SAME},
}  # fmt: skip

_ALIASES: dict[str, str] = {
    "°C": "Cel", "degC": "Cel", "C": "Cel", "°F": "[degF]", "F": "[degF]", "℃": "Cel",
    "%RH": "%", "%rh": "%", "percent": "%", "/": "1", "m3/m3": "1", "m³⋅m⁻³": "1", "‰": "[ppth]",
    "ppm": "[ppm]", "ppb": "[ppb]", "lux": "lx", "Lux": "lx",
    "m⋅s⁻¹": "m/s", "kn": "[kn_i]", "kt": "[kn_i]", "knots": "[kn_i]", "mph": "[mi_i]/h", "kph": "km/h",
    "µS⋅cm⁻¹": "uS/cm", "µS/cm": "uS/cm", "mS⋅cm⁻¹": "mS/cm", "dS⋅m⁻¹": "dS/m",
    "W⋅m⁻²": "W/m2", "W/m²": "W/m2", "µmol⋅m⁻²⋅s⁻¹": "umol/(m2.s)", "µmol/m²/s": "umol/(m2.s)",
    "g": "[g]", "mG": "mg.acc", "mg": "mg.acc", "cb": "cbar", "psi": "[psi]", "in": "[in_i]", "ft": "[ft_i]",
    "mm/hr": "mm/h",
    "umol/m2/s": "umol/(m2.s)", "µmol/(m²⋅s)": "umol/(m2.s)", "W/m^2": "W/m2", "dBW": "dB[W]",
    "MJ/m²": "MJ/m2", "MJ/m^2": "MJ/m2",
    "Wh/m2": "W.h/m2", "Wh/m²": "W.h/m2", "m^3/m^3": "1", "m³/h": "m3/h",
    "l/s": "L/s", "count": "{count}", "counts": "{count}", "LUX": "lx", "%EL": "%",
    "°": "deg", "degree": "deg", "degrees": "deg", "m°": "mdeg", "µm": "um",
    "pH": "[pH]", "NTU": "[NTU]", "FNU": "[FNU]", "mg⋅L⁻¹": "mg/L", "mg/l": "mg/L",
    "µg/m³": "ug/m3", "µg⋅m⁻³": "ug/m3", "m³/s": "m3/s", "l/min": "L/min", "l": "L", "gal": "Gal", "mbar": "hPa",
    "mmHg": "mm[Hg]", "inHg": "[in_i'Hg]",
}  # fmt: skip


def normalise(unit: str) -> str:
    """The UCUM code for a unit string as devices write it; the string itself if it is not known."""
    text = unicodedata.normalize("NFKC", unit).strip()
    return _NORMALISED_ALIASES.get(text, text)


def is_blank(unit: str) -> bool:
    """Whether the text means "no unit given"; some codecs print the word None."""
    return unit.strip() in _NO_UNIT


def conversion(unit: str, target: str) -> Conversion | None:
    """How to get from `unit` (as written) to `target` (UCUM), or None if there is no way.

    An empty unit and the texts some codecs print for "no unit" mean the unit of the catalogue.
    """
    code = normalise(unit)
    if code in _NO_UNIT or code == target:
        return SAME
    for members in _DIMENSIONS.values():
        if code in members and target in members:
            source, wanted = members[code], members[target]
            return Conversion(source.scale / wanted.scale, (source.offset - wanted.offset) / wanted.scale)
    return _LEARNED.get((code, target))


remembered_conversion = lru_cache(maxsize=4096)(conversion)
"""`conversion` with a cache, for messages: a field has few units and many values."""


def learn(unit: str, target: str) -> Conversion | None:
    """As `conversion`, but a unit outside the table is computed, and is in the table from then on.

    For readers of a registry only: the first unknown unit takes seconds.
    """
    known = conversion(unit, target)
    if known is not None:
        return known
    code = normalise(unit)
    line = ucum.line_between(code, target)
    if line is None:
        return None
    remembered_conversion.cache_clear()  # it may have kept None from a message before the registry named the unit
    return _LEARNED.setdefault((code, target), Conversion(*line))


def is_unit(unit: str) -> bool:
    """Whether the text is a unit: a UCUM code, or one in the table."""
    return any(unit in members for members in _DIMENSIONS.values()) or ucum.exists(unit)


_LEARNED: dict[tuple[str, str], Conversion] = {}
_NO_UNIT = frozenset({"", "None", "none", "null", "-"})
_NORMALISED_ALIASES = {unicodedata.normalize("NFKC", alias): code for alias, code in _ALIASES.items()}
