import struct
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode.common.limits import Limits
from ingest.decode.sparkplug import sparkplug
from ingest.decode.sparkplug.births import Births
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.rejection import RejectionReason as R
from schemas.uplink import Doubted, EventKind, Link, Measured, Uplink
from tests.decode.sparkplug import (
    DBIRTH,
    DDATA,
    DDATA_32_BITS,
    DEVICE,
    FIELDS,
    NBIRTH,
    NCMD,
    NDEATH,
    NODE,
    T0_MS,
    nbirth,
    payload,
)  # fmt: skip

LIMITS = Limits()
SLOPE = Profile.model_validate({"code": "slope", "fields": FIELDS})
T0_US = T0_MS * 1000


def births(*told: tuple[str, str, bytes]) -> Births:
    known = Births()
    for number, (event, sender, one) in enumerate(told, start=1):
        certificate = sparkplug.certificate(one, event, sender, hash(one), number, LIMITS)
        assert certificate is not None
        known.add(certificate)
    return known


BORN = births(("NBIRTH", NODE, NBIRTH), ("DBIRTH", DEVICE, DBIRTH))


def data(
    message: bytes, known: Births = BORN, sender: str = DEVICE, profile: Profile | None = SLOPE, *, again: bool = False
) -> Uplink:
    event = "DDATA" if sender.count("/") == 2 else "NDATA"
    look_up = partial(known.view, sender, received_us=1_000, again=again)
    return sparkplug.decode(message, event, profile, LIMITS, look_up)


def born(*metrics: dict[str, Any], at_ms: int = T0_MS) -> Births:
    """A device whose birth announces these metrics."""
    return births(("NBIRTH", NODE, NBIRTH), ("DBIRTH", DEVICE, payload(*metrics, at_ms=at_ms + 20, seq=1)))


def refusal(message: bytes, event: str = "DDATA") -> R:
    with pytest.raises(Undecodable) as refused:
        sparkplug.decode(message, event, SLOPE, LIMITS)
    return refused.value.reason


def test_a_birth_of_a_device_repeats_its_current_values() -> None:
    uplink = sparkplug.decode(DBIRTH, "DBIRTH", SLOPE, LIMITS)
    assert (uplink.kind, uplink.time_us, uplink.counter) == (EventKind.JOIN, T0_US + 20_000, 1)
    at_us = T0_US + 20_000
    assert [(*row[:4], row[4] or at_us) for row in uplink.measured] == [
        ("soil_temperature", 18.5, None, 0, at_us),
        ("slope_tilt_x", -250, "mdeg", 0, at_us),
        ("gate_state", False, None, 0, at_us),
        ("rain_total", 20106.5, "mm", 0, at_us),
    ], "the water level is null: nothing measured"
    assert uplink.refused == ()


def test_a_birth_of_a_node_measures_what_its_profile_names() -> None:
    profile = Profile.model_validate(
        {"code": "edge", "fields": {"link/rsrp": {"quantity": "link_margin", "unit": "dB"}}}
    )
    assert sparkplug.decode(NBIRTH, "NBIRTH", profile, LIMITS).measured == [Measured("link_margin", -97, "dB")]
    assert [one.part for one in sparkplug.decode(NBIRTH, "NBIRTH", None, LIMITS).refused] == ["link/rsrp"]


def test_data_is_read_by_the_names_and_types_of_its_birth() -> None:
    uplink = data(DDATA)
    assert (uplink.kind, uplink.time_us, uplink.counter) == (EventKind.UPLINK, T0_US + 60_000_000, 2)
    at_us = T0_US + 59_500_000
    assert uplink.measured == [
        Measured("soil_temperature", 18.75, None, 0, at_us),
        Measured("slope_tilt_x", -253, "mdeg", 0, at_us),
        Measured("paddy_water_level", 0.118, "m", 0, T0_US + 30_000_000),
        Measured("gate_state", Doubted(value=True), None, 0, at_us),
    ]
    assert uplink.refused == ()


def test_a_negative_number_is_the_same_in_16_bits_and_in_32() -> None:
    assert [row[1] for row in data(DDATA).measured if row[0] == "slope_tilt_x"] == [-253]
    assert data(DDATA_32_BITS).measured == [Measured("slope_tilt_x", -253, "mdeg")]


@pytest.mark.parametrize(
    ("datatype", "sent", "value"),
    [
        (1, {"int_value": 0xFF}, -1), (1, {"int_value": 0xFFFFFF80}, -128), (2, {"int_value": 0x8000}, -32768),
        (3, {"int_value": 0xFFFFFF9F}, -97), (4, {"long_value": 2**64 - 5}, -5), (5, {"int_value": 255}, 255),
        (7, {"int_value": 2**32 - 1}, 2**32 - 1), (7, {"long_value": 2**32 - 1}, 2**32 - 1),
        (8, {"long_value": 2**64 - 1}, 2**64 - 1), (9, {"float_value": 18.75}, 18.75),
        (10, {"double_value": 0.118}, 0.118), (13, {"long_value": T0_MS}, T0_MS),
    ],
)  # fmt: skip
def test_numbers_have_the_value_of_their_announced_type(datatype: int, sent: dict[str, Any], value: float) -> None:
    known = born({"name": "input/frequency", "alias": 1, "datatype": datatype})
    assert data(payload({"alias": 1, **sent}), known, profile=None).measured == [Measured("input_frequency", value)]


def test_a_value_of_another_type_than_announced_is_not_believed() -> None:
    known = born({"name": "input/frequency", "alias": 1, "datatype": 9})
    (aside,) = data(payload({"alias": 1, "int_value": 5}), known, profile=None).refused
    assert (aside.reason, aside.part) == (R.WRONG_SHAPE, "input/frequency")


def test_an_alias_belongs_to_the_node_and_all_its_devices() -> None:
    known = births(
        ("NBIRTH", NODE, nbirth({"name": "device/temperature", "alias": 1, "datatype": 10})),
        ("DBIRTH", DEVICE, payload({"name": "air/temperature", "alias": 2, "datatype": 10})),
        ("DBIRTH", f"{NODE}/paddy", payload({"name": "soil/moisture", "alias": 3, "datatype": 10})),
    )
    sent = payload(*({"alias": alias, "double_value": float(alias)} for alias in (1, 2, 3, 4)))
    uplink = data(sent, known, profile=None)
    assert uplink.measured == [Measured("device_temperature", 1.0), Measured("air_temperature", 2.0)]
    assert [(one.reason, one.part, one.detail) for one in uplink.refused] == [
        (R.NOT_BORN, "alias 3", "it was announced for paddy"),
        (R.NOT_BORN, "alias 4", "no birth announced it"),
    ]


def test_alias_0_is_an_alias_and_none_is_not() -> None:
    known = born({"name": "air/temperature", "alias": 0, "datatype": 10})
    assert data(payload({"alias": 0, "double_value": 1.0}), known, profile=None).measured
    (aside,) = data(payload({"double_value": 1.0}), known, profile=None).refused
    assert aside.reason == R.WRONG_SHAPE


def test_data_before_its_birth_is_set_aside_with_a_reason_that_says_so() -> None:
    for known in (Births(), births(("NBIRTH", NODE, NBIRTH))):
        with pytest.raises(Undecodable) as refused:
            data(DDATA, known)
        assert refused.value.reason == R.NOT_BORN


def test_data_with_names_needs_no_birth_unless_its_type_is_open() -> None:
    named = {"name": "air/temperature", "float_value": 18.5}
    assert data(payload(named), Births(), profile=None).measured == [Measured("air_temperature", 18.5)]
    with pytest.raises(Undecodable) as refused:
        data(payload({"name": "air/temperature", "int_value": 65283}), Births(), profile=None)
    assert refused.value.reason == R.NOT_BORN, "65283 may be -253"


@pytest.mark.parametrize(("quality", "doubted"), [(192, False), (200, False), (500, True), (64, True)])
def test_a_value_its_publisher_doubts_is_flagged(quality: int, doubted: bool) -> None:  # noqa: FBT001
    known = born({"name": "air/temperature", "alias": 1, "datatype": 10})
    (row,) = data(payload({"alias": 1, "double_value": 18.5, "quality": quality}), known, profile=None).measured
    assert row[1] == (Doubted(18.5) if doubted else 18.5)


def test_a_value_of_bad_quality_is_set_aside() -> None:
    known = born({"name": "air/temperature", "alias": 1, "datatype": 10})
    (aside,) = data(payload({"alias": 1, "double_value": 18.5, "quality": 0}), known, profile=None).refused
    assert (aside.reason, aside.value) == (R.BAD_QUALITY, 18.5)


@pytest.mark.parametrize("nothing", [{"is_null": True}, {}, {"double_value": 1.0, "is_transient": True}], ids=str)
def test_null_absent_and_transient_values_measure_nothing(nothing: dict[str, Any]) -> None:
    known = born({"name": "air/temperature", "alias": 1, "datatype": 10})
    uplink = data(payload({"alias": 1, **nothing}), known, profile=None)
    assert (uplink.measured, uplink.refused) == ([], ())


def test_the_unit_of_the_birth_wins_over_that_of_the_profile() -> None:
    known = born({"name": "water/level", "alias": 1, "datatype": 10, "unit": "mm"})
    assert data(payload({"alias": 1, "double_value": 5.0}), known).measured == [
        Measured("paddy_water_level", 5.0, "mm")
    ]


def test_every_metric_has_its_own_time_else_that_of_the_message_else_none() -> None:
    known = born({"name": "air/temperature", "alias": 1, "datatype": 10})
    value = {"alias": 1, "double_value": 1.0}
    own = data(payload({**value, "timestamp": T0_MS + 5_000}, at_ms=T0_MS + 9_000), known, profile=None)
    assert (own.time_us, own.measured[0][4]) == (T0_US + 9_000_000, T0_US + 5_000_000)
    message = data(payload(value, at_ms=T0_MS + 9_000), known, profile=None)
    assert (message.time_us, message.measured[0][4]) == (T0_US + 9_000_000, None)
    neither = data(payload(value, at_ms=None), known, profile=None)
    assert (neither.time_us, neither.measured[0][4]) == (None, None)


def test_a_metric_as_old_as_its_own_birth_is_of_the_time_of_its_message() -> None:
    """A common library gives every metric the time its process was started."""
    known = born({"name": "air/temperature", "alias": 1, "datatype": 10, "timestamp": T0_MS - 7_000})
    value = {"alias": 1, "double_value": 1.0, "timestamp": T0_MS - 7_000}
    assert data(payload(value, at_ms=T0_MS + 9_000), known, profile=None).measured[0][4] is None
    history = data(payload({**value, "is_historical": True}, at_ms=T0_MS + 9_000), known, profile=None)
    assert history.measured[0][4] == T0_US - 7_000_000


@pytest.mark.parametrize(
    ("datatype", "packed", "values"),
    [
        (23, struct.pack("<2h", -30, 30), [-30, 30]), (30, struct.pack("<2f", 1.5, -2.5), [1.5, -2.5]),
        (31, struct.pack("<2d", 1.5, -2.5), [1.5, -2.5]), (29, struct.pack("<Q", 7), [7]), (22, b"", []),
    ],
)  # fmt: skip
def test_an_array_is_a_reading_for_each_channel(datatype: int, packed: bytes, values: list[float]) -> None:
    known = born({"name": "input/frequency", "alias": 1, "datatype": datatype})
    uplink = data(payload({"alias": 1, "bytes_value": packed}), known, profile=None)
    assert uplink.measured == [Measured("input_frequency", value, None, place) for place, value in enumerate(values)]


def test_arrays_of_booleans_begin_with_the_highest_bit_and_those_of_texts_end_with_nul() -> None:
    known = born({"name": "motion", "alias": 1, "datatype": 32}, {"name": "leak", "alias": 2, "datatype": 33})
    packed = struct.pack("<I", 10) + bytes([0b10100000, 0b01000000])
    uplink = data(
        payload({"alias": 1, "bytes_value": packed}, {"alias": 2, "bytes_value": b"on\0off\0"}), known, profile=None
    )
    states = [row[1] for row in uplink.measured]
    assert states[:10] == [True, False, True, False, False, False, False, False, False, True]
    assert states[10:] == ["on", "off"]


def test_a_profile_says_where_bits_begin_in_the_other_order() -> None:
    known = born({"name": "motion", "alias": 1, "datatype": 32})
    packed = payload({"alias": 1, "bytes_value": struct.pack("<I", 3) + bytes([0b00000110])})
    swapped = Profile.model_validate({"code": "low", "fields": {}, "sparkplug_bits": "low_first"})
    for profile in (None, SLOPE.model_copy(update={"fields": {}}), swapped):
        uplink = data(packed, known, profile=profile)
        states = [row[1] for row in uplink.measured]
        assert states == ([False, True, True] if profile is swapped else [False] * 3)


@pytest.mark.parametrize(
    ("datatype", "packed"),
    [
        (23, b"\x01\x00\x02"),
        (30, b"\x00" * 6),
        (34, b"\x00" * 12),  # items of 6 bytes
        (32, b"\x01\x00\x00"),
        (32, struct.pack("<I", 9) + b"\xff"),
    ],
)
def test_an_array_that_does_not_come_out_even_is_refused_as_a_whole(datatype: int, packed: bytes) -> None:
    known = born({"name": "input/frequency", "alias": 1, "datatype": datatype})
    uplink = data(payload({"alias": 1, "bytes_value": packed}), known, profile=None)
    assert uplink.measured == []
    ((reason, part, *_),) = uplink.refused
    assert (reason, part) == (R.WRONG_SHAPE, "input/frequency")


@pytest.mark.parametrize(
    ("datatype", "sent"), [(16, "dataset_value"), (17, "bytes_value"), (18, "bytes_value"), (19, "template_value")]
)
def test_what_is_no_single_value_is_set_aside_by_its_name(datatype: int, sent: str) -> None:
    known = born({"name": "air/temperature", "alias": 1, "datatype": datatype})
    (aside,) = data(payload({"alias": 1, sent: b"\x08\x01"}), known, profile=None).refused
    assert (aside.reason, aside.part) == (R.NOT_A_NUMBER, "air/temperature")
    assert "is no single value" in aside.detail


def test_deaths_measure_nothing_and_have_the_time_their_publisher_gave() -> None:
    assert sparkplug.decode(NDEATH, "NDEATH", SLOPE, LIMITS) == Uplink(
        EventKind.OTHER, T0_US, None, [], Link(more={"event": "NDEATH", "bd_seq": 7})
    )
    ddeath = sparkplug.decode(payload(at_ms=T0_MS + 5, seq=9), "DDEATH", SLOPE, LIMITS)
    assert (ddeath.time_us, ddeath.measured) == (T0_US + 5_000, [])


def test_commands_and_host_states_are_no_messages_of_a_device() -> None:
    for event in ("NCMD", "DCMD", "STATE", ""):
        assert refusal(NCMD, event) == R.UNSUPPORTED_EVENT


@pytest.mark.parametrize(
    ("message", "reason"),
    [(b"", R.EMPTY_PAYLOAD), (b"\xff\xff", R.MALFORMED), (b'{"a": 1}', R.MALFORMED), (DDATA[:-3], R.MALFORMED)],
)
def test_what_is_no_payload_is_set_aside(message: bytes, reason: R) -> None:
    assert refusal(message) == reason


def test_a_payload_larger_than_the_limit_is_not_read() -> None:
    for limits, reason in [(Limits(max_bytes=20), R.TOO_LARGE), (Limits(max_elements=2), R.TOO_MANY_ELEMENTS)]:
        with pytest.raises(Undecodable) as refused:
            sparkplug.decode(DDATA, "DDATA", SLOPE, limits)
        assert refused.value.reason == reason


@given(
    values=st.lists(st.floats(-30, 40, width=32) | st.integers(-(2**31), 2**31 - 1) | st.booleans(), max_size=6),
    times=st.lists(st.integers(T0_MS + 100, T0_MS + 10**9), min_size=6, max_size=6),
)
def test_what_a_node_announced_and_sent_comes_back(values: list[float | bool], times: list[int]) -> None:
    def kind(value: object) -> tuple[int, str]:
        if isinstance(value, bool):
            return 11, "boolean_value"
        return (3, "int_value") if isinstance(value, int) else (9, "float_value")

    known = born(*({"name": f"m{n}", "alias": n, "datatype": kind(value)[0]} for n, value in enumerate(values)))
    profile = Profile.model_validate(
        {
            "code": "all",
            "fields": {
                f"m{n}": {"quantity": "contact" if isinstance(value, bool) else "input_frequency", "channel": n}
                for n, value in enumerate(values)
            },
        }
    )
    metrics = []
    for n, value in enumerate(values):
        field = kind(value)[1]
        sent = value & 0xFFFFFFFF if field == "int_value" and isinstance(value, int) else value
        metrics.append({"alias": n, field: sent, "timestamp": times[n]})
    uplink = data(payload(*metrics, at_ms=T0_MS + 50), known, profile=profile)
    assert [(row[1], row[3], row[4]) for row in uplink.measured] == [
        (value, n, times[n] * 1000) for n, value in enumerate(values)
    ]


@given(message=st.binary(max_size=200), event=st.sampled_from(["NBIRTH", "DBIRTH", "NDATA", "DDATA", "NDEATH"]))
def test_any_bytes_announce_something_or_are_undecodable(message: bytes, event: str) -> None:
    try:
        certificate = sparkplug.certificate(message, event, DEVICE, 1, 1, LIMITS)
    except Undecodable:
        return
    if certificate is not None:
        Births([certificate])
