"""What a gateway says about itself, in both encodings."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decode.chirpstack.gateway import decode
from ingest.decode.common.limits import Limits
from ingest.errors import Undecodable
from schemas.gateway_report import GatewayEventKind, GatewayReport
from schemas.rejection import RejectionReason
from tests.decode.chirpstack_vectors import WIRE

T_US = 1_781_471_130_000_000  # 2026-06-14T21:05:30Z
STATS: dict[str, Any] = {
    "gatewayId": "a84041ffff1f8020",
    "time": "2026-06-14T21:05:30Z",
    "location": {"latitude": 38.2682, "longitude": 140.8694, "altitude": 41.0},
    "rxPacketsReceived": 14,
    "rxPacketsReceivedOk": 11,
    "txPacketsReceived": 3,
    "txPacketsEmitted": 2,
    "rxPacketsPerFrequency": {"922200000": 6},
    "txPacketsPerStatus": {"OK": 2, "TOO_LATE": 1},
}


def read(document: object, event: str) -> GatewayReport:
    return decode(json.dumps(document).encode(), event, Limits())


def refusal(payload: bytes, event: str) -> RejectionReason:
    with pytest.raises(Undecodable) as refused:
        decode(payload, event, Limits())
    return refused.value.reason


@pytest.mark.parametrize(
    "payload",
    [b'{"gatewayId":"a84041ffff1f8020"}', b'{"gatewayId":"a84041ffff1f8020","state":"OFFLINE"}', WIRE["conn_offline"]],
)
def test_a_connection_state_without_a_state_is_offline(payload: bytes) -> None:
    assert decode(payload, "conn", Limits()) == GatewayReport(GatewayEventKind.CONN, None, online=False)


@pytest.mark.parametrize("payload", [b'{"gatewayId":"a84041ffff1f8020","state":"ONLINE"}', WIRE["conn_online"]])
def test_a_gateway_that_connected_is_online(payload: bytes) -> None:
    assert decode(payload, "conn", Limits()) == GatewayReport(GatewayEventKind.CONN, None, online=True)


def test_statistics_are_the_same_in_json_and_in_protobuf() -> None:
    from_wire = decode(WIRE["stats"], "stats", Limits())
    assert read(STATS, "stats") == from_wire
    assert from_wire == GatewayReport(
        GatewayEventKind.STATS, T_US, True, 14, 11, 3, 2, 38.2682, 140.8694, 41.0,
        {"rx_per_frequency": {"922200000": 6}, "tx_per_status": {"OK": 2, "TOO_LATE": 1}},
    )  # fmt: skip


def test_absent_counts_are_zero_and_a_position_of_zero_is_none() -> None:
    report = read({"time": STATS["time"], "location": {"latitude": 0, "longitude": 0}}, "stats")
    assert report[3:] == (0, 0, 0, 0, None, None, None, None)
    sample = decode(WIRE["stats_14_11"], "stats", Limits())
    assert (sample.time_us, sample.received, sample.received_ok, sample.wanted, sample.sent) == (T_US, 14, 11, 2, 2)
    assert (sample.latitude, sample.more) == (None, {"rx_per_frequency": {"922200000": 6}})


def test_statistics_of_v3_are_read_in_their_own_spelling() -> None:
    report = read({"gatewayID": "qEBB//8fgCA=", "rxPacketsReceived": 5, "rxPacketsReceivedOK": 4}, "stats")
    assert (report.received, report.received_ok) == (5, 4)


def test_a_frame_as_the_gateway_heard_it_is_noted_without_its_content() -> None:
    report = decode(WIRE["gateway_up"], "up", Limits())
    assert report.kind == GatewayEventKind.UP
    assert report.more is not None
    assert (report.more["rssi"], report.more["snr"], report.more["spreading_factor"]) == (-109, -4.5, 9)


def test_what_became_of_a_downlink_is_named_for_each_window() -> None:
    wire, in_json = (
        decode(WIRE["gateway_ack"], "ack", Limits()),
        read({"downlinkId": 77, "items": [{"status": "TOO_LATE"}, {"status": "OK"}]}, "ack"),
    )
    assert wire == in_json
    assert wire.more == {"downlink_id": 77, "status": ["TOO_LATE", "OK"]}
    assert read({"items": [{}]}, "ack").more == {"status": ["IGNORED"]}


@pytest.mark.parametrize(
    ("document", "event", "reason"),
    [
        ({"state": "SLEEPING"}, "conn", RejectionReason.WRONG_SHAPE),
        ({"state": []}, "conn", RejectionReason.WRONG_SHAPE),
        ({"rxPacketsReceived": -1}, "stats", RejectionReason.WRONG_SHAPE),
        ({"rxPacketsReceived": 2**31}, "stats", RejectionReason.WRONG_SHAPE),
        ({"location": {"latitude": 95, "longitude": 1}}, "stats", RejectionReason.WRONG_SHAPE),
        ({"time": "yesterday"}, "stats", RejectionReason.INVALID_TIME),
        ({}, "mesh", RejectionReason.UNSUPPORTED_EVENT),
        ([], "stats", RejectionReason.WRONG_SHAPE),
    ],
)
def test_what_has_the_wrong_shape_is_set_aside(document: object, event: str, reason: RejectionReason) -> None:
    assert refusal(json.dumps(document).encode(), event) == reason


def test_what_is_neither_json_nor_protobuf_is_set_aside() -> None:
    assert refusal(b"", "stats") == RejectionReason.EMPTY_PAYLOAD
    assert refusal(b"\x1a\xff", "conn") == RejectionReason.WRONG_SHAPE
    assert refusal(b"\xff\xfe", "conn") == RejectionReason.NOT_UTF8


@settings(max_examples=300, deadline=None)
@given(data=st.data(), name=st.sampled_from(["stats", "conn_online", "gateway_up", "gateway_ack"]))
def test_a_message_with_any_bytes_changed_is_a_report_or_undecodable(data: st.DataObject, name: str) -> None:
    payload = bytearray(WIRE[name])
    for _ in range(data.draw(st.integers(1, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    event = name.removeprefix("gateway_").split("_")[0]
    try:
        report = decode(bytes(payload), event, Limits())
    except Undecodable:
        return
    json.dumps(report.more, allow_nan=False)
