import pytest

from schemas.quantity import CATALOGUE
from schemas.unit import conversion, is_blank


@pytest.mark.parametrize(
    ("written", "target", "one_becomes"),
    [
        ("°C", "Cel", 1),
        ("℃", "Cel", 1),
        ("degC", "Cel", 1),
        ("°F", "Cel", -17.2222222),
        ("K", "Cel", -272.15),
        ("µS⋅cm⁻¹", "dS/m", 0.001),  # micro sign
        ("μS⋅cm⁻¹", "dS/m", 0.001),  # Greek mu
        ("μS/cm", "dS/m", 0.001),
        ("uS/cm", "dS/m", 0.001),
        ("mS/m", "dS/m", 0.01),
        ("m³⋅m⁻³", "%", 100),
        ("m³/m³", "%", 100),
        ("％", "%", 1),
        ("%RH", "%", 1),
        ("W⋅m⁻²", "W/m2", 1),
        ("W/m²", "W/m2", 1),
        ("µmol⋅m⁻²⋅s⁻¹", "umol/(m2.s)", 1),
        ("m⋅s⁻¹", "m/s", 1),
        ("kn", "m/s", 0.5144444),
        ("km/h", "m/s", 0.2777778),
        ("mph", "m/s", 0.44704),
        ("kPa", "hPa", 10),
        ("Pa", "hPa", 0.01),
        ("mbar", "hPa", 1),
        ("mm", "m", 0.001),
        ("µm", "mm", 0.001),
        ("µg⋅m⁻³", "ug/m3", 1),
        ("ppm", "[ppm]", 1),
        ("ppb", "[ppb]", 1),
        ("ppm", "[ppb]", 1000),
        ("lux", "lx", 1),
        ("mV", "V", 0.001),
        ("°", "deg", 1),
        ("rad", "deg", 57.2957795),
        ("mg⋅L⁻¹", "mg/L", 1),
        ("NTU", "[NTU]", 1),
        ("FNU", "[NTU]", 1),
        ("m/s2", "Gal", 100),
        ("m/s²", "Gal", 100),
        ("g", "Gal", 980.665),
        ("mG", "Gal", 0.980665),
        ("cb", "kPa", 1),
        ("psi", "kPa", 6.894757),
        ("in", "mm", 25.4),
        ("mm/hr", "mm/h", 1),
        ("umol/m2/s", "umol/(m2.s)", 1),
        ("µmol/m²/s", "umol/(m2.s)", 1),
        ("L/min", "m3/s", 1 / 60000),
        ("None", "Cel", 1),
        ("", "hPa", 1),
    ],
)
def test_units_are_understood_as_devices_write_them(written: str, target: str, one_becomes: float) -> None:
    found = conversion(written, target)
    assert found is not None
    assert found.scale + found.offset == pytest.approx(one_becomes)


@pytest.mark.parametrize(("written", "target"), [("mm", "Cel"), ("%", "Cel"), ("furlong", "m"), ("dBm", "dB")])
def test_what_cannot_be_converted_is_not(written: str, target: str) -> None:
    assert conversion(written, target) is None


def test_every_unit_of_the_catalogue_is_known_to_itself() -> None:
    for quantity in CATALOGUE:
        found = conversion(quantity.unit, quantity.unit)
        assert found is not None
        assert found == (1, 0)


@pytest.mark.parametrize(("unit", "blank"), [("", True), (" ", True), ("None", True), ("-", True), ("%", False)])
def test_a_unit_may_say_nothing(unit: str, blank: bool) -> None:  # noqa: FBT001 - a column of the table above
    assert is_blank(unit) is blank
