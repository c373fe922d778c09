"""ChirpStack: what gateways say about themselves, in JSON or protobuf. The gateway is what the topic says."""

from collections.abc import Callable, Mapping
from typing import Any

from ingest.decode.chirpstack import json as chirpstack
from ingest.decode.chirpstack import lorawan
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
    """One message of a gateway. `event` is the last level of the topic: stats, conn, up or ack.

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
        if field.name in _LISTS:  # what is left out need not be written as JSON first
            del getattr(message, field.name)[_MOST_ENTRIES:]
    said = as_json(message, defaults=False)
    for name in ("rxPacketsPerFrequency", "txPacketsPerStatus"):
        if name in said:
            said[name] = {str(entry.get("key", "")): entry.get("value", 0) for entry in said[name]}
    if event == "conn":
        said["state"] = {0: "OFFLINE", 1: "ONLINE"}.get(message.state, str(message.state))
    said.get("txInfo", {}).get("modulation", {}).get("lora", {}).pop("codeRate", None)  # a number here; not kept
    return said


def _stats(said: Mapping[str, object]) -> GatewayReport:
    """Who sends statistics is there. A position of 0/0 means that the gateway does not know it."""
    location = shape.table_at(said, "location")
    where = {one.quantity: one.value for one in lorawan.position(location)}
    latitude, longitude = where.get("position_latitude"), where.get("position_longitude")
    return GatewayReport(
        GatewayEventKind.STATS,
        _time_us(said),
        online=True,
        received=_count(said, "rxPacketsReceived"),
        # v3 wrote it in another case.
        received_ok=_count(said, "rxPacketsReceivedOk") or _count(said, "rxPacketsReceivedOK"),
        wanted=_count(said, "txPacketsReceived"),
        sent=_count(said, "txPacketsEmitted"),
        latitude=_degrees(latitude, 90),
        longitude=_degrees(longitude, 180),
        altitude=_degrees(where.get("position_altitude"), 100_000),
        more=_more(
            rx_per_frequency=_counts(said, "rxPacketsPerFrequency"), tx_per_status=_counts(said, "txPacketsPerStatus")
        ),
    )


def _conn(said: Mapping[str, object]) -> GatewayReport:
    """Connected or not. OFFLINE is the message without a `state`: it is 0, and a 0 is left out."""
    state = "OFFLINE" if said.get("state") is None else said["state"]
    if not isinstance(state, str) or state not in _ONLINE:
        raise Undecodable(RejectionReason.WRONG_SHAPE, f"`state` is neither ONLINE nor OFFLINE: {state!r:.40}")
    return GatewayReport(GatewayEventKind.CONN, None, online=_ONLINE[state])


def _up(said: Mapping[str, object]) -> GatewayReport:
    """One frame as this gateway heard it. Its content is encrypted, and comes again as the event of its device."""
    heard, sent = shape.table_at(said, "rxInfo"), shape.table_at(said, "txInfo")
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
            payload_base64_bytes=len(shape.text_at(said, "phyPayload") or ""),
        ),
    )


def _ack(said: Mapping[str, object]) -> GatewayReport:
    """What became of a downlink: one status for each receive window it was tried in."""
    rows = shape.rows_at(said, "items")[:_MOST_ENTRIES]
    status = [_status(shape.table(row, "items[]").get("status") or 0) for row in rows]
    return GatewayReport(
        GatewayEventKind.ACK,
        None,
        online=True,
        more=_more(downlink_id=shape.whole_at(said, "downlinkId"), status=status),
    )


def _status(said: object) -> str:
    if isinstance(said, str):
        return said[:40]
    if isinstance(said, int) and 0 <= said < len(_ACK_STATUS):
        return _ACK_STATUS[said]
    return str(said)[:40]


def _time_us(said: Mapping[str, object]) -> int | None:
    time = shape.text_at(said, "time")
    return None if time is None else rfc3339_us(time)


def _count(said: Mapping[str, object], key: str) -> int:
    count = shape.whole_at(said, key) or 0
    if count < _MOST_FRAMES:
        return count
    raise Undecodable(RejectionReason.WRONG_SHAPE, f"`{key}` is not a number of frames")


def _counts(said: Mapping[str, object], key: str) -> dict[str, int] | None:
    counted = shape.table_at(said, key)
    return {name[:40]: _count(counted, name) for name in [*counted][:_MOST_ENTRIES]} or None


def _degrees(value: object, limit: float) -> float | None:
    if value is None:
        return None
    if isinstance(value, (int, float)) and -limit <= value <= limit:
        return float(value)
    raise Undecodable(RejectionReason.WRONG_SHAPE, "`location` is no place on earth")


def _more(**said: object) -> dict[str, object] | None:
    return lorawan.compact(said) or None


_ONLINE = {"ONLINE": True, "OFFLINE": False}

_READERS: Mapping[str, Callable[[Mapping[str, object]], GatewayReport]] = {
    "stats": _stats,
    "conn": _conn,
    "up": _up,
    "ack": _ack,
}
