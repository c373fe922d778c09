"""What a publisher said becomes rows, flags or a reason."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import Undecodable
from ingest.validate.values import ClockPolicy, check_time, check_value, validate
from schemas.quantity import BY_CODE
from schemas.reading import Quality
from schemas.rejection import RejectionReason as R
from schemas.uplink import EventKind, Measured, Uplink

NOW_US = 1_795_478_400_000_000
SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
CLOCK = ClockPolicy()


def uplink(*measured: Measured, time_us: int | None = NOW_US) -> Uplink:
    return Uplink(EventKind.UPLINK, time_us, None, list(measured))


def value_of(code: str, value: object, unit: str | None = None) -> tuple[float, int]:
    return check_value(Measured(code, value, unit), BY_CODE.get(code))


def reason_of(code: str, value: object, unit: str | None = None) -> R:
    with pytest.raises(Undecodable) as refused:
        value_of(code, value, unit)
    return refused.value.reason


def test_a_plain_value_in_the_expected_range_is_stored_without_remark() -> None:
    valid = validate(uplink(Measured("air_temperature", 18.4)), 5, NOW_US, CLOCK)
    assert valid.readings == [(NOW_US, 18.4, 5, BY_CODE["air_temperature"].id, 0, None)]
    assert not valid.refused


def test_the_quick_way_and_the_careful_way_judge_alike() -> None:
    quick = validate(uplink(Measured("air_temperature", 18.4)), 5, NOW_US, CLOCK).readings
    careful = validate(uplink(Measured("air_temperature", 18.4, "Cel", 0, NOW_US)), 5, NOW_US, CLOCK).readings
    assert quick == careful


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("air_temperature", 44, (44, Quality.RANGE)),
        ("river_level", -0.35, (-0.35, 0)),
        ("paddy_water_level", -12, (-12, 0)),
        ("soil_moisture", -2.15, (-2.15, Quality.RANGE)),
        ("air_humidity", 103, (100, Quality.CLAMPED)),
        ("air_humidity", 2, (2, Quality.RANGE)),
        ("soil_water_potential", -999, (-999, 0)),
    ],
)
def test_unusual_values_are_stored_and_marked(code: str, value: float, expected: tuple[float, int]) -> None:
    assert value_of(code, value) == expected


@pytest.mark.parametrize(
    ("code", "value", "unit", "expected"),
    [
        ("air_temperature", 68, "°F", 20),
        ("air_temperature", 293.15, "K", 20),
        ("air_pressure", 95.96, "kPa", 959.6),
        ("air_pressure", 96800, "Pa", 968),
        ("soil_moisture", 0.312, "m³⋅m⁻³", 31.2),
        ("wind_speed", 32, "kn", 16.4622),
        ("distance", 2116, "mm", 2.116),
        ("soil_ec", 1280, "µS⋅cm⁻¹", 1.28),
        ("soil_ec", 1280, "μS/cm", 1.28),
        ("air_temperature", 21, "℃", 21),
        ("air_humidity", 71, "％", 71),
        ("rain_total", 12.5, "None", 12.5),
    ],
)
def test_units_are_converted_to_those_of_the_catalogue(code: str, value: float, unit: str, expected: float) -> None:
    number, flags = value_of(code, value, unit)
    assert math.isclose(number, expected, rel_tol=1e-4)
    assert flags == 0


@pytest.mark.parametrize(
    ("code", "value", "unit", "reason"),
    [
        ("air_temperature", 71, None, R.OUT_OF_RANGE),
        ("air_temperature", -327.68, None, R.SENTINEL),
        ("air_temperature", -127.0, None, R.SENTINEL),
        ("soil_temperature", 85.0, None, R.SENTINEL),
        ("distance", 65535, "mm", R.SENTINEL),
        ("air_temperature", float("nan"), None, R.NOT_A_NUMBER),
        ("air_temperature", float("inf"), None, R.NOT_A_NUMBER),
        ("air_temperature", True, None, R.NOT_A_NUMBER),
        ("air_temperature", "18.4", None, R.NOT_A_NUMBER),
        ("air_temperature", [18.4], None, R.NOT_A_NUMBER),
        ("air_temperature", 18.4, "lux", R.UNKNOWN_UNIT),
        ("no_such_thing", 1, None, R.UNKNOWN_QUANTITY),
        ("gate_state", "ajar", None, R.UNKNOWN_STATE),
        ("gate_state", 17, None, R.UNKNOWN_STATE),
        ("gate_state", None, None, R.UNKNOWN_STATE),
    ],
)
def test_what_cannot_be_a_measurement_is_refused_with_its_reason(
    code: str, value: object, unit: str | None, reason: R
) -> None:
    assert reason_of(code, value, unit) is reason


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("gate_state", "open", 1), ("gate_state", "Closed", 0), ("gate_state", True, 1), ("gate_state", 2, 2),
        ("trap_state", "trapped", 2), ("detection_label", "inoshishi", 1), ("leak", "NoLeak", 0), ("leak", "true", 1),
    ],
)  # fmt: skip
def test_states_are_stored_by_their_number(code: str, value: object, expected: float) -> None:
    assert value_of(code, value) == (expected, 0)


def test_one_bad_value_hurts_no_other() -> None:
    valid = validate(uplink(Measured("air_temperature", 999), Measured("air_humidity", 60)), 1, NOW_US, CLOCK)
    assert [row[3] for row in valid.readings] == [BY_CODE["air_humidity"].id]
    assert [(refused.reason, refused.part) for refused in valid.refused] == [(R.OUT_OF_RANGE, "air_temperature")]


def test_an_absent_time_is_the_time_of_receipt_and_flagged() -> None:
    valid = validate(uplink(Measured("air_temperature", 18.4), time_us=None), 1, NOW_US, CLOCK)
    assert valid.moment == (NOW_US, Quality.TIME_ABSENT, False)
    assert valid.readings[0][5] == Quality.TIME_ABSENT


@pytest.mark.parametrize("seconds", [0, 315_964_800, 946_684_800])
def test_a_clock_that_was_never_set_is_flagged(seconds: int) -> None:
    assert check_time(seconds * SECOND_US, NOW_US, CLOCK) == (NOW_US, Quality.CLOCK_UNSET, False)


def test_a_clock_ahead_never_poisons_the_latest_value() -> None:
    assert check_time(NOW_US + 100 * SECOND_US, NOW_US, CLOCK).own
    assert check_time(NOW_US + 121 * SECOND_US, NOW_US, CLOCK) == (NOW_US, Quality.CLOCK_AHEAD, False)


@pytest.mark.parametrize(
    ("policy", "time_us", "reason"),
    [
        (ClockPolicy(quarantine_ahead=True), NOW_US + DAY_US, R.TIME_IN_FUTURE),
        (ClockPolicy(quarantine_absent=True), None, R.INVALID_TIME),
        (ClockPolicy(quarantine_absent=True), 0, R.INVALID_TIME),
        (ClockPolicy(), NOW_US - 401 * DAY_US, R.TIME_TOO_OLD),
    ],
)
def test_the_clock_policy_may_quarantine(policy: ClockPolicy, time_us: int | None, reason: R) -> None:
    with pytest.raises(Undecodable) as refused:
        check_time(time_us, NOW_US, policy)
    assert refused.value.reason is reason


def test_a_season_of_backfill_is_not_too_old() -> None:
    assert check_time(NOW_US - 100 * DAY_US, NOW_US, CLOCK).own


def test_elements_of_a_backfill_are_judged_by_their_own_times() -> None:
    old = Measured("air_temperature", 18.0, None, 0, NOW_US - 401 * DAY_US)
    ahead = Measured("air_temperature", 19.0, None, 0, NOW_US + DAY_US)
    good = Measured("air_temperature", 20.0, None, 0, NOW_US - DAY_US)
    valid = validate(uplink(old, ahead, good), 1, NOW_US, CLOCK)
    assert [(row[0], row[1], row[5]) for row in valid.readings] == [
        (NOW_US, 19.0, Quality.CLOCK_AHEAD),
        (NOW_US - DAY_US, 20.0, None),
    ]
    assert [refused.reason for refused in valid.refused] == [R.TIME_TOO_OLD]


@given(
    code=st.sampled_from(sorted(BY_CODE)),
    value=st.one_of(st.floats(), st.integers(), st.booleans(), st.text(), st.none(), st.lists(st.integers())),
    unit=st.one_of(st.none(), st.text(max_size=8), st.sampled_from(["°C", "mm", "kPa", "%"])),
)
def test_any_value_is_either_in_range_or_refused(code: str, value: object, unit: str | None) -> None:
    quantity = BY_CODE[code]
    try:
        number, _ = check_value(Measured(code, value, unit), quantity)
    except Undecodable:
        return
    assert quantity.reject_low <= number <= quantity.reject_high
