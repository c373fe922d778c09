"""A sensor that hung differently then gives the values of then."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.decode.common.limits import Limits
from ingest.message import Received
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.interpret import Interpreter
from ingest.pipeline.route import Routes, pattern
from ingest.registry.index import DeviceEntry, Directory
from ingest.validate.bindings import Bindings, bind
from ingest.validate.values import ClockPolicy, Validated, validate
from schemas.binding import Binding
from schemas.own_quantity import OwnQuantity, OwnRange, catalogue_of
from schemas.profile import Profile
from schemas.quantity import BY_CODE, Quantity
from schemas.reading import Quality
from schemas.rejection import RejectionReason as R
from schemas.uplink import Doubted, EventKind, Measured, Uplink

DAY_US = 86_400_000_000
JUNE_1_US = 1_780_239_600_000_000
"""2026-06-01T00:00+09:00."""
CLOCK = ClockPolicy()


def bound(**values: object) -> Binding:
    return Binding.model_validate({"project": "p", "device": "d", **values})


def bindings(*items: Binding, profiles: dict[str, Profile] | None = None) -> Bindings:
    found = bind(items, BY_CODE, profiles or {})
    assert found is not None
    return found


def interpreted(held: Bindings | None, *measured: Measured, time_us: int = JUNE_1_US) -> Validated:
    return validate(Uplink(EventKind.UPLINK, time_us, None, measured), 5, JUNE_1_US + DAY_US, CLOCK, BY_CODE, held)


def values(valid: Validated) -> dict[str, object]:
    codes = {quantity.id: quantity.code for quantity in BY_CODE.values()}
    return {codes[row[3]]: pytest.approx(row[1]) for row in valid.readings}


def test_a_distance_gives_a_level_too_and_both_are_kept() -> None:
    held = bindings(bound(quantity="distance", mount_height_m=6.2))
    assert values(interpreted(held, Measured("distance", 4.12))) == {"distance": 4.12, "river_level": 2.08}


def test_a_level_below_gauge_zero_is_negative_and_sound() -> None:
    held = bindings(bound(quantity="distance", mount_height_m=3))
    valid = interpreted(held, Measured("distance", 3400, "mm"))
    assert values(valid) == {"distance": 3.4, "river_level": -0.4}
    assert [row[5] for row in valid.readings] == [None, None]


@pytest.mark.parametrize(("level", "value"), [("paddy_water_level", 88), ("snow_depth", 88), ("river_level", 0.88)])
def test_the_level_is_in_the_unit_of_its_own_quantity(level: str, value: float) -> None:
    held = bindings(bound(quantity="distance", mount_height_m=2, level=level))
    assert values(interpreted(held, Measured("distance", 1.12)))[level] == value


def test_what_counts_is_when_it_was_measured_and_not_when_it_came() -> None:
    held = bindings(
        bound(quantity="distance", mount_height_m=6.2, valid_to=date(2026, 5, 31)),
        bound(quantity="distance", mount_height_m=7, valid_from=date(2026, 6, 1)),
    )
    assert values(interpreted(held, Measured("distance", 4), time_us=JUNE_1_US - 1))["river_level"] == 2.2
    assert values(interpreted(held, Measured("distance", 4), time_us=JUNE_1_US))["river_level"] == 3


def test_each_element_of_a_backfill_has_the_binding_of_its_own_time() -> None:
    held = bindings(bound(quantity="river_level", offset=0.5, valid_from=date(2026, 6, 1)))
    rows = [Measured("river_level", 1.0, None, 0, JUNE_1_US + step) for step in (-1, 0)]
    assert [row[1] for row in interpreted(held, *rows).readings] == [1.0, 1.5]


def test_outside_every_period_a_value_is_as_it_was_sent() -> None:
    held = bindings(bound(quantity="distance", mount_height_m=6, valid_to=date(2026, 5, 1)))
    assert values(interpreted(held, Measured("distance", 4.0))) == {"distance": 4.0}


def test_a_value_is_converted_then_scaled_then_shifted() -> None:
    held = bindings(bound(quantity="air_temperature", unit="[degF]", scale=2, offset=-10))
    assert values(interpreted(held, Measured("air_temperature", 59))) == {"air_temperature": 20}


def test_the_unit_of_a_binding_wins_over_what_the_device_says() -> None:
    held = bindings(bound(quantity="river_level", unit="cm"))
    assert values(interpreted(held, Measured("river_level", 123, "m"))) == {"river_level": 1.23}


def test_a_unit_that_no_table_lists_is_learned_when_the_binding_is_read() -> None:
    held = bindings(bound(quantity="distance", unit="[yd_i]"))
    assert values(interpreted(held, Measured("distance", 10))) == {"distance": 9.144}


def test_ranges_are_those_of_the_corrected_value() -> None:
    held = bindings(bound(quantity="river_level", offset=100))
    assert interpreted(held, Measured("river_level", 1.0)).refused[0].reason is R.OUT_OF_RANGE
    held = bindings(bound(quantity="river_level", offset=-100))
    assert values(interpreted(held, Measured("river_level", 101.0))) == {"river_level": 1}


def test_an_offset_makes_no_measurement_of_a_sentinel() -> None:
    held = bindings(bound(quantity="soil_temperature", offset=-70, unit="Cel"))
    assert interpreted(held, Measured("soil_temperature", 85.0)).refused[0].reason is R.SENTINEL


def test_a_distance_that_is_refused_gives_no_level() -> None:
    held = bindings(bound(quantity="distance", mount_height_m=6))
    valid = interpreted(held, Measured("distance", 250.0))
    assert (valid.readings, [refused.part for refused in valid.refused]) == ([], ["distance"])


def test_another_channel_is_another_sensor() -> None:
    held = bindings(bound(quantity="river_level", channel=1, offset=1))
    valid = interpreted(held, Measured("river_level", 1.0), Measured("river_level", 1.0, None, 1))
    assert [(row[4], row[1]) for row in valid.readings] == [(0, 1.0), (1, 2.0)]


def test_what_is_no_number_keeps_its_reason() -> None:
    held = bindings(bound(quantity="distance", mount_height_m=6))
    assert [
        refused.reason for refused in interpreted(held, Measured("distance", "wet"), Measured("distance", True)).refused
    ] == [
        R.NOT_A_NUMBER,
        R.NOT_A_NUMBER,
    ]


def test_a_swapped_sensor_is_read_by_the_profile_of_its_time() -> None:
    profiles = {
        code: Profile.model_validate({"code": code, "fields": {"t": quantity}})
        for code, quantity in {"old": "air_temperature", "new": "water_temperature"}.items()
    }
    held = bindings(bound(profile="new", valid_from=date(2026, 6, 1)), profiles=profiles)
    device = DeviceEntry(7, 1, "p", "d", enabled=True, profile=profiles["old"], bindings=held)
    directory = Directory(dev_eui={"0" * 16: device}, projects={"p": 1})
    topic = "application/{application}/device/{device}/event/{event}"
    interpreter = Interpreter(Routes([pattern(topic, "chirpstack", None)], directory), Limits(), CLOCK, FirstReceipts())

    def quantity_of(time: str) -> int:
        payload = f'{{"time": "{time}", "deviceInfo": {{}}, "fPort": 2, "data": "AA==", "object": {{"t": 20}}}}'
        received = Received(f"application/a/device/{'0' * 16}/event/up", payload.encode(), JUNE_1_US + DAY_US)
        (row,) = interpreter.interpret(received).readings
        return row[3]

    assert quantity_of("2026-05-31T23:59:59+09:00") == BY_CODE["air_temperature"].id
    assert quantity_of("2026-06-01T00:00:00+09:00") == BY_CODE["water_temperature"].id


def test_a_project_judges_by_its_own_quantities_and_ranges() -> None:
    pump = OwnQuantity.model_validate({"project": "p", "code": "pump", "label_ja": "ポンプ", "states": {"Run": 1}})
    narrow = OwnRange.model_validate({"project": "p", "quantity": "river_level", "reject_high": 4, "flag_high": 3})
    catalogue = catalogue_of({"pump": pump.as_quantity(10_000)}, {"river_level": narrow.of(BY_CODE["river_level"])})
    said = [Measured("pump", "run"), Measured("river_level", 3.5), Measured("river_level", 4.5)]
    valid = validate(Uplink(EventKind.UPLINK, JUNE_1_US, None, said), 5, JUNE_1_US, CLOCK, catalogue)
    assert [(row[3], row[1], row[5]) for row in valid.readings] == [(10_000, 1.0, None), (52, 3.5, Quality.RANGE)]
    assert [refused.reason for refused in valid.refused] == [R.OUT_OF_RANGE]


def test_a_narrower_reject_range_pulls_the_flag_range_in() -> None:
    known: Quantity = BY_CODE["river_level"]
    assert OwnRange(project="p", quantity="river_level", reject_high=4).of(known).flag_high == 4


@given(
    st.lists(
        st.builds(
            Measured,
            st.sampled_from(["distance", "river_level", "trap_state", "nonsense"]),
            st.one_of(st.floats(), st.integers(), st.text(max_size=4), st.none(), st.booleans()),
            st.sampled_from([None, "mm", "m", "Cel", "furlong"]),
            st.integers(0, 2),
            st.one_of(st.none(), st.integers(0, 2**52)),
        ),
        max_size=6,
    )
)
@example([Measured("distance", 4, None, 0, None)] * 2)
def test_whatever_is_measured_every_value_is_stored_or_refused(measured: list[Measured]) -> None:
    held = bindings(bound(quantity="distance", mount_height_m=6, unit="cm"), bound(quantity="river_level", scale=3))
    valid = interpreted(held, *measured)
    levels = sum(1 for one in measured if one.quantity == "distance")  # each has one, also where another one counts
    assert len(measured) <= len(valid.readings) + len(valid.refused) <= len(measured) + levels


NO_ECHO = (0, 20, 30, 40_000, 65_533)


@pytest.mark.parametrize("distance_mm", NO_ECHO)
def test_a_distance_without_an_echo_is_set_aside_and_gives_no_level(distance_mm: float) -> None:
    valid = interpreted(
        bindings(bound(quantity="distance", mount_height_m=6.2)), Measured("distance", distance_mm, "mm")
    )
    assert valid.readings == []
    assert [(one.reason, one.part, one.value) for one in valid.refused] == [(R.NO_ECHO, "distance", distance_mm)]


def test_a_distance_that_reaches_far_below_the_bed_is_flagged_with_its_level() -> None:
    valid = interpreted(bindings(bound(quantity="distance", mount_height_m=6.2)), Measured("distance", 9999, "mm"))
    assert values(valid) == {"distance": 9.999, "river_level": -3.799}
    assert [row[5] for row in valid.readings] == [Quality.RANGE, Quality.RANGE]


@pytest.mark.parametrize(
    ("limits", "distance_m", "sound"),
    [
        ({"blind_zone_m": 0.5}, 0.5, False),
        ({"blind_zone_m": 0.5}, 0.51, True),
        ({"range_m": 5}, 5.0, False),
        ({"range_m": 5}, 4.99, True),
        ({"sensor": "ultrasonic"}, 0.25, False),
        ({"sensor": "ultrasonic"}, 9.999, False),
        ({"sensor": "ultrasonic", "blind_zone_m": 0.1}, 0.2, True),
        ({"sensor": "radar"}, 0.2, True),
        ({"sensor": "radar"}, 30.0, False),
        ({"sensor": "lidar"}, 0.05, False),
    ],
)
def test_what_a_sensor_can_see_is_written_in_its_binding_or_usual_for_its_kind(
    limits: dict[str, object], distance_m: float, *, sound: bool
) -> None:
    valid = interpreted(bindings(bound(quantity="distance", **limits)), Measured("distance", distance_m))
    assert [one.reason for one in valid.refused] == ([] if sound else [R.NO_ECHO])


def test_the_offset_of_a_mounting_makes_no_measurement_of_a_missing_echo() -> None:
    held = bindings(bound(quantity="distance", mount_height_m=6.2, offset=0.4))
    assert interpreted(held, Measured("distance", 0.0)).refused[0].reason is R.NO_ECHO


def test_a_level_below_the_bed_that_somebody_measured_is_flagged() -> None:
    held = bindings(bound(quantity="distance", mount_height_m=6.2, bed_m=0.3))
    assert [row[5] for row in interpreted(held, Measured("distance", 5.8)).readings] == [None, None]
    assert [row[5] for row in interpreted(held, Measured("distance", 6.0)).readings] == [Quality.RANGE, Quality.RANGE]
    deep = bindings(bound(quantity="distance", mount_height_m=6.2, bed_m=-4))
    assert [row[5] for row in interpreted(deep, Measured("distance", 9.5)).readings] == [None, None]


def test_a_doubted_distance_below_the_bed_carries_both_remarks() -> None:
    held = bindings(bound(quantity="distance", mount_height_m=6.2, bed_m=0.3))
    flags = Quality.RANGE | Quality.PUBLISHER
    valid = interpreted(held, Measured("distance", Doubted(6.0)), Measured("distance", Doubted(0.0)))
    assert [row[5] for row in valid.readings] == [flags, flags]
    assert [(one.reason, one.value) for one in valid.refused] == [(R.NO_ECHO, 0.0)]


def test_a_distance_that_nobody_bound_is_flagged_where_no_sensor_measures() -> None:
    flags = [interpreted(None, Measured("distance", value)).readings[0][5] for value in (0.0, 0.02, 0.5, 65.533)]
    assert flags == [Quality.RANGE, Quality.RANGE, None, Quality.RANGE]


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"quantity": "river_level", "sensor": "radar"}, "distance"),
        ({"quantity": "river_level", "blind_zone_m": 0.2}, "distance"),
        ({"quantity": "distance", "blind_zone_m": 5, "range_m": 5}, "beyond blind_zone_m"),
        ({"quantity": "distance", "bed_m": 1}, "mount_height_m"),
        ({"quantity": "distance", "bed_m": 7, "mount_height_m": 6}, "mount_height_m"),
    ],
)
def test_limits_that_make_no_sense_are_refused(wrong: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        bound(**wrong)
