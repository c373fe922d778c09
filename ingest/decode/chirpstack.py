"""ChirpStack v4, JSON: the events of a device. Defaults may be absent at any level; absent means 0, false or ""."""

from collections.abc import Callable, Mapping

from ingest.decode import fields, lorawan, raw, shape
from ingest.decode.limits import Limits, parse_json
from ingest.decode.lorawan import NO_MODULATION, Modulation, Reception
from ingest.decode.time import rfc3339_us
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Link, Measured, Refused, Uplink

_new = tuple.__new__


def decode(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:
    """One device event. `event` is the last level of the topic; `profile` reads the codec's `object`, or the bytes.

    Where the topic does not say the event, a message that names its receiving gateways is an `up`.
    """
    document = shape.table(parse_json(payload, limits), "the message")
    if event == "up" or (not event and "rxInfo" in document):
        return _up(document, profile)
    reader = _OTHER_EVENTS.get(event)
    if reader is None:
        raise Undecodable(RejectionReason.UNSUPPORTED_EVENT, f"ChirpStack event {event[:40]!r}")
    return reader(document)


def _up(document: Mapping[str, object], profile: Profile | None) -> Uplink:
    if document.get("joinServerContext"):
        raise Undecodable(RejectionReason.ENCRYPTED, "end-to-end encrypted: the join server keeps the key")
    measured, refused = _readings(document, profile)
    counter = shape.whole_at(document, "fCnt") or 0
    return _new(Uplink, (EventKind.UPLINK, _time_us(document), counter, measured, _link(document), tuple(refused)))


def _readings(document: Mapping[str, object], profile: Profile | None) -> tuple[list[Measured], list[Refused]]:
    decoded = document.get("object")
    if profile is not None and profile.reads_bytes:
        port = shape.whole_at(document, "fPort")
        own = raw.readings(profile, decoded, document.get("data"), port, _time_us(document))
        if own is not None:
            return own
    if decoded is not None:
        return fields.read(shape.table(decoded, "object"), profile)
    if document.get("data") and document.get("fPort"):
        raise Undecodable(
            RejectionReason.NOT_DECODED, "no `object`: the codec of the device profile is missing or failed"
        )
    return [], []  # a frame of MAC commands, or an empty one


def _link(document: Mapping[str, object]) -> Link:
    sent = shape.table_at(document, "txInfo")
    modulation = _modulation(sent)
    return lorawan.link(
        _receptions(document, modulation),
        modulation,
        lorawan.airtime_ms(_application_bytes(document), modulation),
        {
            "frequency_hz": shape.whole_at(sent, "frequency"),
            "bandwidth_hz": modulation.bandwidth_hz,
            "dr": shape.whole_at(document, "dr"),
            "f_port": shape.whole_at(document, "fPort"),
            "dev_addr": shape.text_at(document, "devAddr"),
            "confirmed": document.get("confirmed") or None,
        },
    )


def _receptions(document: Mapping[str, object], modulation: Modulation) -> list[Reception]:
    """The gateways that heard it. An rssi or a LoRa snr of exactly 0 is left out of the JSON."""
    absent_snr = 0.0 if modulation.is_lora else None
    text_at, level_at, table = shape.text_at, shape.level_at, shape.table
    receptions = []
    for row in shape.rows_at(document, "rxInfo"):
        heard = table(row, "rxInfo[]")
        snr = level_at(heard, "snr")
        receptions.append(
            _new(
                Reception,
                (
                    text_at(heard, "gatewayId") or "",
                    level_at(heard, "rssi") or 0,
                    absent_snr if snr is None else snr,
                ),
            )
        )
    return receptions


def _modulation(sent: Mapping[str, object]) -> Modulation:
    lora = shape.table_at(shape.table_at(sent, "modulation"), "lora")
    if not lora:
        return NO_MODULATION
    return lorawan.lora(
        shape.whole_at(lora, "spreadingFactor"), shape.whole_at(lora, "bandwidth"), shape.text_at(lora, "codeRate")
    )


def _application_bytes(document: Mapping[str, object]) -> int:
    """Length of what the base64 text in `data` stands for."""
    data = shape.text_at(document, "data") or ""
    return len(data) * 3 // 4 - data.count("=", -2)


def _status(document: Mapping[str, object]) -> Uplink:
    """Downlink margin and battery. With external power, or without a level, `batteryLevel` is a placeholder."""
    measured = [Measured("link_margin", shape.level_at(document, "margin") or 0)]
    if not (document.get("externalPowerSource") or document.get("batteryLevelUnavailable")):
        measured.append(Measured("battery_level", shape.number_at(document, "batteryLevel") or 0.0))
    return Uplink(EventKind.STATUS, _time_us(document), None, measured)


def _join(document: Mapping[str, object]) -> Uplink:
    dev_addr = shape.text_at(document, "devAddr")
    return Uplink(EventKind.JOIN, _time_us(document), None, [], Link(more={"dev_addr": dev_addr}))


def _log(document: Mapping[str, object]) -> Uplink:
    """What the network server remarks about the device, e.g. UPLINK_CODEC: its profile is broken."""
    said = {
        "level": shape.text_at(document, "level") or "INFO",
        "code": shape.text_at(document, "code") or "UNKNOWN",
        "description": shape.text_at(document, "description") or "",
    }
    return Uplink(EventKind.LOG, _time_us(document), None, [], Link(more=said))


def _location(document: Mapping[str, object]) -> Uplink:
    measured = lorawan.position(shape.table_at(document, "location"))
    return Uplink(EventKind.OTHER, _time_us(document), None, measured)


def _nothing_measured(document: Mapping[str, object]) -> Uplink:
    return Uplink(EventKind.OTHER, _time_us(document), None, [])


def _time_us(document: Mapping[str, object]) -> int | None:
    time = shape.text_at(document, "time")
    return None if time is None else rfc3339_us(time)


_OTHER_EVENTS: Mapping[str, Callable[[Mapping[str, object]], Uplink]] = {
    "status": _status,
    "join": _join,
    "log": _log,
    "location": _location,
    "ack": _nothing_measured,
    "txack": _nothing_measured,
    "integration": _nothing_measured,
}
