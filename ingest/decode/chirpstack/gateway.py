"""ChirpStack: reports of gateways about themselves, and what they are told to send, in JSON or protobuf.

The topic names the gateway.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ingest.decode.chirpstack import downlink, lorawan
from ingest.decode.chirpstack import json as chirpstack
from ingest.decode.chirpstack.wire import as_json, is_protobuf, parse
from ingest.decode.common import shape
from ingest.decode.common.limits import Limits, parse_json
from ingest.decode.common.times import rfc3339_us
from ingest.errors import Undecodable
from schemas.gateway_report import GatewayEventKind, GatewayReport
from schemas.rejection import RejectionReason

_MOST_FRAMES = 2**31
_MOST_ENTRIES = 50
_LISTS = ("rx_packets_per_frequency", "tx_packets_per_status", "items")
_ACK_STATUS = (
    "IGNORED", "OK", "TOO_LATE", "TOO_EARLY", "COLLISION_PACKET", "COLLISION_BEACON", "TX_FREQ", "TX_POWER",
    "GPS_UNLOCKED", "QUEUE_FULL", "INTERNAL_ERROR", "DUTY_CYCLE_OVERFLOW",
)  # fmt: skip


def decode(payload: bytes, event: str, limits: Limits) -> GatewayReport:
    """One message of a gateway. `event` is the last level of the topic: stats, conn, up, ack or down.

    Raises Undecodable, and nothing else, whatever the bytes are.
    """
    reader = _READERS.get(event)
    if reader is None:
        raise Undecodable(RejectionReason.UNSUPPORTED_EVENT, f"gateway event {event[:40]!r}")
    if is_protobuf(payload):
        return reader(_document(parse(payload, f"gateway_{event}", limits), event))
    return reader(shape.table(parse_json(payload, limits), "the message"))


def _document(message: Any, event: str) -> Mapping[str, Any]:
    """The message as its JSON. Lists of counts become objects, enumerations get their names."""
    for field, _ in message.ListFields():
        if field.name in _LISTS:  # before conversion, which costs by length
            del getattr(message, field.name)[_MOST_ENTRIES:]
    document = as_json(message, defaults=False)
    for name in ("rxPacketsPerFrequency", "txPacketsPerStatus"):
        if name in document:
            document[name] = {str(entry.get("key", "")): entry.get("value", 0) for entry in document[name]}
    if event == "conn":
        document["state"] = {0: "OFFLINE", 1: "ONLINE"}.get(message.state, str(message.state))
    document.get("txInfo", {}).get("modulation", {}).get("lora", {}).pop("codeRate", None)  # here a number, and unused
    return document


def _stats(message: Mapping[str, object]) -> GatewayReport:
    """A gateway that sends statistics is online. A position of 0/0 means that it does not know where it is."""
    location = shape.table_at(message, "location")
    where = {row.quantity: row.value for row in lorawan.position(location)}
    latitude, longitude = where.get("position_latitude"), where.get("position_longitude")
    return GatewayReport(
        GatewayEventKind.STATS,
        _time_us(message),
        online=True,
        received=_count(message, "rxPacketsReceived"),
        # v3 writes the last letter of the key in upper case.
        received_ok=_count(message, "rxPacketsReceivedOk") or _count(message, "rxPacketsReceivedOK"),
        wanted=_count(message, "txPacketsReceived"),
        sent=_count(message, "txPacketsEmitted"),
        latitude=_degrees(latitude, 90),
        longitude=_degrees(longitude, 180),
        altitude=_degrees(where.get("position_altitude"), 100_000),
        more=_more(
            rx_per_frequency=_counts(message, "rxPacketsPerFrequency"),
            tx_per_status=_counts(message, "txPacketsPerStatus"),
        ),
    )


def _conn(message: Mapping[str, object]) -> GatewayReport:
    """Connected or not. OFFLINE is the message without a `state`: it is 0, and a 0 is left out."""
    state = "OFFLINE" if message.get("state") is None else message["state"]
    if not isinstance(state, str) or state not in _ONLINE:
        raise Undecodable(RejectionReason.WRONG_SHAPE, f"`state` is neither ONLINE nor OFFLINE: {state!r:.40}")
    return GatewayReport(GatewayEventKind.CONN, None, online=_ONLINE[state])


def _up(message: Mapping[str, object]) -> GatewayReport:
    """One frame as this gateway heard it. Its content is encrypted; the device's own event has it in clear."""
    heard, sent = shape.table_at(message, "rxInfo"), shape.table_at(message, "txInfo")
    time = shape.text_at(heard, "gwTime") or shape.text_at(heard, "time")
    return GatewayReport(
        GatewayEventKind.UP,
        None if time is None else rfc3339_us(time),
        online=True,
        more=_more(
            rssi=shape.level_at(heard, "rssi") or 0,
            snr=shape.level_at(heard, "snr"),
            frequency_hz=shape.whole_at(sent, "frequency"),
            spreading_factor=chirpstack.modulation(sent).spreading_factor,
            payload_base64_bytes=len(shape.text_at(message, "phyPayload") or ""),
        ),
    )


def _ack(message: Mapping[str, object]) -> GatewayReport:
    """What became of a downlink: one status for each receive window it was tried in."""
    rows = shape.rows_at(message, "items")[:_MOST_ENTRIES]
    status = [_status(shape.table(row, "items[]").get("status") or 0) for row in rows]
    return GatewayReport(
        GatewayEventKind.ACK,
        None,
        online=True,
        more=_more(downlink_id=downlink.identity(message), status=status),
    )


def _down(message: Mapping[str, object]) -> GatewayReport:
    """A frame that the network server tells it to send. The server says it: it is no sign that the gateway is there."""
    items = downlink.alternatives(message)
    return GatewayReport(
        GatewayEventKind.COMMAND, None, more=_more(downlink_id=downlink.identity(message), items=items)
    )


def _status(status: object) -> str:
    if isinstance(status, str):
        return status[:40]
    if isinstance(status, int) and 0 <= status < len(_ACK_STATUS):
        return _ACK_STATUS[status]
    return str(status)[:40]


def _time_us(message: Mapping[str, object]) -> int | None:
    time = shape.text_at(message, "time")
    return None if time is None else rfc3339_us(time)


def _count(message: Mapping[str, object], key: str) -> int:
    count = shape.whole_at(message, key) or 0
    if count < _MOST_FRAMES:
        return count
    raise Undecodable(RejectionReason.WRONG_SHAPE, f"`{key}` is not a number of frames")


def _counts(message: Mapping[str, object], key: str) -> dict[str, int] | None:
    counted = shape.table_at(message, key)
    return {name[:40]: _count(counted, name) for name in [*counted][:_MOST_ENTRIES]} or None


def _degrees(value: object, limit: float) -> float | None:
    if value is None:
        return None
    if isinstance(value, (int, float)) and -limit <= value <= limit:
        return float(value)
    raise Undecodable(RejectionReason.WRONG_SHAPE, "`location` is no place on earth")


def _more(**details: object) -> dict[str, object] | None:
    return lorawan.compact(details) or None


_ONLINE = {"ONLINE": True, "OFFLINE": False}

_READERS: Mapping[str, Callable[[Mapping[str, object]], GatewayReport]] = {
    "stats": _stats,
    "conn": _conn,
    "up": _up,
    "ack": _ack,
    "down": _down,
}
