import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode.chirpstack import json as chirpstack
from ingest.decode.common.limits import Limits
from ingest.decode.frame import cayenne, raw
from ingest.decode.things_stack import things_stack
from ingest.errors import Undecodable
from schemas.layout import Cayenne
from schemas.profile import Profile
from schemas.profiles import shipped_profiles
from schemas.rejection import RejectionReason
from schemas.uplink import Measured, Uplink
from tests.decode.envelopes import chirpstack_up, examples, things_stack_up
from tests.decode.named import named

USUAL = Cayenne()
SHIPPED = shipped_profiles()["cayenne-lpp"]
LONG = "0167ffd70268a3037327660402fff405880571cbfffb04001036"


def found(hex_: str, options: Cayenne = USUAL) -> list[tuple[str, int | None, object]]:
    return [(piece.name, piece.channel, piece.value) for piece in cayenne.of_frame(bytes.fromhex(hex_), options)]


def test_two_temperatures_keep_their_channels() -> None:
    assert found("03670110056700ff") == [("temperature", 3, 27.2), ("temperature", 5, 25.5)]


def test_signs_scales_and_three_byte_numbers_are_read() -> None:
    assert found(LONG) == [
        ("temperature", 1, -4.1),
        ("relative_humidity", 2, 81.5),
        ("barometric_pressure", 3, 1008.6),
        ("analog_in", 4, -0.12),
        ("gps_latitude", 5, 35.6811),
        ("gps_longitude", 5, -0.1276),
        ("gps_altitude", 5, 41.5),
    ]


def test_an_unknown_type_is_not_passed_over_in_silence() -> None:
    *before, lost = cayenne.of_frame(bytes.fromhex("0167011002fe00aa"), USUAL)
    assert [piece.value for piece in before] == [27.2]
    assert (lost.refused, lost.at, lost.raw) == (RejectionReason.UNKNOWN_QUANTITY, 4, "02fe00aa")
    assert "0xfe at byte 4" in lost.detail


def test_a_frame_that_breaks_off_keeps_what_came_before() -> None:
    *before, lost = cayenne.of_frame(bytes.fromhex("01670110026701"), USUAL)
    assert [piece.value for piece in before] == [27.2]
    assert (lost.name, lost.refused, lost.at) == ("temperature", RejectionReason.WRONG_SHAPE, 4)


@pytest.mark.parametrize(
    ("hex_", "reason"),
    [
        ("02fe00", RejectionReason.UNKNOWN_QUANTITY),
        ("0167", RejectionReason.WRONG_SHAPE),
        ("01", RejectionReason.WRONG_SHAPE),
    ],
)
def test_a_frame_of_which_nothing_can_be_read_has_a_reason(hex_: str, reason: RejectionReason) -> None:
    with pytest.raises(Undecodable) as refusal:
        cayenne.of_frame(bytes.fromhex(hex_), USUAL)
    assert refusal.value.reason == reason


def test_every_type_of_the_table_has_its_size_scale_and_sign() -> None:
    frame = (
        "010001 010101 0102fff4 0103000c 016400000102 016500ff 016601 01670110 016864 0171fff6000a03e8 01732766"
        "017404d2 017503e8 017600000032 017864 0179fff6 017afffc18 017d0190 01800064 0182000009c4 0183000003e8 0184010e"
        "018566000000 0186ff9c00640000 0187010203 01880571cbfffb04001036 018e01"
    ).replace(" ", "")
    assert [value for _, _, value in found(frame)] == [
        1, 1, -0.12, 0.12, 258, 255, 1, 27.2, 50.0, -0.01, 0.01, 1.0, 1008.6,
        12.34, 1.0, 50, 100, -10, -1.0, 400, 100, 2.5, 1.0, 270,
        0x66000000, -1.0, 1.0, 0.0, 1, 2, 3, 35.6811, -0.1276, 41.5, 1,
    ]  # fmt: skip


def test_voltage_and_current_are_signed_where_the_profile_says_so() -> None:
    frame = "0174ff9c0275fc18"
    assert found(frame) == [("voltage", 1, 654.36), ("current", 2, 64.536)]
    assert found(frame, Cayenne(signed_electric=True)) == [("voltage", 1, -1.0), ("current", 2, -1.0)]


def test_a_polyline_says_its_size_and_what_follows_is_read() -> None:
    first, second = cayenne.of_frame(bytes.fromhex("01f003aabbcc02670110"), USUAL)
    assert first.refused == RejectionReason.UNKNOWN_QUANTITY
    assert (second.value, second.channel) == (27.2, 2)


def test_the_same_channel_and_type_again_is_kept_aside_or_on_a_channel_of_its_own() -> None:
    first, second = cayenne.of_frame(bytes.fromhex("01670110016700ff"), USUAL)
    assert (first.refused, second.refused, second.value) == (None, RejectionReason.WRONG_SHAPE, 25.5)
    apart = Cayenne(repeat_channel=100)
    assert found("01670110016700ff", apart) == [("temperature", 1, 27.2), ("temperature", 101, 25.5)]


def test_a_unix_time_is_a_number_unless_the_profile_says_that_it_is_the_time_of_what_follows() -> None:
    frame = bytes.fromhex("01856a2f0f9801670110")
    assert [piece.name for piece in cayenne.of_frame(frame, USUAL)] == ["unix_time", "temperature"]
    (temperature,) = cayenne.of_frame(frame, Cayenne(time_of_following=True))
    assert temperature.time_us == 0x6A2F0F98 * 1_000_000


CHIRPSTACK_OBJECT = {
    "temperatureSensor": {"1": -4.1},
    "humiditySensor": {"2": 81.5},
    "barometer": {"3": 1008.6},
    "analogInput": {"4": -0.12},
    "gpsLocation": {"5": {"latitude": 35.6811, "longitude": -0.1276, "altitude": 41.5}},
}
THINGS_STACK_OBJECT = {
    "temperature_1": -4.099999904632568,
    "relative_humidity_2": 81.5,
    "barometric_pressure_3": 1008.5999755859375,
    "analog_in_4": -0.11999999731779099,
    "gps_5": {"latitude": 35.68109893798828, "longitude": -0.12759999930858612, "altitude": 41.5},
}


def measured(uplink: Uplink) -> list[Measured]:
    assert uplink.refused == ()
    return [one._replace(time_us=None) for one in named(uplink)]


def frame(decoded: object) -> Any:
    return {**examples()[56], "bytes_hex": LONG, "decoded": decoded, "normalized": None}


def test_bytes_and_both_decoded_shapes_give_equal_readings() -> None:
    from_bytes = measured(chirpstack.decode(chirpstack_up(frame(None)), "up", SHIPPED, Limits()))
    assert [(one.quantity, one.channel, one.value) for one in from_bytes] == [
        ("air_temperature", 1, -4.1),
        ("air_humidity", 2, 81.5),
        ("air_pressure", 3, 1008.6),
        ("position_latitude", 5, 35.6811),
        ("position_longitude", 5, -0.1276),
        ("position_altitude", 5, 41.5),
    ]
    for uplink in (
        things_stack.decode(things_stack_up(frame(None)), "up", SHIPPED, Limits()),
        chirpstack.decode(chirpstack_up(frame(CHIRPSTACK_OBJECT)), "up", SHIPPED, Limits()),
        things_stack.decode(things_stack_up(frame(THINGS_STACK_OBJECT)), "up", SHIPPED, Limits()),
    ):
        assert measured(uplink) == from_bytes


def test_a_channel_may_be_bound_to_another_quantity_than_its_type() -> None:
    profile = Profile.model_validate(
        {"code": "x", "cayenne": {}, "fields": {"temperature": "air_temperature", "temperature_5": "soil_temperature"}}
    )
    readings, refused = raw.read(bytes.fromhex("03670110056700ff"), None, profile, None)
    assert refused == []
    assert [(one.quantity, one.channel) for one in readings] == [("air_temperature", 3), ("soil_temperature", 0)]


def test_look_alike_frames_of_other_vendors_are_not_taken_for_cayenne() -> None:
    battery, _ = raw.read(bytes.fromhex("017564"), 85, shipped_profiles()["milesight-em500-smt"], None)
    assert [(one.quantity, one.value) for one in battery] == [("battery_level", 100)]


@given(st.binary(max_size=60), st.builds(Cayenne, signed_electric=st.booleans(), time_of_following=st.booleans()))
def test_any_bytes_decode_or_are_undecodable_and_no_byte_is_claimed_twice(content: bytes, options: Cayenne) -> None:
    try:
        pieces = cayenne.of_frame(content, options)
    except Undecodable:
        return
    spans = [(piece.at, piece.at + piece.size) for piece in pieces]
    assert all(0 <= start <= end <= len(content) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@given(
    st.lists(
        st.tuples(st.integers(0, 255), st.integers(-32768, 32767)),
        min_size=1,
        max_size=20,
        unique_by=lambda one: one[0],
    )
)
def test_what_was_encoded_is_decoded(records: list[tuple[int, int]]) -> None:
    content = b"".join(bytes((channel, 0x67)) + tenths.to_bytes(2, "big", signed=True) for channel, tenths in records)
    assert found(content.hex()) == [("temperature", channel, tenths / 10) for channel, tenths in records]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["1", "3", "x", "latitude"]), inner),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(["temperatureSensor", "gpsLocation", "temperature_3", "gps_1", "x_"]), JSON_VALUES)
)
def test_any_decoded_object_is_survived(decoded: dict[str, object]) -> None:
    profile = shipped_profiles()["cayenne-lpp"]
    payload = json.loads(chirpstack_up(frame(None)))
    payload["object"] = decoded
    chirpstack.decode(
        json.dumps(payload, allow_nan=True).replace("Infinity", "1e300").encode(), "up", profile, Limits()
    )
