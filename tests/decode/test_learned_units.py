"""Units that the table does not list: learned from UCUM when a registry names them."""

import subprocess
import sys

import pytest

from schemas.unit import conversion, is_unit, learn, remembered_conversion


@pytest.mark.parametrize(
    ("written", "target", "one_becomes", "hundred_become"),
    [
        ("[yd_i]", "m", 0.9144, 91.44),
        ("[degR]", "Cel", 5 / 9 - 273.15, 500 / 9 - 273.15),
        ("mm[Hg]", "hPa", 1.3332239, 133.32239),
        ("mg/dL", "mg/L", 10, 1000),
        ("10*3.m3/d", "m3/s", 1000 / 86400, 100_000 / 86400),
    ],
)
def test_any_ucum_unit_is_converted_once_it_is_learned(
    written: str, target: str, one_becomes: float, hundred_become: float
) -> None:
    found = learn(written, target)
    assert found is not None
    assert found.scale + found.offset == pytest.approx(one_becomes, rel=1e-6)
    assert 100 * found.scale + found.offset == pytest.approx(hundred_become, rel=1e-6)
    assert conversion(written, target) == found


def test_a_unit_that_a_message_brought_too_early_is_known_once_a_registry_names_it() -> None:
    assert remembered_conversion("[ft_us]", "m") is None
    learn("[ft_us]", "m")
    assert remembered_conversion("[ft_us]", "m") == pytest.approx((0.3048006, 0))


@pytest.mark.parametrize(
    ("written", "target"), [("Cel", "m"), ("furlong", "m"), ("B[W]", "W"), ("", "nonsense"), ("mg/L", "[pH]")]
)
def test_what_is_no_unit_or_measures_something_else_is_not_learned(written: str, target: str) -> None:
    found = learn(written, target)
    assert found is None or written == ""


@pytest.mark.parametrize(
    ("written", "target", "value", "expected"),
    [
        ("[degF]", "Cel", 212, 100),
        ("K", "Cel", 0, -273.15),
        ("°F", "K", 32, 273.15),
        ("Cel", "[degF]", 100, 212),
        ("dBW", "dBm", -128, -98),
    ],
)
def test_scales_with_another_zero_keep_it(written: str, target: str, value: float, expected: float) -> None:
    found = conversion(written, target)
    assert found is not None
    assert value * found.scale + found.offset == pytest.approx(expected)


def test_units_of_the_field_are_units_and_a_word_is_not() -> None:
    assert all(is_unit(unit) for unit in ("m", "[NTU]", "{count}", "dBm", "mol/m3"))
    assert not is_unit("furlong")


def test_the_library_is_not_loaded_for_what_the_table_knows() -> None:
    code = (
        "import sys; from schemas.profiles import shipped_profiles; from schemas.unit import learn; shipped_profiles();"
        " learn('cm', 'm'); sys.exit('pint' in sys.modules or 'ucumvert' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
