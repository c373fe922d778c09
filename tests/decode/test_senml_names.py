"""What names and units of SenML come to, and that the quick way through a pack is no other way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode.senml.labels import JSON
from ingest.decode.senml.names import Key
from ingest.decode.senml.pack import Pack
from ingest.decode.senml.plain import plain
from ingest.errors import Undecodable
from ingest.validate.values import ClockPolicy, validate
from schemas.own_quantity import OwnQuantity, catalogue_of
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import Link, Measured
from tests.decode.senml import NODE, NOW_US, decode, stored


@pytest.mark.parametrize(
    ("name", "unit", "value", "expected"),
    [
        ("soil_moisture", "/", 0.312, 31.2),
        ("soil_moisture", "%", 0.312, 31.2),
        ("soil_moisture", "/100", 31.2, 31.2),
        ("soil_moisture", "/1000", 312.0, 31.2),
        ("air_humidity", "%RH", 61.5, 61.5),
        ("battery_level", "%EL", 80.0, 80.0),
        ("air_temperature", "K", 291.55, 18.4),
        ("air_pressure", "Pa", 101_325.0, 1013.25),
        ("air_pressure", "hPa", 1013.25, 1013.25),
        ("air_co2", "/", 0.0004, 400),
        ("air_co2", "ppm", 400.0, 400),
        ("air_pm2_5", "kg/m3", 3e-8, 30),
        ("water_dissolved_oxygen", "kg/m3", 0.008, 8),
        ("rain_intensity", "m/s", 1e-6, 3.6),
        ("rain_intensity", "mm/h", 3.6, 3.6),
        ("rain_total", "m", 0.012, 12),
        ("wind_speed", "m/s", 3.5, 3.5),
        ("wind_speed", "km/h", 36.0, 10),
        ("wind_speed", "m/h", 3600.0, 1),
        ("wind_direction", "rad", 3.141592653589793, 180),
        ("soil_ec", "S/m", 0.1, 1),
        ("seismic_pga", "m/s2", 0.5, 50),
        ("panel_voltage", "mV", 12_000.0, 12),
        ("water_total", "m3", 1.5, 1500),
        ("device_uptime", "h", 2.0, 7200),
        ("people_count", "count", 3.0, 3),
        ("position_latitude", "lat", 35.68, 35.68),
        ("paddy_water_level", "m", -0.05, -5),
    ],
)
def test_units_of_senml_become_those_of_the_catalogue(name: str, unit: str, value: float, expected: float) -> None:
    assert stored(decode([{"n": name, "u": unit, "v": value}]))[name] == pytest.approx(expected)


@pytest.mark.parametrize("unit", ["C", "F", "g", "J", "dBm", "Cel"])
def test_a_unit_that_other_formats_read_otherwise_is_not_guessed(unit: str) -> None:
    """`C` is coulomb here, `F` farad, `g` gram: no degrees and no gravity."""
    name = "seismic_pga" if unit == "g" else "river_level" if unit == "Cel" else "air_temperature"
    valid = validate(decode([{"n": name, "u": unit, "v": 18.4}]), 1, NOW_US, ClockPolicy())
    assert [one.reason for one in valid.refused] == [RejectionReason.UNKNOWN_UNIT]


def test_secondary_units_are_accepted_without_their_version_and_remarked() -> None:
    record = {"n": "panel_voltage", "u": "mV", "v": 3600.0}
    assert decode([record]).link == Link(more={"remark": "secondary units without bver 26"})
    assert decode([{"bver": 26, **record}]).link is None


def test_words_and_booleans_drop_the_unit_they_inherit() -> None:
    profile = Profile.model_validate(
        {"code": "vane", "fields": {"dir": "wind_direction", "door": {"quantity": "contact", "states": {"1": "open"}}}}
    )
    uplink = decode([{"bu": "Cel", "n": "dir", "vs": "NNE"}, {"n": "door", "v": 1}], profile=profile)
    assert stored(uplink) == {"wind_direction": 22.5, "contact": 1}


def test_a_name_is_looked_up_in_full_then_as_the_record_says_it_then_behind_the_colon() -> None:
    bound = {"urn:x:t1": "soil_temperature", "t1": "air_temperature", "t2": "device_temperature"}
    profile = Profile.model_validate({"code": "names", "fields": bound})
    pack = [{"bn": "urn:x:", "n": "t1", "v": 1.0}, {"bn": "urn:y:", "n": "t1", "v": 2.0}, {"bn": "urn:y:t2", "v": 3.0}]
    assert stored(decode(pack, profile=profile)) == {
        "soil_temperature": 1, "air_temperature": 2, "device_temperature": 3,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["air_temperature", "air/temperature", "air.temperature", "air:temperature"])
def test_names_of_the_catalogue_need_no_profile(name: str) -> None:
    assert stored(decode([{"bn": "urn:dev:mac:24e124fffe3c4912:", "n": name, "v": 18.4}])) == {"air_temperature": 18.4}


def test_two_names_for_one_quantity_are_not_mixed_up() -> None:
    uplink = decode([{"n": "a:air_temperature", "v": 1.0}, {"n": "b:air_temperature", "v": 2.0}])
    assert uplink.measured == [Measured("air_temperature", 1.0)]
    assert [(one.reason, one.part) for one in uplink.refused] == [
        (RejectionReason.UNKNOWN_QUANTITY, "b:air_temperature")
    ]


def test_a_sum_is_a_quantity_of_its_own() -> None:
    pack = [{"bs": 10, "n": "power", "s": 2.5, "v": 1.0}, {"n": "power", "v": 1.0}]
    assert decode(pack, profile=NODE).measured == [
        Measured("water_total", 12.5, "m3"),
        Measured("water_total", 10, "m3"),
    ]


@pytest.mark.parametrize(
    ("unit", "record", "expected"),
    [
        ("m", {"u": "m", "v": -3.5}, -3.5),
        ("cm", {"u": "m", "v": -3.5}, -350),
        ("m", {"v": 2}, 2),
        ("%", {"u": "/", "v": 0.25}, 25),
        ("{count}", {"u": "count", "v": 7}, 7),
    ],
)
def test_a_quantity_of_a_project_s_own_is_read_in_its_own_unit(unit: str, record: Any, expected: float) -> None:
    own = OwnQuantity.model_validate(
        {"project": "p", "code": "well", "label_ja": "井戸", "unit": unit, "reject_low": -1000, "reject_high": 1000}
    )
    profile = Profile.model_validate({"code": "w", "fields": {"lvl": "well"}})
    uplink = decode([{"bn": "urn:x:", "n": "lvl", **record}], profile=profile)
    valid = validate(uplink, 1, NOW_US, ClockPolicy(), catalogue_of({"well": own.as_quantity(10_000)}, {}))
    assert [row[1] for row in valid.readings] == [pytest.approx(expected)]


def test_a_unit_that_other_formats_read_otherwise_is_not_guessed_for_own_quantities_either() -> None:
    profile = Profile.model_validate({"code": "w", "fields": {"lvl": "well"}})
    assert decode([{"n": "lvl", "u": "C", "v": 1.0}], profile=profile).measured == [Measured("well", 1.0, "C (SenML)")]


NAMES = st.sampled_from(["air_temperature", "soil/temp", "soil/vwc", "urn:x:soil/temp", "", "_a", "gate/open", "raw"])
NUMBERS = st.floats(-1e9, 1e9) | st.integers(-(2**40), 2**40) | st.sampled_from([True, 10**400, "1"])
RECORD = st.fixed_dictionaries(
    {"v": NUMBERS},
    optional={
        "n": NAMES | st.just(["a"]) | st.none(),
        "u": st.sampled_from(["Cel", "K", "/", "mV", "?", 1]),
        "t": NUMBERS,
    },
)
HEAD = st.fixed_dictionaries(
    {},
    optional={
        "bn": st.sampled_from(["", "urn:x:", "_", 3]),
        "bt": st.sampled_from([0, -600, 1781471100, 1781471100.25, 2**28, 10**12, "x"]),
        "bu": st.sampled_from(["Cel", "", None]),
    },
)


@given(head=HEAD, pack=st.lists(RECORD, min_size=1, max_size=4), profile=st.sampled_from([None, NODE]))
def test_the_quick_way_says_what_the_long_way_says_or_nothing(
    head: dict[str, Any], pack: list[dict[str, Any]], profile: Profile | None
) -> None:
    records = [head | pack[0], *pack[1:]]
    key = None if profile is None else Key(profile)

    def slowly() -> object:
        long_way = Pack(JSON, profile, key)
        for record in records:
            long_way.take(record)
        return long_way.uplink()

    assert _said(lambda: plain(JSON, records, key) or slowly()) == _said(slowly)


def _said(work: Any) -> object:
    try:
        return work()
    except Undecodable as refused:
        return refused.reason, refused.detail


def test_numbers_of_one_moment_go_the_quick_way() -> None:
    pack = [{"bn": "urn:x:", "bt": 1781471100, "n": "soil/temp", "u": "Cel", "v": 18.5}, {"n": "soil/vwc", "v": 1}]
    assert plain(JSON, pack, Key(NODE)) is not None
    assert plain(JSON, [*pack, {"n": "raw", "v": 1, "t": 5}], Key(NODE)) is None
