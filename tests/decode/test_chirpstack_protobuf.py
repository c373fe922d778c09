"""ChirpStack in protobuf says what it says in JSON."""

import base64
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decode.chirpstack import message as chirpstack_message
from ingest.decode.chirpstack.wire import is_protobuf
from ingest.decode.common.limits import Limits
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Measured, Uplink
from tests.decode.chirpstack_vectors import WIRE, new_message, protobuf_up
from tests.decode.test_chirpstack import PADDY, TIME_US, UP

STATUS_US = 1_781_471_400_120_000


def decode(payload: bytes, event: str = "up", profile: Profile | None = PADDY) -> Uplink:
    return chirpstack_message.decode(payload, event, profile, Limits())


def refusal(payload: bytes, event: str = "up") -> RejectionReason:
    with pytest.raises(Undecodable) as refused:
        decode(payload, event)
    return refused.value.reason


def an_event(name: str = "up") -> Any:
    event = new_message(name)
    event.time.seconds = STATUS_US // 1_000_000
    return event


def more(uplink: Uplink) -> Any:
    assert uplink.link is not None
    return uplink.link.more


def test_the_same_uplink_in_json_and_in_protobuf_is_the_same_uplink() -> None:
    from_json, from_wire = decode(json.dumps(UP).encode()), decode(WIRE["up"])
    assert from_wire._replace(measured=[]) == from_json._replace(measured=[])
    assert sorted(map(str, from_wire.measured)) == sorted(map(str, from_json.measured)), "a map has no order"
    assert (from_wire.time_us, from_wire.counter) == (TIME_US, 1042)


def test_a_document_written_in_protobuf_is_read_as_the_server_s_own() -> None:
    ours = UP | {"data": base64.b64decode(UP["data"])}
    assert more(decode(protobuf_up(ours))) == more(decode(WIRE["up"]))


def test_a_battery_level_of_a_status_counts_only_when_it_is_one() -> None:
    unavailable, level = decode(WIRE["status"], "status"), decode(WIRE["status_battery"], "status")
    assert (unavailable.kind, unavailable.time_us) == (EventKind.STATUS, STATUS_US)
    assert unavailable.measured == [Measured("link_margin", 7)]
    assert level.measured == [Measured("link_margin", -5), Measured("battery_level", 81.5)]


def test_a_join_names_address_and_relay() -> None:
    uplink = decode(WIRE["join"], "join")
    assert (uplink.kind, uplink.time_us) == (EventKind.JOIN, STATUS_US)
    assert more(uplink)["dev_addr"] == "0182ab7c"
    assert more(uplink)["relay"]["rssi"] == -82


def test_the_numbers_of_a_log_are_named() -> None:
    uplink = decode(WIRE["log"], "log")
    assert uplink.kind == EventKind.LOG
    assert more(uplink) == {
        "level": "ERROR",
        "code": "UPLINK_CODEC",
        "description": "unexpected token",
        "context": {"deduplication_id": "1b0d2f0a-6a0b-4a55-9a5e-c0f3d1a0b7e1"},
    }
    strange = new_message("log")
    strange.level, strange.code = 9, 99
    assert more(decode(strange.SerializeToString(), "log"))["code"] == "99"


def test_acknowledgement_transmission_and_position_are_read() -> None:
    assert more(decode(WIRE["ack"], "ack")) == {"event": "ack", "acknowledged": True, "f_cnt_down": 12}
    assert more(decode(WIRE["txack"], "txack"))["power_dbm"] == 13
    assert decode(WIRE["location"], "location").measured == [
        Measured("position_latitude", 35.68),
        Measured("position_longitude", 139.77),
        Measured("position_altitude", 41.0),
    ]


def test_a_relayed_frame_without_codec_is_told_apart_from_an_empty_one() -> None:
    assert refusal(WIRE["relayed_up"]) == RejectionReason.NOT_DECODED
    empty = an_event()
    empty.f_cnt = 5
    assert decode(empty.SerializeToString()).measured == []


def test_an_encrypted_payload_is_kept_undecoded_and_its_frame_counts() -> None:
    uplink = decode(WIRE["encrypted_up"])
    assert (uplink.counter, uplink.measured) == (9, [])
    assert [(part.reason, part.value) for part in uplink.refused] == [(RejectionReason.ENCRYPTED, "AQID")]
    assert more(uplink)["encrypted"] is True


def test_an_absent_snr_is_zero_with_lora_and_none_without() -> None:
    heard = [{"gatewayId": "a", "rssi": -70}]
    lora = decode(protobuf_up(UP | {"data": b"", "rxInfo": heard}))
    fsk = decode(
        protobuf_up(UP | {"data": b"", "rxInfo": heard, "txInfo": {"modulation": {"fsk": {"datarate": 50000}}}})
    )
    assert (more(lora)["gateways"][0]["snr"], more(fsk)["gateways"][0]["snr"]) == (0.0, None)


def test_zero_false_text_and_lists_inside_the_object_are_kept() -> None:
    said = {
        "level": 0.0,
        "flag": False,
        "text": "",
        "list": [1.0, {"a": None}, []],
        "deep": {"x": {"y": 1.5}},
        "none": None,
    }
    uplink = decode(protobuf_up(UP | {"data": b"\x01", "object": said}), profile=None)
    assert {part.part: part.value for part in uplink.refused} == {k: v for k, v in said.items() if v is not None}


@pytest.mark.parametrize(
    ("payload", "event", "reason"),
    [
        (b"\x0a\xff", "up", RejectionReason.WRONG_SHAPE),
        (b"\x0a\x02ab\xff\xff", "status", RejectionReason.WRONG_SHAPE),
        (b"\x12\x02\xff\xff", "log", RejectionReason.WRONG_SHAPE),
        (b"\x0a\x01a", "telepathy", RejectionReason.UNSUPPORTED_EVENT),
        (b"\x0a\x01a", "gateway_stats", RejectionReason.UNSUPPORTED_EVENT),
        (b"\x0a\x01a", "", RejectionReason.UNSUPPORTED_EVENT),
        (b"\x0a" + b"a" * 300_000, "up", RejectionReason.TOO_LARGE),
    ],
)
def test_what_is_no_message_is_set_aside(payload: bytes, event: str, reason: RejectionReason) -> None:
    assert refusal(payload, event) == reason


def test_levels_and_times_that_cannot_be_are_set_aside() -> None:
    event = an_event()
    event.rx_info.add().rssi = -2_000
    assert refusal(event.SerializeToString()) == RejectionReason.WRONG_SHAPE
    event = an_event()
    event.rx_info.add().snr = math.nan
    assert refusal(event.SerializeToString()) == RejectionReason.WRONG_SHAPE
    for seconds in (2**62, -(2**62)):
        event = new_message("up")
        event.time.seconds = seconds
        assert refusal(event.SerializeToString()) == RejectionReason.INVALID_TIME
        status = new_message("status")
        status.time.seconds = seconds
        assert refusal(status.SerializeToString(), "status") == RejectionReason.WRONG_SHAPE


def test_an_object_nested_too_deeply_or_too_wide_is_set_aside() -> None:
    deep: Any = 1.0
    for level in range(40):
        deep = {"a": deep} if level % 2 else [deep]
    payload = protobuf_up(UP | {"data": b"\x01", "object": {"a": deep}})
    assert refusal(payload) == RejectionReason.WRONG_SHAPE, "deeper than protobuf goes"
    with pytest.raises(Undecodable) as refused:
        chirpstack_message.decode(
            protobuf_up(UP | {"data": b"", "object": {"a": {"b": [[1.0]]}}}), "up", None, Limits(max_depth=3)
        )
    assert refused.value.reason == RejectionReason.TOO_DEEP
    wide = {"a": [1.0] * 25_000}
    assert refusal(protobuf_up(UP | {"data": b"\x01", "object": wide})) in (
        RejectionReason.TOO_LARGE,
        RejectionReason.TOO_MANY_ELEMENTS,
    )


def test_more_receptions_than_a_payload_may_have_elements_are_set_aside() -> None:
    event = an_event()
    for _ in range(20_001):
        event.rx_info.add()
    assert refusal(event.SerializeToString()) == RejectionReason.TOO_MANY_ELEMENTS


@pytest.mark.parametrize("name", [name for name in WIRE if not name.startswith(("conn", "gateway", "stats"))])
def test_protobuf_is_told_from_json_by_how_it_begins(name: str) -> None:
    assert is_protobuf(WIRE[name])


@pytest.mark.parametrize(
    "payload", [b'{"a":1}', b'\n\n {"a":1}', b"\n[1]", b"", b"\n", b"\xef\xbb\xbf{}", b"hello", b"-1"]
)
def test_json_and_what_is_neither_go_to_the_json_parser(payload: bytes) -> None:
    assert not is_protobuf(payload)


def outcome(payload: bytes, profile: Profile | None) -> Uplink | RejectionReason:
    try:
        return decode(payload, profile=profile)
    except Undecodable as refused:
        return refused.reason


PLAIN = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
INNER = PLAIN | st.lists(PLAIN, max_size=3) | st.dictionaries(st.text(max_size=4), PLAIN, max_size=3)
VALUES = PLAIN | st.lists(INNER, max_size=3) | st.dictionaries(st.text(max_size=4), INNER, max_size=3)
DOCUMENTS = st.fixed_dictionaries(
    {
        "time": st.sampled_from(["2026-06-14T21:05:12.348112Z", "2026-06-14T21:05:12Z", "1980-01-06T00:00:00Z"]),
        "devAddr": st.sampled_from(["0182ab7c", "00000000"]),
        "dr": st.integers(0, 15),
        "fCnt": st.integers(0, 2**32 - 1),
        "fPort": st.integers(0, 255),
        "confirmed": st.booleans(),
        "data": st.binary(max_size=12),
        "txInfo": st.fixed_dictionaries(
            {
                "frequency": st.integers(1, 2**32 - 1),
                "modulation": st.sampled_from(
                    [
                        {"lora": {"bandwidth": 125000, "spreadingFactor": 9, "codeRate": "CR_4_5"}},
                        {"lora": {"bandwidth": 250000, "spreadingFactor": 7, "codeRate": "CR_4_8"}},
                        {"lora": {"bandwidth": 125000, "spreadingFactor": 99}},
                        {"fsk": {"datarate": 50000}},
                        {},
                    ]
                ),
            }
        ),
        "rxInfo": st.lists(
            st.fixed_dictionaries(
                {"gatewayId": st.sampled_from(["a", "b", "c"])},
                optional={"rssi": st.integers(-140, -1), "snr": st.integers(-40, 40).filter(bool).map(lambda n: n / 2)},
            ),
            max_size=4,
        ),
    },
    optional={
        "object": st.dictionaries(st.sampled_from(["battery", "level", "x", "air_temperature"]), VALUES, max_size=4),
        "relayRxInfo": st.just({"devEui": "24e124713c49aaaa", "frequency": 922200000, "dr": 3, "snr": 6, "rssi": -82}),
        "joinServerContext": st.just({"sessionKeyId": "0102"}),
    },
)


@settings(max_examples=400, deadline=None)
@given(document=DOCUMENTS, profile=st.sampled_from([None, PADDY]))
def test_any_uplink_is_the_same_in_both_encodings(document: dict[str, Any], profile: Profile | None) -> None:
    in_json = document | {"data": base64.b64encode(document["data"]).decode()}
    expected = outcome(json.dumps(in_json).encode(), profile)
    assert outcome(protobuf_up(document), profile) == expected


@settings(max_examples=300, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(WIRE)))
def test_a_message_with_any_bytes_changed_is_an_uplink_or_undecodable(data: st.DataObject, name: str) -> None:
    payload = bytearray(WIRE[name])
    for _ in range(data.draw(st.integers(1, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    event = name.rsplit("_", maxsplit=1)[-1] if "up" in name else name.split("_", maxsplit=1)[0]
    try:
        uplink = decode(bytes(payload), event)
    except Undecodable:
        return
    json.dumps(more(uplink)) if uplink.link else None
