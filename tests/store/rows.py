"""Builds judged messages by hand, for tests of the store."""

from typing import Any

from ingest.message import Received
from ingest.pipeline.interpret import identify
from ingest.rows import GatewayRow, MessageRows, Origin, QuarantineRow, ReadingRow, UplinkRow
from schemas.rejection import RejectionReason
from tests.fixtures.database import Database

T0_US = 1_781_471_100_000_000
SECOND_US = 1_000_000


def reading(at_us: int = T0_US, value: float = 18.5, device_id: int = 1, quantity_id: int = 20) -> ReadingRow:
    return (at_us, value, device_id, quantity_id, 0, None)


def message(
    *readings: ReadingRow,
    at_us: int = T0_US,
    device_id: int = 1,
    project_id: int = 7,
    payload: bytes | None = None,
    refused: int = 0,
    packet_id: int = 0,
    by_receipt: bool = False,
) -> MessageRows:
    """A message that was understood; `refused` of its readings were set aside before."""
    body = payload if payload is not None else repr((at_us, device_id, readings)).encode()
    received = Received(f"noroshi/v1/p/{device_id}/up", body, at_us + SECOND_US, packet_id)
    message_id = identify(body)
    uplink = UplinkRow(
        at_us, received.received_us, message_id, 42, None, device_id, len(body), None, -98.0, 6.5, None, 0,
        len(readings) + refused, refused, None, None, None, b'{"mcs": 2}',
    )  # fmt: skip
    origin = Origin(received, message_id, at_us, received.received_us, device_id, project_id)
    aside = [
        QuarantineRow.of_part(origin, number, RejectionReason.OUT_OF_RANGE, "too hot", "air_temperature", b"999")
        for number in range(1, refused + 1)
    ]
    return MessageRows(received, "native", project_id, uplink, list(readings), aside, by_receipt=by_receipt)


def junk(payload: bytes = b"\xff\xfe", at_us: int = T0_US, packet_id: int = 0, detail: str = "line 1") -> MessageRows:
    """A message that was set aside as a whole."""
    received = Received("noroshi/v1/p/1/up", payload, at_us, packet_id)
    origin = Origin(received, identify(payload), at_us, at_us, None, None)
    row = QuarantineRow.of_whole(origin, RejectionReason.NOT_JSON, detail)
    return MessageRows(received, "native", 0, None, [], [row], by_receipt=True)


def gateway_message(payload: bytes = b"stats", at_us: int = T0_US, gateway_id: int = 5, **columns: Any) -> MessageRows:
    """A gateway spoke for itself."""
    received = Received("gateway/gw/event/stats", payload, at_us + SECOND_US)
    interpreted = MessageRows(received, "chirpstack_gateway", 7, None, [], [], by_receipt=False)
    interpreted.gateway = GatewayRow(
        at_us, received.received_us, identify(payload), gateway_id, 0, True, 14, 11, 3, 2, 38.27, 140.87, 41.0,
        b'{"tx_per_status": {"OK": 2}}',
    )._replace(**columns)  # fmt: skip
    return interpreted


def one(database: Database, query: str) -> Any:
    """The only value of a query, or its only row."""
    row = database.connect().execute(query.encode()).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row
