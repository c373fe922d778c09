import pytest

from ingest.decode.chirpstack import json as chirpstack
from ingest.decode.common.limits import Limits
from ingest.decode.things_stack import things_stack
from ingest.errors import Undecodable
from ingest.validate.values import ClockPolicy, Validated, validate
from schemas.profiles import shipped_profiles
from schemas.quantity import BY_CODE, CATALOGUE
from schemas.reading import Quality
from schemas.uplink import Uplink
from tests.decode.envelopes import TIME, chirpstack_up, examples, things_stack_up
from tests.decode.expected_examples import EXPECTED, Values

RECEIVED_US = 1_795_478_401_000_000
"""A second after the envelopes' time."""


def decoded(server: str, example_id: int) -> Uplink:
    profile = shipped_profiles()[EXPECTED[example_id].profile]
    if server == "chirpstack":
        return chirpstack.decode(chirpstack_up(examples()[example_id]), "up", profile, Limits())
    return things_stack.decode(things_stack_up(examples()[example_id]), "up", profile, Limits())


def interpreted(uplink: Uplink) -> Validated:
    return validate(uplink, 1, RECEIVED_US, ClockPolicy())


def by_quantity(found: Validated) -> Values:
    codes = {quantity.id: quantity.code for quantity in CATALOGUE}
    return {(codes[quantity_id], channel): value for _, value, _, quantity_id, channel, _ in found.readings}


def test_every_example_is_in_the_table() -> None:
    assert sorted(EXPECTED) == sorted(examples())


@pytest.mark.parametrize("server", ["chirpstack", "things_stack"])
@pytest.mark.parametrize("example_id", sorted(EXPECTED))
def test_an_example_is_stored_as_the_table_says_whichever_server_publishes_it(server: str, example_id: int) -> None:
    expected = EXPECTED[example_id]
    if expected.message is not None:
        with pytest.raises(Undecodable) as refusal:
            decoded(server, example_id)
        assert refusal.value.reason == expected.message
        return
    found = interpreted(decoded(server, example_id))
    assert by_quantity(found) == pytest.approx(expected.values, rel=1e-9)
    assert tuple(refused.reason for refused in found.refused) == expected.reasons
    assert len(found.readings) == len(expected.values)


def test_an_example_without_output_of_its_codec_has_no_values_in_the_table() -> None:
    for example_id, example in examples().items():
        assert (EXPECTED[example_id].message is not None) == bool(example["errors"])


def test_a_probe_in_air_is_stored_below_zero_and_flagged() -> None:
    found = interpreted(decoded("chirpstack", 3))
    flags = {row[3]: row[5] for row in found.readings}
    assert flags[BY_CODE["soil_moisture"].id] == Quality.RANGE
    assert flags[BY_CODE["soil_temperature"].id] is None


def test_identical_bytes_mean_what_the_profile_says() -> None:
    assert examples()[15]["bytes_hex"] == examples()[17]["bytes_hex"]
    par, solar = (by_quantity(interpreted(decoded("chirpstack", example_id))) for example_id in (15, 17))
    assert par.keys() - solar.keys() == {("radiation_par", 0)}
    assert solar.keys() - par.keys() == {("radiation_solar", 0)}


@pytest.mark.parametrize("example_id", [79, 95, 125])
def test_start_up_and_version_frames_measure_nothing_and_refuse_nothing(example_id: int) -> None:
    uplink = decoded("things_stack", example_id)
    assert uplink.measured == []
    assert uplink.refused == ()
    assert uplink.link is not None


def test_the_envelopes_carry_the_time_they_say() -> None:
    assert TIME.startswith("2026-11-24T00:00:00")
    for server in ("chirpstack", "things_stack"):
        assert decoded(server, 56).time_us == 1_795_478_400_348_112


def test_without_a_profile_the_normalized_payload_is_read() -> None:
    uplink = things_stack.decode(things_stack_up(examples()[97]), "up", None, Limits())
    assert by_quantity(interpreted(uplink)) == {
        ("air_temperature", 0): 22.6,
        ("air_humidity", 0): 41,
        ("light_illuminance", 0): 39,
        ("motion", 0): 1,
        ("motion_count", 0): 6,
    }
    assert uplink.refused == ()


def test_without_a_profile_the_template_s_wind_is_read_and_its_elevation_is_no_measurement() -> None:
    uplink = things_stack.decode(things_stack_up(examples()[127]), "up", None, Limits())
    assert by_quantity(interpreted(uplink)) == {("wind_speed", 0): 16.4608, ("wind_direction", 0): 0}
    assert uplink.refused == ()
