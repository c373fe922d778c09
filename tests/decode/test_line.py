"""Scale and offset give the decimal they mean, and change nothing else."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.line import line
from schemas.unit import conversion


@pytest.mark.parametrize(
    ("value", "scale", "offset", "right"),
    [
        (166, 0.01, 0, 1.66),
        (0.1, 1, 0.2, 0.3),
        (273.16, 1, -273.15, 0.01),
        (6.2, -1, 6.3, 0.1),
        (12.3, 0.1, 0, 1.23),
        (12446, 1e-3, 0, 12.446),
        (1, 1 / 3, 0, 1 / 3),
        (0.1 + 0.2, 1, 0, 0.1 + 0.2),  # as it was measured
        (0, 0.01, 0, 0),
    ],
)
def test_scale_and_offset_leave_no_blur(value: float, scale: float, offset: float, right: float) -> None:
    assert line(value, scale, offset) == right


@given(
    st.integers(-(10**6), 10**6),
    st.sampled_from(["0.1", "0.01", "0.001", "0.25", "0.05", "0.0625", "0.003", "10"]),
    st.integers(-4000, 4000).map(lambda tenths: Decimal(tenths) / 10),
)
def test_whole_numbers_with_a_decimal_scale_give_that_very_decimal(raw: int, scale: str, offset: Decimal) -> None:
    assert line(raw, float(scale), float(offset)) == float(raw * Decimal(scale) + offset)


@given(st.floats(-1e6, 1e6), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_nothing_moves_by_more_than_arithmetic_errs(value: float, scale: float, offset: float) -> None:
    plain = value * scale + offset
    assert abs(line(value, scale, offset) - plain) <= 1e-15 * (abs(value * scale) + abs(offset))


def test_a_temperature_of_a_third_keeps_its_digits() -> None:
    way = conversion("F", "Cel")
    assert way is not None
    assert line(70, *way) == 70 * way.scale + way.offset
