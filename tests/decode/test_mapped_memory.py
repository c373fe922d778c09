"""A map remembers what names mean: what it says must not hang on what it has read before."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ingest.decode.common.limits import Limits
from ingest.decode.mapped import mapped
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.uplink import Uplink

MAP = {
    "code": "own",
    "ignore": ["Id", "*.Id", "*.Serial", "BME280.Pressure"],
    "fields": {
        "BME280.Temperature": {"quantity": "air_temperature", "unit": "Cel"},
        "*.Humidity": {"quantity": "air_humidity", "unit": "%"},
        "*.Id": {"quantity": "device_uptime", "unit": "s"},
        "BME280.Pressure": "air_pressure",
    },
    "map": {"rows": [{"nested": True, "units": {"Temperature": "TempUnit"}}]},
}
DEVICE = Profile.model_validate({"code": "device", "fields": {"DS18B20.Temperature": "soil_temperature"}})
NAMES = st.sampled_from(
    [
        "Temperature",
        "Humidity",
        "Pressure",
        "Id",
        "Serial",
        "TempUnit",
        "soil_moisture",
        "Nobody",
        "BME280",
        "DS18B20",
        "AM2301",
    ]
)
VALUES = st.none() | st.integers(-40, 2000) | st.floats(-40, 2000) | st.sampled_from(["F", "18.5", "N/A", True])
MESSAGES = st.dictionaries(NAMES, VALUES | st.dictionaries(NAMES, VALUES, max_size=4), min_size=1, max_size=4)


def read(decode: Any, message: dict[str, Any], profile: Profile | None) -> Uplink | str:
    try:
        uplink: Uplink = decode(json.dumps(message).encode(), "", profile, Limits())
    except Undecodable as bad:
        return bad.detail
    return uplink


@given(st.lists(st.tuples(MESSAGES, st.sampled_from([None, DEVICE])), min_size=1, max_size=12))
def test_a_message_means_the_same_to_a_map_that_has_read_others(
    messages: list[tuple[dict[str, Any], Profile | None]],
) -> None:
    old = mapped.decoder(Profile.model_validate(MAP))
    for message, profile in messages:
        new = mapped.decoder(Profile.model_validate(MAP))
        assert read(old, message, profile) == read(new, message, profile)
        assert read(old, message, profile) == read(new, message, profile), "the second time, when both remember"


def test_names_that_anybody_can_make_up_do_not_fill_the_memory() -> None:
    profile = Profile.model_validate(MAP)
    bindings = mapped._bindings(profile, None, frozenset(), {})
    for number in range(2_000):
        assert mapped._look_up(f"made-up-{number}", bindings) is None
        assert mapped._look_up(f"sensor-{number}.Humidity", bindings) is profile.fields["*.Humidity"]
    assert not any(name.startswith("made-up") for name in bindings.known)
    assert len(bindings.known) == mapped._REMEMBERED


def test_what_is_ignored_is_ignored_by_a_full_memory_too() -> None:
    decode = mapped.decoder(Profile.model_validate(MAP))
    for number in range(mapped._REMEMBERED):
        read(decode, {f"sensor-{number}": {"Humidity": 50}}, None)
    new = mapped.decoder(Profile.model_validate(MAP))
    for message in ({"Late": {"Serial": 7}, "BME280": {"Temperature": 18}}, {"Late": {"Nobody": 7, "Humidity": 50}}):
        assert read(decode, message, None) == read(new, message, None)
