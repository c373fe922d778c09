"""ChirpStack v4, protobuf: the same events, and the same uplinks, as in its JSON.

An `up` is read field by field, because there are thousands of them a second. The other events are converted by the
JSON mapping that protobuf itself defines, and are then read as JSON.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ingest.decode.chirpstack import json as chirpstack
from ingest.decode.chirpstack import lorawan
from ingest.decode.chirpstack.lorawan import NO_MODULATION, Modulation, Reception
from ingest.decode.chirpstack.wire import as_json, known, parse
from ingest.decode.common import fields, shape
from ingest.decode.common.limits import Limits, check_parts
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Measured, Refused, Uplink
from schemas.uplink import new_tuple as _new

_LOG_LEVELS = ("INFO", "WARNING", "ERROR")
_LOG_CODES = (
    "UNKNOWN", "DOWNLINK_PAYLOAD_SIZE", "UPLINK_CODEC", "DOWNLINK_CODEC", "OTAA", "UPLINK_F_CNT_RESET", "UPLINK_MIC",
    "UPLINK_F_CNT_RETRANSMISSION", "DOWNLINK_GATEWAY", "RELAY_NEW_END_DEVICE", "F_CNT_DOWN", "EXPIRED",
)  # fmt: skip
_CODE_RATES = (None, "4/5", "4/6", "4/7", "4/8")
_MAX_LEVEL = 1000
_FIRST_S, _LAST_S = -62_135_596_800, 253_402_300_800
"""The years 1 to 9999, as RFC 3339 has them."""


def decode(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:
    """One device event. `event` must be known: protobuf does not say which message the bytes are."""
    if event == "up":
        return _up(parse(payload, event, limits), profile, limits)
    if not known(event) or event.startswith("gateway_"):
        raise Undecodable(RejectionReason.UNSUPPORTED_EVENT, f"ChirpStack event {event[:40]!r} in protobuf")
    return chirpstack.read(document(parse(payload, event, limits), event), event, profile)


def document(message: Any, event: str) -> Mapping[str, Any]:
    """The message as its JSON, with its defaults."""
    if event == "log":
        del message.context[chirpstack.MOST_REMARKS :]  # before conversion, which costs by length
    plain = as_json(message, defaults=True)
    if event == "log":
        context = {entry["key"]: entry["value"] for entry in plain.get("context", ())}
        level, code = _name(_LOG_LEVELS, plain["level"]), _name(_LOG_CODES, plain["code"])
        return plain | {"level": level, "code": code, "context": context}
    if event == "txack":
        plain.get("txInfo", {}).get("modulation", {}).get("lora", {}).pop("codeRate", None)  # here a number, and unused
    return plain


def _name(names: Sequence[str], number: int) -> str:
    return names[number] if 0 <= number < len(names) else str(number)


def _up(message: Any, profile: Profile | None, limits: Limits) -> Uplink:
    data, dr, f_port = message.data, message.dr, message.f_port
    sent = message.tx_info
    modulation, frequency_hz = _sent(sent) if len(sent) <= _LONGEST_SENT else _sent_as(sent)
    time_us = _time_us(message.time) if message.HasField("time") else None
    measured, refused = _readings(message, data, profile, limits, time_us)
    more: dict[str, object] = {"dr": dr, "f_port": f_port, "dev_addr": message.dev_addr}
    if frequency_hz:
        more["frequency_hz"] = frequency_hz
    if modulation[1]:
        more["bandwidth_hz"] = modulation[1]
    if message.confirmed:
        more["confirmed"] = True
    if message.join_server_context:
        more["encrypted"] = True
    if message.relay_rx_info:
        heard = document(parse(message.relay_rx_info, "Relay", limits), "Relay")
        more["relay"] = chirpstack.relay(heard)
    airtime_ms = lorawan.airtime_ms(len(data), modulation)
    rows = message.rx_info
    check_parts(len(rows), shape.MOST_ROWS, "receptions")
    link = lorawan.link(_receptions(rows, modulation), modulation, airtime_ms, more)
    return _new(Uplink, (EventKind.UPLINK, time_us, message.f_cnt, measured, link, tuple(refused)))


def _readings(
    message: Any, data: bytes, profile: Profile | None, limits: Limits, time_us: int | None
) -> tuple[list[Measured], list[Refused]]:
    """The readings of a frame, as `json.readings` gives them for JSON."""
    encrypted, decoded = bool(message.join_server_context), None
    if not encrypted and message.HasField("object"):
        decoded = _table(message.object.fields, limits.max_depth, [limits.max_parts])
        if profile is None or not profile.reads_bytes:
            return fields.read(decoded, profile)
    if not data and decoded is None:
        return [], []
    frame = {"data": b64encode(data).decode(), "fPort": message.f_port, "joinServerContext": encrypted}
    return chirpstack.readings({**frame, "object": decoded}, profile, time_us)


def _table(entries: Any, depth: int, budget: list[int]) -> dict[str, object]:
    """The fields of a Struct as the plain values that JSON would give. `budget`: how many more there may be."""
    budget[0] -= len(entries)
    if depth <= 0 or budget[0] < 0:
        raise Undecodable(RejectionReason.TOO_DEEP if depth <= 0 else RejectionReason.TOO_MANY_ELEMENTS, "`object`")
    plain = {}
    for entry in entries:
        value = entry.value
        number = value.number_value
        # 0.0 is either the number 0 or the default of a field that is not set: only `kind` tells.
        plain[entry.key] = number or _plain(value, depth, budget)
    return plain


def _plain(value: Any, depth: int, budget: list[int]) -> object:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _table(value.struct_value.fields, depth - 1, budget)
    if kind == "list_value":
        items = value.list_value.values
        budget[0] -= len(items)
        if depth <= 1 or budget[0] < 0:
            raise Undecodable(RejectionReason.TOO_DEEP if depth <= 1 else RejectionReason.TOO_MANY_ELEMENTS, "`object`")
        return [_plain(item, depth - 1, budget) for item in items]
    return None if kind is None or kind == "null_value" else getattr(value, kind)


def _receptions(rows: Any, modulation: Modulation) -> list[Reception]:
    """The gateways that heard the frame. Without LoRa an snr of 0 means that there is none."""
    receptions = []
    is_lora = modulation[0] is not None
    for row in rows:
        rssi, snr = row.rssi, row.snr
        if not (-_MAX_LEVEL < rssi < _MAX_LEVEL and -_MAX_LEVEL < snr < _MAX_LEVEL):
            raise Undecodable(RejectionReason.WRONG_SHAPE, "`rxInfo` has a level that no radio has")
        receptions.append((row.gateway_id, rssi, snr if is_lora or snr else None))
    return receptions


def _sent_as(tx_info: bytes) -> tuple[Modulation, int]:
    """Modulation and frequency of a transmission."""
    sent = parse(tx_info, "UplinkTxInfo", Limits())
    if not sent.modulation.HasField("lora"):
        return NO_MODULATION, sent.frequency
    lora = sent.modulation.lora
    known_rate = 0 < lora.code_rate < len(_CODE_RATES)
    code_rate = _CODE_RATES[lora.code_rate] if known_rate else lora.code_rate_legacy
    return lorawan.lora(lora.spreading_factor, lora.bandwidth, code_rate), sent.frequency


_LONGEST_SENT = 100
_sent = lru_cache(maxsize=1024)(_sent_as)
"""A fleet has few different modulations. Longer bytes are not cached: the cache keeps its arguments."""


def _time_us(time: Any) -> int:
    seconds = time.seconds
    if not (_FIRST_S <= seconds < _LAST_S and 0 <= time.nanos < 1_000_000_000):
        raise Undecodable(RejectionReason.INVALID_TIME, "`time` is not a time")
    return int(seconds * 1_000_000 + time.nanos // 1000)
