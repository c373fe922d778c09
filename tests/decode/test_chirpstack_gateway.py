"""What a gateway says about itself, in both encodings."""

import json
from base64 import b64encode
from copy import deepcopy
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decode.chirpstack.gateway import decode
from ingest.decode.common.limits import Limits
from ingest.errors import Undecodable
from schemas.gateway_report import GatewayEventKind, GatewayReport
from schemas.rejection import RejectionReason
from tests.decode.chirpstack_vectors import WIRE, new_message

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


DOWN: dict[str, Any] = {
    "downlinkId": 3_405_691_582,
    "gatewayId": "a84041ffff1f8020",
    "items": [
        {
            "phyPayload": b64encode(b"\x60" + bytes(11)).decode(),
            "txInfo": {
                "frequency": 923_200_000,
                "power": 16,
                "modulation": {
                    "lora": {
                        "bandwidth": 125_000, "spreadingFactor": 10, "codeRate": "CR_4_5", "polarizationInversion": True
                    }
                },
                "timing": {"delay": {"delay": "1s"}},
                "context": "AQIDBA==",
            },
        },
        {
            "phyPayload": b64encode(b"\x60" + bytes(32)).decode(),
            "txInfo": {
                "frequency": 921_800_000,
                "modulation": {"fsk": {"datarate": 50_000, "frequencyDeviation": 25_000}},
            },
        },
    ],
}  # fmt: skip
SENT = {
    "downlink_id": 3_405_691_582,
    "items": [
        {"airtime_ms": 288.768, "frequency_hz": 923_200_000, "spreading_factor": 10, "bytes": 12},
        {"airtime_ms": 7.04, "frequency_hz": 921_800_000, "bytes": 33},
    ],
}


def test_a_frame_to_be_sent_is_noted_with_its_time_on_the_air_in_both_encodings() -> None:
    """12 bytes at SF10: ceil((96 - 40 + 44) / 40) = 3, (12.25 + 8 + 15) x 8.192 ms. FSK: (33 + 11) x 8 / 50,000 s."""
    wire = new_message("gateway_down")
    for_wire = deepcopy(DOWN)
    for item in for_wire["items"]:
        for absent in ("power", "timing", "context"):  # fields that the table leaves out
            item["txInfo"].pop(absent, None)
    lora = for_wire["items"][0]["txInfo"]["modulation"]["lora"]
    lora["codeRate"] = 1  # an enumeration: its name in JSON, its number on the wire
    del lora["polarizationInversion"], for_wire["items"][1]["txInfo"]["modulation"]["fsk"]["frequencyDeviation"]
    payload = ParseDict(for_wire, wire).SerializeToString()
    assert read(DOWN, "down") == decode(payload, "down", Limits()) == GatewayReport(
        GatewayEventKind.COMMAND, None, more=SENT
    )  # fmt: skip


def test_a_frame_to_be_sent_as_the_server_s_own_library_writes_it() -> None:
    """SF12: ceil((96 - 48 + 44) / 40) = 3, (12.25 + 8 + 15) x 32.768 ms."""
    first = SENT["items"][0]  # type: ignore[index]
    second = {"airtime_ms": 1155.072, "frequency_hz": 923_200_000, "spreading_factor": 12, "bytes": 12}
    assert decode(WIRE["gateway_down"], "down", Limits()).more == {"downlink_id": 77, "items": [first, second]}


def test_what_is_said_of_preamble_and_crc_counts() -> None:
    """Without a CRC the 12 bytes at SF10 need ceil(84 / 40) = 3 groups, 11 bytes ceil(76 / 40) = 2."""
    lora = {"bandwidth": 125_000, "spreadingFactor": 10, "codeRate": "CR_4_8", "preamble": 12, "noCrc": True}
    item = {"phyPayload": b64encode(bytes(11)).decode(), "txInfo": {"modulation": {"lora": lora}}}
    said = {"airtime_ms": round((12 + 4.25 + 8 + 2 * 8) * 8.192, 3), "spreading_factor": 10, "bytes": 11}
    assert read({"items": [item]}, "down").more == {"items": [said]}


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({}, {"bytes": 0}),
        ({"phyPayload": b64encode(bytes(300)).decode()}, {"bytes": 300}),
        ({"phyPayload": "YA==", "txInfo": {"modulation": {"lora": {"spreadingFactor": 7}}}},
         {"spreading_factor": 7, "bytes": 1}),
        ({"phyPayload": "YA==", "txInfo": {"modulation": {"fsk": {"datarate": 1}}}}, {"bytes": 1}),
        ({"phyPayload": "YA==", "txInfo": {"modulation": {"lrFhss": {}}}}, {"bytes": 1}),
    ],
)  # fmt: skip
def test_a_frame_of_which_nobody_tells_how_it_is_sent_has_no_time(item: object, said: object) -> None:
    assert read({"downlinkId": 5, "items": [item]}, "down").more == {"downlink_id": 5, "items": [said]}


def test_a_frame_of_v3_is_read_in_its_own_spelling() -> None:
    modulation = {"bandwidth": 125, "spreadingFactor": 10, "codeRate": "4/5", "polarizationInversion": True}
    item = {
        "phyPayload": b64encode(bytes(12)).decode(),
        "txInfo": {"frequency": 923_200_000, "modulation": "LORA", "loRaModulationInfo": modulation},
    }
    report = read({"gatewayID": "qEBB//8fgCA=", "downlinkID": "AAECAwQFBgcICQoLDA0ODw==", "items": [item]}, "down")
    assert report.more == {"downlink_id": "AAECAwQFBgcICQoLDA0ODw==", "items": SENT["items"][:1]}  # type: ignore[index]
    answer = read({"downlinkID": "AAECAwQFBgcICQoLDA0ODw==", "items": [{"status": "OK"}]}, "ack")
    assert answer.more == {"downlink_id": "AAECAwQFBgcICQoLDA0ODw==", "status": ["OK"]}


def test_a_command_with_many_alternatives_stays_small() -> None:
    report = decode(json.dumps({"downlinkId": 1, "items": [DOWN["items"][0]] * 200}).encode(), "down", Limits())
    assert len((report.more or {})["items"]) == 8  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("document", "event", "reason"),
    [
        ({"state": "SLEEPING"}, "conn", RejectionReason.WRONG_SHAPE),
        ({"state": []}, "conn", RejectionReason.WRONG_SHAPE),
        ({"rxPacketsReceived": -1}, "stats", RejectionReason.WRONG_SHAPE),
        ({"rxPacketsReceived": 2**31}, "stats", RejectionReason.WRONG_SHAPE),
        ({"location": {"latitude": 95, "longitude": 1}}, "stats", RejectionReason.WRONG_SHAPE),
        ({"time": "yesterday"}, "stats", RejectionReason.INVALID_TIME),
        ({"items": 5}, "down", RejectionReason.WRONG_SHAPE),
        (
            {"items": [{"txInfo": {"modulation": {"lora": {"bandwidth": "wide"}}}, "phyPayload": "YA=="}]},
            "down",
            RejectionReason.WRONG_SHAPE,
        ),
        ({"downlinkId": -1}, "down", RejectionReason.WRONG_SHAPE),
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
@given(data=st.data(), name=st.sampled_from(["stats", "conn_online", "gateway_up", "gateway_ack", "gateway_down"]))
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
