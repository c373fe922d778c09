"""What gateways say about themselves, in JSON and in protobuf. The first byte of an input chooses the event."""

import json
from contextlib import suppress

from ingest.decode.chirpstack.gateway import decode
from ingest.decode.common.limits import Limits
from ingest.errors import Undecodable
from schemas.gateway_report import GatewayReport
from tests.decode.chirpstack_vectors import WIRE

EVENTS = ("stats", "conn", "up", "ack", "down")
_LIMITS = Limits(max_bytes=20_000)
_MOST = 2**31

SEEDS = (
    b"\x00" + WIRE["stats"],
    b"\x00" + WIRE["stats_14_11"],
    b"\x01" + WIRE["conn_online"],
    b"\x02" + WIRE["gateway_up"],
    b"\x03" + WIRE["gateway_ack"],
    b'\x00{"time":"2026-06-14T21:05:30Z","rxPacketsReceived":14,"location":{"latitude":38.2,"longitude":140.8}}',
    b'\x01{"gatewayId":"a84041ffff1f8020","state":"ONLINE"}',
    b"\x04" + WIRE["gateway_down"],
    b'\x04{"downlinkId":77,"items":[{"phyPayload":"YA==","txInfo":{"modulation":{"lora":{"spreadingFactor":10}}}}]}',
    b'\x03{"downlinkId":77,"items":[{"status":"TOO_LATE"},{"status":1}]}',
)


def fuzz(data: bytes) -> None:
    """Any bytes are a report or Undecodable."""
    event, payload = EVENTS[(data[0] if data else 0) % len(EVENTS)], data[1:]
    with suppress(Undecodable):
        assert is_report(decode(payload, event, _LIMITS))


def is_report(report: GatewayReport) -> bool:
    """Everything in it fits its column."""
    assert report.time_us is None or isinstance(report.time_us, int)
    for count in (report.received, report.received_ok, report.wanted, report.sent):
        assert count is None or 0 <= count < _MOST
    for degrees in (report.latitude, report.longitude, report.altitude):
        assert degrees is None or -100_000 <= degrees <= 100_000
    json.dumps(report.more, allow_nan=False)
    return True
