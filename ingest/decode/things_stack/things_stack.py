"""The Things Stack v3, JSON: messages of the application server about a device. Empty values are absent everywhere."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from ingest.decode.chirpstack import lorawan
from ingest.decode.chirpstack.lorawan import NO_MODULATION, Modulation, Reception
from ingest.decode.common import fields, shape
from ingest.decode.common.limits import Limits, check_parts, parse_json
from ingest.decode.common.times import rfc3339_us
from ingest.decode.frame import raw
from ingest.decode.things_stack import normalized
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Link, Measured, Refused, Uplink

_MOST_WARNINGS = 10
_LONGEST_WARNING = 200


def decode(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:
    """One message of the application server. `profile` reads `decoded_payload`, or the bytes.

    The key in the message names the event, whatever the topic says. Only the normalized copy of an uplink depends on
    the topic: whoever routes that topic wants it read, and does not route `up`, which has the same readings.
    """
    envelope = shape.table(parse_json(payload, limits), "the message")
    if envelope.get("simulated"):
        raise Undecodable(RejectionReason.SIMULATED, "sent from the console or the API, not by the device")
    if "uplink_message" in envelope:
        return _uplink(envelope, shape.table_at(envelope, "uplink_message"), profile)
    if "uplink_normalized" in envelope:
        if event != "normalized":
            raise Undecodable(RejectionReason.UNSUPPORTED_EVENT, "the same readings are stored from `up`")
        return _uplink(envelope, shape.table_at(envelope, "uplink_normalized"), None)
    for key, reader in _OTHER_EVENTS.items():
        if key in envelope:
            kind, measured, details = reader(envelope, shape.table_at(envelope, key))
            time_us = _time_us(shape.text_at(envelope, "received_at"))
            return Uplink(kind, time_us, None, measured, Link(more=lorawan.compact(details) or None))
    raise Undecodable(RejectionReason.UNSUPPORTED_EVENT, "no event of The Things Stack is in this message")


_Content: TypeAlias = tuple[EventKind, list[Measured], dict[str, object]]
"""(kind of event, measurements, details for the link record)"""


def _joined(envelope: Mapping[str, object], join: Mapping[str, object]) -> _Content:
    """A new session: frames are counted from 0 again."""
    details: dict[str, object] = {"dev_addr": _dev_addr(envelope), "encrypted": True if join.get("app_s_key") else None}
    return EventKind.JOIN, [], details


def _solved(_envelope: Mapping[str, object], solved: Mapping[str, object]) -> _Content:
    location = shape.table_at(solved, "location")
    details: dict[str, object] = {"service": shape.text_at(solved, "service")}
    details["accuracy_m"] = shape.number_at(location, "accuracy")
    return EventKind.OTHER, lorawan.position(location), details


def _failed(_envelope: Mapping[str, object], said: Mapping[str, object]) -> _Content:
    """A downlink that failed, as a remark of the server about the device."""
    error = shape.table_at(said, "error")
    code = shape.text_at(error, "name") or "downlink_failed"
    description = (shape.text_at(error, "message_format") or "")[:_LONGEST_WARNING]
    return EventKind.LOG, [], {"level": "ERROR", "code": code, "description": description}


def _downlink(event: str, _envelope: Mapping[str, object], said: Mapping[str, object]) -> _Content:
    more = {"event": event, "f_port": shape.whole_at(said, "f_port"), "f_cnt_down": shape.whole_at(said, "f_cnt")}
    return EventKind.OTHER, [], more | {"confirmed": said.get("confirmed") or None}


def _service(_envelope: Mapping[str, object], said: Mapping[str, object]) -> _Content:
    return EventKind.OTHER, [], {"event": "service_data", "service": shape.text_at(said, "service")}


_DOWNLINKS = ("downlink_ack", "downlink_nack", "downlink_sent", "downlink_queued", "downlink_queue_invalidated")
_Reader: TypeAlias = Callable[[Mapping[str, object], Mapping[str, object]], _Content]
_OTHER_EVENTS: Mapping[str, _Reader] = {
    "join_accept": _joined,
    "location_solved": _solved,
    "downlink_failed": _failed,
    **{event: partial(_downlink, event) for event in _DOWNLINKS},
    "service_data": _service,
}


def _uplink(envelope: Mapping[str, object], message: Mapping[str, object], profile: Profile | None) -> Uplink:
    elements = _normalized(message)
    time_us = _time_us(_measurement_time(elements) or _network_time(envelope, message))
    measured, refused = _readings(message, elements, profile, time_us)
    counter = shape.counter_at(message, "f_cnt", refused) or 0
    try:
        link: Link | None = _link(envelope, message)
    except Undecodable:
        link = _sound_link(envelope, message, refused)
    return Uplink(EventKind.UPLINK, time_us, counter, measured, link, tuple(refused))


def _sound_link(envelope: Mapping[str, object], message: Mapping[str, object], refused: list[Refused]) -> Link | None:
    """The link record without its misshapen levels. Each of those becomes a refused part; the readings stay."""
    rows = message.get("rx_metadata")
    if isinstance(rows, list) and len(rows) <= shape.MOST_ROWS and all(isinstance(row, dict) for row in rows):
        good = [
            shape.sound(row, f"rx_metadata[{index}]", ("rssi", "channel_rssi", "snr"), refused)
            for index, row in enumerate(rows)
        ]
        message = {**message, "rx_metadata": good}
    return shape.link_or_none(lambda: _link(envelope, message), "rx_metadata", rows, refused)


def _readings(
    message: Mapping[str, object],
    elements: Sequence[Mapping[str, object]],
    profile: Profile | None,
    time_us: int | None,
) -> tuple[list[Measured], list[Refused]]:
    """The readings by the device's own profile, from bytes or the codec's output; else of the normalized payload."""
    if message.get("app_s_key"):
        return [], lorawan.encrypted("the application server", shape.text_at(message, "frm_payload"))
    decoded = message.get("decoded_payload")
    if profile is not None and profile.reads_bytes:
        own = raw.readings(profile, decoded, message.get("frm_payload"), shape.whole_at(message, "f_port"), time_us)
        if own is not None:
            return own
    if decoded is not None and profile is not None:
        return fields.read(shape.table(decoded, "decoded_payload"), profile)
    if elements:
        measured: list[Measured] = []
        refused: list[Refused] = []
        for element in elements:
            more, less = normalized.read(element)
            measured += more
            refused += less
            check_parts(len(measured) + len(refused))
        return measured, refused
    if decoded is not None:
        return fields.read(shape.table(decoded, "decoded_payload"), None)
    if message.get("frm_payload") and message.get("f_port"):
        raise Undecodable(RejectionReason.NOT_DECODED, "no decoded_payload: the payload formatter is missing or failed")
    return [], []  # a frame of MAC commands, or an empty one


def _normalized(message: Mapping[str, object]) -> list[Mapping[str, object]]:
    """The measurements of the normalized payload: a list of them, or the one of `up/normalized`."""
    payload = message.get("normalized_payload")
    if isinstance(payload, dict):
        return [payload]
    return [shape.table(row, "normalized_payload[]") for row in shape.rows_at(message, "normalized_payload")]


def _measurement_time(elements: Sequence[Mapping[str, object]]) -> str | None:
    """The time of the only measurement. Several measurements carry their own times."""
    return shape.text_at(elements[0], "time") if len(elements) == 1 else None


def _network_time(envelope: Mapping[str, object], message: Mapping[str, object]) -> str | None:
    """When the network server received it. Clocks of gateways are not used: they can be decades off."""
    return shape.text_at(message, "received_at") or shape.text_at(envelope, "received_at")


def _link(envelope: Mapping[str, object], message: Mapping[str, object]) -> Link:
    settings = shape.table_at(message, "settings")
    modulation = _modulation(settings)
    return lorawan.link(
        [_reception(shape.table(row, "rx_metadata[]"), modulation) for row in shape.rows_at(message, "rx_metadata")],
        modulation,
        _airtime_ms(shape.text_at(message, "consumed_airtime")),
        lorawan.compact(
            {
                "frequency_hz": _frequency_hz(settings.get("frequency")),
                "bandwidth_hz": modulation.bandwidth_hz,
                "f_port": shape.whole_at(message, "f_port"),
                "dev_addr": _dev_addr(envelope),
                "confirmed": message.get("confirmed") or None,
                "packet_error_rate": shape.number_at(message, "packet_error_rate"),
                "encrypted": True if message.get("app_s_key") else None,
                "roaming": _roaming(message),
                "warnings": _warnings(message),
            }
        ),
    )


def _reception(heard: Mapping[str, object], modulation: Modulation) -> Reception:
    """`rssi` is that of the channel, as with other servers; an rssi or a LoRa snr of exactly 0 is left out."""
    rssi_dbm = shape.level_at(heard, "rssi") or shape.level_at(heard, "channel_rssi") or 0
    snr_db = shape.level_at(heard, "snr")
    if snr_db is None and modulation.is_lora:
        snr_db = 0.0
    return _gateway(heard), rssi_dbm, snr_db


def _gateway(heard: Mapping[str, object]) -> str:
    """The gateway's id. A roaming frame comes from "packetbroker", which names the other network's gateway inside."""
    name = shape.text_at(shape.table_at(heard, "gateway_ids"), "gateway_id") or ""
    if name != "packetbroker":
        return name
    roaming = shape.table_at(heard, "packet_broker")
    forwarder = shape.text_at(roaming, "forwarder_gateway_id") or shape.text_at(roaming, "forwarder_gateway_eui")
    return f"{name}/{forwarder}" if forwarder else name


def _roaming(message: Mapping[str, object]) -> str | None:
    """The network whose gateways passed the frame on, if it was not the device's own."""
    for row in shape.rows_at(message, "rx_metadata"):
        broker = shape.table_at(shape.table(row, "rx_metadata[]"), "packet_broker")
        if broker:
            return shape.text_at(broker, "forwarder_net_id") or "?"
    return None


def _warnings(message: Mapping[str, object]) -> list[str] | None:
    """Warnings of the payload formatter and the normalizer, in their words."""
    details = [
        *shape.rows_at(message, "decoded_payload_warnings"),
        *shape.rows_at(message, "normalized_payload_warnings"),
    ]
    return [str(warning)[:_LONGEST_WARNING] for warning in details[:_MOST_WARNINGS]] or None


def _modulation(settings: Mapping[str, object]) -> Modulation:
    lora = shape.table_at(shape.table_at(settings, "data_rate"), "lora")
    if not lora:
        return NO_MODULATION
    # Older servers put the code rate beside the data rate.
    coding = shape.text_at(lora, "coding_rate") or shape.text_at(settings, "coding_rate")
    return lorawan.lora(shape.whole_at(lora, "spreading_factor"), shape.whole_at(lora, "bandwidth"), coding)


def _airtime_ms(consumed: str | None) -> float | None:
    """Milliseconds of a duration such as "0.185344s"."""
    if consumed is None:
        return None
    try:
        seconds = float(consumed.removesuffix("s"))
    except ValueError:
        seconds = -1.0
    if 0 <= seconds < 3600:
        return round(seconds * 1000, 3)
    raise Undecodable(RejectionReason.WRONG_SHAPE, "`consumed_airtime` is not a duration")


def _frequency_hz(frequency: object) -> int | None:
    """64-bit numbers are text in this JSON."""
    if isinstance(frequency, str) and frequency.isascii() and frequency.isdigit() and len(frequency) < 12:
        return int(frequency)
    return frequency if isinstance(frequency, int) else None


def _dev_addr(envelope: Mapping[str, object]) -> str | None:
    return shape.text_at(shape.table_at(envelope, "end_device_ids"), "dev_addr")


def _time_us(time: str | None) -> int | None:
    return None if time is None else rfc3339_us(time)
