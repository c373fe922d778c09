import json
from typing import Any

import pytest

from ingest.decode.chirpstack import json as chirpstack
from ingest.decode.common.limits import Limits
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Measured, Uplink

UP: dict[str, Any] = {
    "deduplicationId": "7f1c2a54-0d6e-4b7c-9a53-2f6f4f1d9e10",
    "time": "2026-06-14T21:05:12.348112Z",
    "deviceInfo": {
        "applicationName": "paddy-level",
        "deviceName": "paddy-17",
        "devEui": "24e124713c491234",
        "tags": {"depth_cm": "0", "field": "N3"},
    },
    "devAddr": "0182ab7c",
    "adr": True,
    "dr": 3,
    "fCnt": 1042,
    "fPort": 85,
    "confirmed": False,
    "data": "AXVcA3cCAA==",
    "object": {"battery": 92.0, "level": 2.0},
    "rxInfo": [
        {
            "gatewayId": "a84041ffff1f8020",
            "uplinkId": 2743190011,
            "gwTime": "2026-06-14T21:05:12.348112Z",
            "nsTime": "2026-06-14T21:05:12.391Z",
            "rssi": -109,
            "snr": -4.5,
            "crcStatus": "CRC_OK",
        },
        {"gatewayId": "a84041ffff1f8033", "uplinkId": 99, "rssi": -117, "crcStatus": "CRC_OK"},
    ],
    "txInfo": {
        "frequency": 922200000,
        "modulation": {"lora": {"bandwidth": 125000, "spreadingFactor": 9, "codeRate": "CR_4_5"}},
    },
    "regionConfigId": "as923",
}
TIME_US = 1_781_471_112_348_112

PADDY = Profile.model_validate(
    {"code": "paddy", "fields": {"battery": "battery_level", "level": {"quantity": "paddy_water_level", "unit": "cm"}}}
)


def decode(document: object, event: str = "up", profile: Profile | None = PADDY) -> Uplink:
    return chirpstack.decode(json.dumps(document).encode(), event, profile, Limits())


def refusal(document: object, event: str = "up") -> RejectionReason:
    with pytest.raises(Undecodable) as refused:
        decode(document, event)
    return refused.value.reason


def gateways(uplink: Uplink) -> object:
    assert uplink.link is not None
    assert uplink.link.more is not None
    return uplink.link.more["gateways"]


def test_an_uplink_has_its_time_counter_readings_and_link() -> None:
    uplink = decode(UP)
    assert (uplink.kind, uplink.time_us, uplink.counter) == (EventKind.UPLINK, TIME_US, 1042)
    assert uplink.measured == [Measured("battery_level", 92.0), Measured("paddy_water_level", 2.0, "cm")]
    assert uplink.refused == ()
    link = uplink.link
    assert link is not None
    assert link[:6] == (-109, -4.5, "a84041ffff1f8020", 2, 9, 185.344)
    assert link.more == {
        "frequency_hz": 922200000,
        "bandwidth_hz": 125000,
        "dr": 3,
        "f_port": 85,
        "dev_addr": "0182ab7c",
        "gateways": [
            {"id": "a84041ffff1f8020", "rssi": -109, "snr": -4.5},
            {"id": "a84041ffff1f8033", "rssi": -117, "snr": 0.0},
        ],
    }


def test_absent_rssi_and_lora_snr_are_zero() -> None:
    uplink = decode(UP | {"rxInfo": [{"gatewayId": "a"}]})
    assert gateways(uplink) == [{"id": "a", "rssi": 0, "snr": 0.0}]


@pytest.mark.parametrize("modulation", [{"fsk": {"datarate": 50000}}, {"lrFhss": {"gridSteps": 8}}, {}, None])
def test_an_absent_snr_is_not_available_where_there_is_no_lora(modulation: object) -> None:
    uplink = decode(UP | {"txInfo": {"frequency": 922200000, "modulation": modulation}})
    assert uplink.link is not None
    assert (uplink.link.spreading_factor, uplink.link.airtime_ms) == (None, None)
    assert [row["snr"] for row in gateways(uplink)] == [-4.5, None]  # type: ignore[attr-defined]


def test_one_gateway_with_two_antennas_is_one_gateway() -> None:
    heard = [{"gatewayId": "a", "rssi": -120, "antenna": 1}, {"gatewayId": "a", "rssi": -90, "snr": 3.5}]
    uplink = decode(UP | {"rxInfo": heard})
    assert uplink.link is not None
    assert (uplink.link.gateway_count, uplink.link.rssi_dbm, uplink.link.snr_db) == (1, -90, 3.5)
    assert gateways(uplink) == [{"id": "a", "rssi": -90, "snr": 3.5}]


def test_two_gateways_are_one_reading() -> None:
    assert len(decode(UP).measured) == 2


def test_older_servers_leave_out_every_default() -> None:
    uplink = decode({"time": UP["time"], "object": {"level": 0.0}, "rxInfo": [{"gatewayId": "a"}], "txInfo": {}})
    assert uplink.counter == 0
    assert uplink.measured == [Measured("paddy_water_level", 0.0, "cm")]


@pytest.mark.parametrize("absent", [{"fPort": 0}, {"fPort": 0, "data": "AwcH"}, {"data": ""}, {"fPort": 7, "data": ""}])
def test_a_frame_without_application_payload_measures_nothing_but_its_link_counts(absent: dict[str, Any]) -> None:
    uplink = decode({key: value for key, value in UP.items() if key != "object"} | absent)
    assert uplink.measured == []
    assert uplink.link is not None
    assert uplink.link.rssi_dbm == -109


def test_a_payload_the_codec_did_not_read_is_set_aside() -> None:
    assert refusal({key: value for key, value in UP.items() if key != "object"}) == RejectionReason.NOT_DECODED


def test_an_end_to_end_encrypted_payload_is_kept_undecoded_and_its_frame_counts() -> None:
    uplink = decode(UP | {"joinServerContext": {"sessionKeyId": "AY8k"}})
    assert (uplink.kind, uplink.counter, uplink.measured) == (EventKind.UPLINK, 1042, [])
    assert [(part.reason, part.value) for part in uplink.refused] == [(RejectionReason.ENCRYPTED, "AXVcA3cCAA==")]
    assert uplink.link is not None
    assert uplink.link.more is not None
    assert (uplink.link.rssi_dbm, uplink.link.more["encrypted"]) == (-109, True)


def test_an_encrypted_frame_without_payload_sets_nothing_aside() -> None:
    uplink = decode(UP | {"joinServerContext": {"sessionKeyId": "AY8k"}, "data": ""})
    assert (uplink.measured, uplink.refused) == ([], ())


def test_a_relay_that_passed_the_frame_on_is_kept_with_how_well_it_heard() -> None:
    heard = {"devEui": "24E124713C49AAAA", "frequency": 922200000, "dr": 3, "snr": 6, "rssi": -82, "worChannel": 1}
    link = decode(UP | {"relayRxInfo": heard}).link
    assert link is not None
    assert link.more is not None
    assert link.more["relay"] == {
        "dev_eui": "24e124713c49aaaa",
        "rssi": -82,
        "snr": 6,
        "frequency_hz": 922200000,
        "dr": 3,
    }
    assert (link.rssi_dbm, link.gateway) == (-109, "a84041ffff1f8020"), "the gateway's own reception stays"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"time": "2026-06-14T21:05:12"}, RejectionReason.INVALID_TIME),
        ({"time": 1781471112}, RejectionReason.WRONG_SHAPE),
        ({"object": [1, 2]}, RejectionReason.WRONG_SHAPE),
    ],
)
def test_what_has_the_wrong_shape_is_set_aside(changed: dict[str, Any], reason: RejectionReason) -> None:
    assert refusal(UP | changed) == reason


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"rxInfo": {"gatewayId": "a"}}, "rxInfo"),
        ({"rxInfo": ["a"]}, "rxInfo"),
        ({"rxInfo": [{"gatewayId": "a", "rssi": "-100", "snr": 5}]}, "rxInfo[0].rssi"),
        ({"rxInfo": [{"gatewayId": "a", "snr": "5"}]}, "rxInfo[0].snr"),
        ({"rxInfo": [{"gatewayId": "a", "rssi": -1e300}]}, "rxInfo[0].rssi"),
        ({"txInfo": {"frequency": "922.2"}}, "rxInfo"),
        ({"fCnt": -1}, "fCnt"),
        ({"fCnt": "7"}, "fCnt"),
        ({"fCnt": 2**63}, "fCnt"),
        ({"fCnt": True}, "fCnt"),
    ],
)
def test_what_says_nothing_about_the_readings_costs_none(changed: dict[str, Any], part: str) -> None:
    uplink = decode(UP | changed)
    assert uplink.measured == decode(UP).measured
    assert [(one.reason, one.part) for one in uplink.refused] == [(RejectionReason.WRONG_SHAPE, part)]
    if part.startswith("rxInfo["):
        assert uplink.link is not None
        assert uplink.link.gateway == "a"


def test_a_counter_may_be_written_as_a_double() -> None:
    assert decode(UP | {"fCnt": 7.0}).counter == 7


def test_a_spreading_factor_that_does_not_exist_is_none() -> None:
    modulation = {"lora": {"bandwidth": 125000, "spreadingFactor": 99}}
    link = decode(UP | {"txInfo": {"modulation": modulation}}).link
    assert link is not None
    assert (link.spreading_factor, link.airtime_ms) == (None, None)


def test_a_message_without_time_leaves_it_to_the_time_of_receipt() -> None:
    assert decode({key: value for key, value in UP.items() if key != "time"}).time_us is None


STATUS = {"time": "2026-06-14T21:10:00.120Z", "margin": 7, "externalPowerSource": False}


def test_a_battery_level_of_a_status_counts_only_when_it_is_one() -> None:
    unavailable = decode(STATUS | {"batteryLevelUnavailable": True, "batteryLevel": 0.0}, "status")
    powered = decode(STATUS | {"externalPowerSource": True, "batteryLevel": 0.0}, "status")
    assert unavailable.measured == powered.measured == [Measured("link_margin", 7)]
    assert unavailable.kind == EventKind.STATUS
    level = decode(STATUS | {"batteryLevelUnavailable": False, "batteryLevel": 81.5}, "status")
    assert level.measured == [Measured("link_margin", 7), Measured("battery_level", 81.5)]
    assert level.counter is None


def test_a_status_of_an_older_server_without_margin_means_zero() -> None:
    uplink = decode({"time": STATUS["time"], "batteryLevelUnavailable": True}, "status")
    assert uplink.measured == [Measured("link_margin", 0)]


def test_a_join_is_noted_and_measures_nothing() -> None:
    uplink = decode({"time": STATUS["time"], "devAddr": "0182ab7c"}, "join")
    assert (uplink.kind, uplink.measured) == (EventKind.JOIN, [])
    assert uplink.link is not None
    assert uplink.link.more == {"dev_addr": "0182ab7c"}


def test_a_log_keeps_what_the_server_remarked() -> None:
    said = {"level": "ERROR", "code": "UPLINK_CODEC", "description": "unexpected token", "context": {"x": "1"}}
    uplink = decode({"time": STATUS["time"]} | said, "log")
    assert uplink.kind == EventKind.LOG
    assert uplink.link is not None
    assert uplink.link.more == said


def test_what_a_log_brings_along_is_bounded() -> None:
    context = {str(number): "x" * 1000 for number in range(1000)}
    payload = json.dumps({"level": "INFO", "context": context}).encode()
    link = chirpstack.decode(payload, "log", None, Limits(max_bytes=2_000_000)).link
    assert link is not None
    assert len(json.dumps(link.more)) < 3000


def test_a_location_measures_the_position() -> None:
    uplink = decode({"time": STATUS["time"], "location": {"latitude": 35.68, "longitude": 139.77}}, "location")
    assert uplink.kind == EventKind.OTHER
    assert uplink.measured == [Measured("position_latitude", 35.68), Measured("position_longitude", 139.77)]
    high = decode({"location": {"latitude": 35.68, "longitude": 139.77, "altitude": 41.0}}, "location")
    assert high.measured[2:] == [Measured("position_altitude", 41.0)]


@pytest.mark.parametrize("location", [{}, None, {"latitude": 0.0, "longitude": 0.0}])
def test_no_fix_is_no_position(location: object) -> None:
    assert decode({"location": location}, "location").measured == []


@pytest.mark.parametrize("event", ["ack", "txack", "integration"])
def test_other_events_are_understood_and_measure_nothing(event: str) -> None:
    uplink = decode({"time": STATUS["time"], "object": {"level": 3}}, event)
    assert (uplink.kind, uplink.measured, uplink.refused) == (EventKind.OTHER, [], ())


def test_a_confirmed_downlink_and_a_transmission_are_kept_with_what_they_say() -> None:
    ack = decode({"time": STATUS["time"], "acknowledged": True, "fCntDown": 12, "queueItemId": "q"}, "ack")
    assert ack.link is not None
    assert ack.link.more == {"event": "ack", "acknowledged": True, "f_cnt_down": 12}
    sent = {"frequency": 923200000, "power": 13, "modulation": {"lora": {"bandwidth": 125000, "spreadingFactor": 10}}}
    txack = decode({"fCntDown": 12, "gatewayId": "a84041ffff1f8020", "txInfo": sent}, "txack")
    assert txack.link is not None
    assert txack.link.more == {
        "event": "txack",
        "f_cnt_down": 12,
        "gateway": "a84041ffff1f8020",
        "frequency_hz": 923200000,
        "power_dbm": 13,
        "spreading_factor": 10,
    }


def test_an_event_nobody_knows_is_set_aside() -> None:
    assert refusal(UP, "telepathy") == RejectionReason.UNSUPPORTED_EVENT


def test_a_topic_without_an_event_is_read_as_an_uplink_if_gateways_are_named() -> None:
    assert decode(UP, "").measured == decode(UP).measured
    assert refusal(STATUS, "") == RejectionReason.UNSUPPORTED_EVENT
