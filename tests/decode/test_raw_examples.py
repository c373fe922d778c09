"""The 30 real examples from their bytes alone, without what the vendor's codec made of them."""

import pytest

from ingest.decode.chirpstack import json as chirpstack
from ingest.decode.common import fields
from ingest.decode.common.limits import Limits
from ingest.decode.frame import raw
from ingest.decode.things_stack import things_stack
from ingest.errors import Undecodable
from ingest.validate.values import ClockPolicy, Validated, validate
from schemas.profile import Profile
from schemas.profiles import shipped_profiles
from schemas.rejection import RejectionReason
from schemas.uplink import Uplink
from tests.decode.envelopes import Example, chirpstack_up, examples, things_stack_up
from tests.decode.expected_examples import EXPECTED, Expected
from tests.decode.test_real_examples import RECEIVED_US, by_quantity

NOT_LINEAR = {23: ("light_illuminance", 0)}
"""Illuminance of this one is the larger of two formulas over two words."""


LEFT_IN_QUARANTINE = {23: (RejectionReason.UNKNOWN_QUANTITY,), 112: (RejectionReason.UNKNOWN_QUANTITY,)}
"""Its two words of light, and the samples before this one: nothing of a frame is dropped without a trace."""


def expected_from_bytes(example_id: int) -> Expected:
    expected = EXPECTED[example_id]
    missing = NOT_LINEAR.get(example_id)
    reasons = expected.reasons + LEFT_IN_QUARANTINE.get(example_id, ())
    values = {key: value for key, value in expected.values.items() if key != missing}
    return expected._replace(values=values, reasons=reasons)


def undecoded(example_id: int) -> Example:
    return {**examples()[example_id], "decoded": None, "normalized": None}


def decoded(server: str, example_id: int, profile: Profile) -> Uplink:
    if server == "chirpstack":
        return chirpstack.decode(chirpstack_up(undecoded(example_id)), "up", profile, Limits())
    return things_stack.decode(things_stack_up(undecoded(example_id)), "up", profile, Limits())


def interpreted(uplink: Uplink) -> Validated:
    return validate(uplink, 1, RECEIVED_US, ClockPolicy())


def test_all_but_one_of_the_examples_are_whole_from_their_bytes() -> None:
    assert len(EXPECTED) - len(NOT_LINEAR) == 29


@pytest.mark.parametrize("server", ["chirpstack", "things_stack"])
@pytest.mark.parametrize("example_id", sorted(EXPECTED))
def test_bytes_alone_are_stored_as_the_codec_would_have_it(server: str, example_id: int) -> None:
    expected = expected_from_bytes(example_id)
    profile = shipped_profiles()[expected.profile]
    if expected.message is not None:
        with pytest.raises(Undecodable) as refusal:
            decoded(server, example_id, profile)
        assert refusal.value.reason == expected.message
        return
    found = interpreted(decoded(server, example_id, profile))
    assert by_quantity(found) == pytest.approx(expected.values, rel=1e-9)
    assert tuple(refused.reason for refused in found.refused) == expected.reasons


def test_the_codec_s_output_is_preferred_unless_the_profile_trusts_only_the_bytes() -> None:
    lying = {**examples()[56], "decoded": {"battery": 1}}
    usual = shipped_profiles()["milesight-em500-smt"]
    own = usual.model_copy(update={"decode": "raw"})
    values = [
        [row[1] for row in chirpstack.decode(chirpstack_up(lying), "up", profile, Limits()).measured]
        for profile in (usual, own)
    ]
    assert values == [[1.0], [100, 56.5]]


def test_a_frame_without_port_or_bytes_measures_nothing() -> None:
    profile = shipped_profiles()["milesight-em500-smt"]
    assert raw.readings(profile, None, "AXVk", 0, None) == ([], [])
    assert raw.readings(profile, None, None, 85, None) == ([], [])


def test_bytes_that_are_not_base64_have_a_reason() -> None:
    with pytest.raises(Undecodable, match="base64"):
        raw.readings(shipped_profiles()["milesight-em500-smt"], None, "A*==", 85, None)


def test_answers_to_configuration_commands_measure_nothing() -> None:
    netvox = shipped_profiles()["netvox-r718ab"]
    assert raw.read(bytes.fromhex("8113000000000000000000"), 7, netvox, None) == ([], [])


def test_a_report_of_the_same_product_is_read_with_signs_and_without_its_flag() -> None:
    netvox = shipped_profiles()["netvox-r718ab"]
    measured, refused = raw.read(bytes.fromhex("0113019fff381a0a000000"), 6, netvox, None)
    assert [one.value for one in measured] == [3.1, -2.0, 66.66]
    assert refused == []


def of(code: str, frame: str) -> tuple[dict[str, object], list[str]]:
    """Quantity -> value, and what waits in quarantine."""
    port = 15 if code == "ellenex-pls2-l" else None
    measured, refused = raw.read(bytes.fromhex(frame), port, shipped_profiles()[code], None)
    return {one.quantity: pytest.approx(one.value) for one in measured}, [one.part for one in refused]


def test_the_newer_frames_of_the_weather_station_are_read() -> None:
    weather = "01" "00fb" "2d" "00001f40" "05" "0011" "02" "00b4" "00000bb8" "277e" "03" "64"  # fmt: skip
    assert of("sensecap-s2120", weather) == (
        {
            "air_temperature": 25.1, "air_humidity": 45, "light_illuminance": 8000, "wind_speed": 1.7,
            "wind_direction": 180, "rain_intensity": 3, "air_pressure": 101_100, "battery_level": 100,
        },
        [],
    )  # fmt: skip
    assert of("sensecap-s2120", "0101109853000001" "0210a87a0000af51") == (
        {"air_temperature": 21.4, "air_humidity": 31.4}, []
    )  # fmt: skip


def test_a_frame_without_the_byte_ahead_is_read_too() -> None:
    assert of("talkpool-oy1110", "3c3582")[0] == of("talkpool-oy1110", "003c3582")[0]
    assert of("talkpool-oy1110", "3c35823c3582")[1] == ["rest"]


@pytest.mark.parametrize(
    ("code", "frame", "waiting"),
    [
        ("decentlab-dl-dws", "0203d400033bf67fff3bf60c60", "frequency_words"),
        ("decentlab-dl-iam", "020bbd000802620069", "illuminance_words"),
        ("ellenex-pls2-l", "0001020304050624", "level_words"),
    ],
)
def test_words_that_no_layout_can_read_wait_in_quarantine(code: str, frame: str, waiting: str) -> None:
    assert waiting in of(code, frame)[1]


def test_what_stands_beside_the_value_of_a_record_leaves_a_trace() -> None:
    record = {"measurementId": 4097, "measurementValue": 21.4, "type": "Air Temperature", "timestamp": 1}
    measured, refused = fields.read({"messages": [record]}, shipped_profiles()["sensecap-s2120"])
    assert ([one.value for one in measured], [one.part for one in refused]) == ([21.4], ["timestamp"])


def test_a_history_is_set_aside_and_not_ignored() -> None:
    _, refused = fields.read({"history": [{"latitude": 35.0}]}, shipped_profiles()["milesight-at101"])
    assert [one.part for one in refused] == ["history"]
