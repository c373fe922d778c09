"""A name of the catalogue is believed only where no product means something else by it."""

import json

import pytest

from ingest.decode.chirpstack import json as chirpstack
from ingest.decode.common import fields
from ingest.decode.common.limits import Limits
from ingest.decode.mapped import mapped
from ingest.decode.senml import senml
from ingest.decode.sparkplug import sparkplug
from schemas.profile import Profile
from schemas.profiles import shipped_maps
from schemas.quantity import BY_CODE, NEED_A_PROFILE
from schemas.rejection import RejectionReason as R
from schemas.uplink import Measured, Refused
from tests.decode.sparkplug import payload

LIMITS = Limits()
DOUBTED = ("distance", "river_level", "battery_level", "battery_voltage", "air_pressure", "rain_total", "wind_speed")
OUR_LOGGER = Profile.model_validate(
    {
        "code": "our-logger",
        "fields": {"t": {"quantity": "air_temperature", "unit": "Cel"}},
        "map": {
            "time": {"path": "at", "format": "%Y/%m/%d %H:%M:%S", "zone": "+09:00"},
            "counter": "seq",
            "rows": [{"each": "samples[*]", "time": {"path": "ts", "format": "epoch_s"}}],
        },
    }
)


@pytest.mark.parametrize("name", DOUBTED)
def test_a_bare_value_of_a_decoded_object_waits_for_a_profile_that_says_its_unit(name: str) -> None:
    measured, refused = fields.read({name: 95.0, "air_temperature": 21.5}, None)
    assert measured == [Measured("air_temperature", 21.5)]
    assert [(one.reason, one.part, one.value) for one in refused] == [(R.NEEDS_PROFILE, name, 95.0)]
    assert f'{name}: {{quantity: {name}, unit: "{BY_CODE[name].unit}"}}' in refused[0].detail


def test_a_unit_beside_the_value_leaves_no_doubt() -> None:
    measured, refused = fields.read({"distance": {"value": 950, "unit": "mm"}}, None)
    assert (measured, refused) == ([Measured("distance", 950, "mm")], [])
    assert fields.read({"distance": {"value": 950}}, None)[1][0].reason is R.NEEDS_PROFILE


def test_a_profile_that_says_the_unit_is_the_way_in() -> None:
    profile = Profile.model_validate({"code": "p", "fields": {"distance": {"quantity": "distance", "unit": "cm"}}})
    assert fields.read({"distance": 95.0}, profile) == ([Measured("distance", 95.0, "cm")], [])


@pytest.mark.parametrize("said", [True, False, 1])
def test_a_contact_that_is_true_may_be_closed(said: object) -> None:
    measured, (refused,) = fields.read({"contact": said}, None)
    assert (measured, refused.reason) == ([], R.NEEDS_PROFILE)
    assert 'contact: {quantity: contact, states: {"true": open, "false": closed}}' in refused.detail


def test_the_word_of_a_state_means_the_same_everywhere() -> None:
    assert fields.read({"contact": "closed"}, None) == ([Measured("contact", "closed")], [])


def test_the_object_of_a_network_server_and_a_map_judge_alike() -> None:
    message = {"time": "2026-11-24T00:00:00Z", "object": {"distance": 95.0}, "rxInfo": []}
    uplink = chirpstack.decode(json.dumps(message).encode(), "up", None, LIMITS)
    assert [one.reason for one in uplink.refused] == [R.NEEDS_PROFILE]
    plain = mapped.decoder(shipped_maps()["soracom-beam"])
    uplink = plain(b'{"contact": true, "distance": 95.0, "air_temperature": 20}', "", None, LIMITS)
    assert [(one.reason, one.part) for one in uplink.refused] == [
        (R.NEEDS_PROFILE, "contact"),
        (R.NEEDS_PROFILE, "distance"),
    ]
    assert [row[0] for row in uplink.measured] == ["air_temperature"]


def test_a_profile_that_binds_fields_takes_those_and_no_others() -> None:
    bound = Profile.model_validate({"code": "z", "fields": {"t": "air_temperature"}})
    plain = mapped.decoder(shipped_maps()["soracom-beam"])
    uplink = plain(b'{"t": 20, "air_humidity": 50, "contact": true}', "", bound, LIMITS)
    assert [row[0] for row in uplink.measured] == ["air_temperature"]
    assert [(one.reason, one.part) for one in uplink.refused] == [
        (R.UNKNOWN_QUANTITY, "air_humidity"),
        (R.UNKNOWN_QUANTITY, "contact"),
    ]


def _sparkplug(profile: Profile | None, **metric: object) -> tuple[list[str], list[R]]:
    uplink = sparkplug.decode(payload({"alias": 1, "datatype": 9, **metric}), "DBIRTH", profile, LIMITS)
    return [row[0] for row in uplink.measured], [one.reason for one in uplink.refused]


def test_a_sparkplug_metric_is_taken_by_its_name_only_where_nothing_is_bound_and_nothing_in_doubt() -> None:
    assert _sparkplug(None, name="distance", float_value=95.0) == ([], [R.NEEDS_PROFILE])
    assert _sparkplug(None, name="distance", float_value=95.0, unit="cm") == (["distance"], [])
    assert _sparkplug(None, name="air/temperature", float_value=20.0) == (["air_temperature"], [])
    bound = Profile.model_validate({"code": "z", "fields": {"t": "air_temperature"}})
    assert _sparkplug(bound, name="air/humidity", float_value=50.0) == ([], [R.UNKNOWN_QUANTITY])


def test_senml_with_a_unit_keeps_its_contract() -> None:
    taken = senml.decode(b'[{"n": "distance", "u": "m", "v": 4.1}]', "", None, LIMITS)
    assert ([row[0] for row in taken.measured], taken.refused) == (["distance"], ())
    bare = senml.decode(b'[{"n": "distance", "v": 95.0}]', "", None, LIMITS)
    assert (list(bare.measured), [one.reason for one in bare.refused]) == ([], [R.NEEDS_PROFILE])


def test_what_a_map_reads_as_its_time_is_no_measurement_that_somebody_forgot() -> None:
    message = {"at": "2026/11/24 09:00:00", "seq": 1, "samples": [{"ts": 1795478400, "t": 20.5}]}
    uplink = mapped.decode(json.dumps(message).encode(), "", OUR_LOGGER, LIMITS)
    assert [row[:2] for row in uplink.measured] == [("air_temperature", 20.5)]
    assert uplink.refused == ()


def test_what_no_map_reads_is_still_named() -> None:
    flat = OUR_LOGGER.model_dump(exclude_unset=True)
    flat["map"]["rows"] = [{}]
    profile = Profile.model_validate(flat)
    uplink = mapped.decode(b'{"at": "2026/11/24 09:00:00", "seq": 1, "t": 20.5, "humi": 50}', "", profile, LIMITS)
    assert [one.part for one in uplink.refused] == ["humi"]
    assert isinstance(uplink.refused[0], Refused)


def test_every_length_pressure_speed_and_voltage_is_in_doubt_and_a_temperature_is_not() -> None:
    assert set(DOUBTED) <= NEED_A_PROFILE
    assert not NEED_A_PROFILE & {"air_temperature", "air_humidity", "air_co2", "wind_direction", "water_ph"}
