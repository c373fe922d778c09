"""The Things Stack v3, JSON: what the application server says about a device. Empty values are absent everywhere."""

from collections.abc import Mapping, Sequence
from itertools import chain

from ingest.decode import fields, lorawan, normalized, raw, shape
from ingest.decode.limits import Limits, parse_json
from ingest.decode.lorawan import NO_MODULATION, Modulation, Reception
from ingest.decode.time import rfc3339_us
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Link, Measured, Refused, Uplink

_NOTHING_MEASURED = (
    "downlink_ack",
    "downlink_nack",
    "downlink_sent",
    "downlink_failed",
    "downlink_queued",
    "downlink_queue_invalidated",
    "service_data",
)


def decode(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:  # noqa: ARG001 - the key in the message says the event, whatever the topic says
    """One message of the application server. `profile` reads `decoded_payload`, or the bytes."""
    envelope = shape.table(parse_json(payload, limits), "the message")
    if envelope.get("simulated"):
        raise Undecodable(RejectionReason.SIMULATED, "sent from the console or the API, not by the device")
    if "uplink_message" in envelope:
        return _uplink(envelope, shape.table_at(envelope, "uplink_message"), profile)
    if "uplink_normalized" in envelope:
        raise Undecodable(RejectionReason.UNSUPPORTED_EVENT, "the same readings are stored from `up`")
    time_us = _time_us(shape.text_at(envelope, "received_at"))
    if "join_accept" in envelope:
        return Uplink(EventKind.JOIN, time_us, None, [], Link(more={"dev_addr": _dev_addr(envelope)}))
    if "location_solved" in envelope:
        solved = shape.table_at(envelope, "location_solved")
        return Uplink(EventKind.OTHER, time_us, None, lorawan.position(shape.table_at(solved, "location")))
    if any(key in envelope for key in _NOTHING_MEASURED):
        return Uplink(EventKind.OTHER, time_us, None, [])
    raise Undecodable(RejectionReason.UNSUPPORTED_EVENT, "no event of The Things Stack is in this message")


def _uplink(envelope: Mapping[str, object], message: Mapping[str, object], profile: Profile | None) -> Uplink:
    if message.get("app_s_key") and message.get("frm_payload"):
        raise Undecodable(RejectionReason.ENCRYPTED, "end-to-end encrypted: the application server has no key")
    elements = _normalized(message)
    time_us = _time_us(_measurement_time(elements) or _network_time(envelope, message))
    measured, refused = _own_readings(message, profile, time_us) or _readings(message, elements, profile)
    return Uplink(
        EventKind.UPLINK,
        time_us,
        shape.whole_at(message, "f_cnt") or 0,
        measured,
        _link(envelope, message),
        tuple(refused),
    )


def _own_readings(
    message: Mapping[str, object], profile: Profile | None, time_us: int | None
) -> tuple[list[Measured], list[Refused]] | None:
    """From the bytes, where the profile says what they mean and no codec did, or the profile trusts none."""
    if profile is None or not profile.reads_bytes:
        return None
    port = shape.whole_at(message, "f_port")
    return raw.readings(profile, message.get("decoded_payload"), message.get("frm_payload"), port, time_us)


def _readings(
    message: Mapping[str, object], elements: Sequence[Mapping[str, object]], profile: Profile | None
) -> tuple[list[Measured], list[Refused]]:
    """What the device's own profile makes of the codec's output; else the normalized payload; else exact codes."""
    decoded = message.get("decoded_payload")
    if decoded is not None and profile is not None:
        return fields.read(shape.table(decoded, "decoded_payload"), profile)
    if elements:
        parts = [normalized.read(element) for element in elements]
        return list(chain.from_iterable(part[0] for part in parts)), list(
            chain.from_iterable(part[1] for part in parts)
        )
    if decoded is not None:
        return fields.read(shape.table(decoded, "decoded_payload"), None)
    if message.get("frm_payload") and message.get("f_port"):
        raise Undecodable(RejectionReason.NOT_DECODED, "no decoded_payload: the payload formatter is missing or failed")
    return [], []  # a frame of MAC commands, or an empty one


def _normalized(message: Mapping[str, object]) -> list[Mapping[str, object]]:
    return [shape.table(row, "normalized_payload[]") for row in shape.rows_at(message, "normalized_payload")]


def _measurement_time(elements: Sequence[Mapping[str, object]]) -> str | None:
    """The time of the only measurement. Several measurements carry their own times."""
    return shape.text_at(elements[0], "time") if len(elements) == 1 else None


def _network_time(envelope: Mapping[str, object], message: Mapping[str, object]) -> str | None:
    """When the network server received it. Clocks of gateways are not asked: they can be decades off."""
    return shape.text_at(message, "received_at") or shape.text_at(envelope, "received_at")


def _link(envelope: Mapping[str, object], message: Mapping[str, object]) -> Link:
    settings = shape.table_at(message, "settings")
    modulation = _modulation(settings)
    return lorawan.link(
        [_reception(shape.table(row, "rx_metadata[]"), modulation) for row in shape.rows_at(message, "rx_metadata")],
        modulation,
        _airtime_ms(shape.text_at(message, "consumed_airtime")),
        {
            "frequency_hz": _frequency_hz(settings.get("frequency")),
            "bandwidth_hz": modulation.bandwidth_hz,
            "f_port": shape.whole_at(message, "f_port"),
            "dev_addr": _dev_addr(envelope),
            "confirmed": message.get("confirmed") or None,
            "packet_error_rate": shape.number_at(message, "packet_error_rate"),
        },
    )


def _reception(heard: Mapping[str, object], modulation: Modulation) -> Reception:
    """`rssi` is that of the channel, as with other servers; an rssi or a LoRa snr of exactly 0 is left out."""
    rssi_dbm = shape.level_at(heard, "rssi") or shape.level_at(heard, "channel_rssi") or 0
    snr_db = shape.level_at(heard, "snr")
    if snr_db is None and modulation.is_lora:
        snr_db = 0.0
    return Reception(_gateway(heard), rssi_dbm, snr_db)


def _gateway(heard: Mapping[str, object]) -> str:
    """The gateway's id. A roaming frame comes from "packetbroker", which names the other network's gateway inside."""
    name = shape.text_at(shape.table_at(heard, "gateway_ids"), "gateway_id") or ""
    if name != "packetbroker":
        return name
    roaming = shape.table_at(heard, "packet_broker")
    forwarder = shape.text_at(roaming, "forwarder_gateway_id") or shape.text_at(roaming, "forwarder_gateway_eui")
    return f"{name}/{forwarder}" if forwarder else name


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
