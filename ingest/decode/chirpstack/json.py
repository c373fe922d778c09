"""ChirpStack v4, JSON: the events of a device. Defaults may be absent at any level; absent means 0, false or "".

Messages of v3 and of servers built into gateways are translated first (`legacy.py`).
"""

from collections.abc import Callable, Mapping

from ingest.decode.chirpstack import legacy as chirpstack_legacy
from ingest.decode.chirpstack import lorawan
from ingest.decode.chirpstack.lorawan import NO_MODULATION, Modulation, Reception
from ingest.decode.common import fields, shape
from ingest.decode.common.limits import Limits, parse_json
from ingest.decode.common.times import rfc3339_us
from ingest.decode.frame import raw
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Link, Measured, Refused, Uplink
from schemas.uplink import new_tuple as _new


def decode(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:
    """One device event. `event` is the last level of the topic; `profile` reads the codec's `object`, or the bytes.

    If the topic does not name the event, a message that names its receiving gateways is an `up`.
    """
    document = shape.table(parse_json(payload, limits), "the message")
    if chirpstack_legacy.is_legacy(document):
        document = chirpstack_legacy.translated(document, limits)
    return read(document, event, profile)


def read(document: Mapping[str, object], event: str, profile: Profile | None) -> Uplink:
    """One device event as a document in the spelling of v4."""
    event = _ALIASES.get(event, event)
    if event == "up" or (not event and "rxInfo" in document):
        return _up(document, profile)
    reader = _OTHER_EVENTS.get(event)
    if reader is None:
        raise Undecodable(RejectionReason.UNSUPPORTED_EVENT, f"ChirpStack event {event[:40]!r}")
    return reader(document)


def _up(document: Mapping[str, object], profile: Profile | None) -> Uplink:
    time_us = _time_us(document)
    measured, refused = readings(document, profile, time_us)
    counter = shape.counter_at(document, "fCnt", refused) or 0
    try:
        link: Link | None = _link(document)
    except Undecodable:
        link = _sound_link(document, refused)
    return _new(Uplink, (EventKind.UPLINK, time_us, counter, measured, link, tuple(refused)))


def _sound_link(document: Mapping[str, object], refused: list[Refused]) -> Link | None:
    """The link record without its misshapen levels. Each of those becomes a refused part; the readings stay."""
    rows = document.get("rxInfo")
    if isinstance(rows, list) and len(rows) <= shape.MOST_ROWS and all(isinstance(row, dict) for row in rows):
        good = [shape.sound(row, f"rxInfo[{index}]", ("rssi", "snr"), refused) for index, row in enumerate(rows)]
        document = {**document, "rxInfo": good}
    return shape.link_or_none(lambda: _link(document), "rxInfo", rows, refused)


def readings(
    document: Mapping[str, object], profile: Profile | None, time_us: int | None
) -> tuple[list[Measured], list[Refused]]:
    """The readings of a frame: its bytes by the device's own profile, or else the codec's `object`.

    Raises Undecodable if the frame carries data and neither can read it.
    """
    if document.get("joinServerContext"):
        return [], lorawan.encrypted("the join server", shape.text_at(document, "data"))
    decoded = document.get("object")
    if profile is not None and profile.reads_bytes:
        port = shape.whole_at(document, "fPort")
        own = raw.readings(profile, decoded, document.get("data"), port, time_us)
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
    how = modulation(sent)
    return lorawan.link(
        _receptions(document, how),
        how,
        lorawan.airtime_ms(_application_bytes(document), how),
        lorawan.compact(
            {
                "frequency_hz": shape.whole_at(sent, "frequency"),
                "bandwidth_hz": how.bandwidth_hz,
                "dr": shape.whole_at(document, "dr"),
                "f_port": shape.whole_at(document, "fPort"),
                "dev_addr": shape.text_at(document, "devAddr"),
                "confirmed": document.get("confirmed") or None,
                "encrypted": True if document.get("joinServerContext") else None,
                "relay": relay(shape.table_at(document, "relayRxInfo")) if "relayRxInfo" in document else None,
            }
        ),
    )


def relay(heard: Mapping[str, object]) -> dict[str, object] | None:
    """The relay that passed the frame on, and how well it heard the device. What is 0 may be absent."""
    if not heard:
        return None
    return {
        "dev_eui": (shape.text_at(heard, "devEui") or "").lower(),
        "rssi": shape.level_at(heard, "rssi") or 0,
        "snr": shape.level_at(heard, "snr") or 0,
        "frequency_hz": shape.whole_at(heard, "frequency") or 0,
        "dr": shape.whole_at(heard, "dr") or 0,
    }


def _receptions(document: Mapping[str, object], modulation: Modulation) -> list[Reception]:
    """The gateways that heard the frame. An rssi or a LoRa snr of exactly 0 is left out of the JSON."""
    absent_snr = 0.0 if modulation.is_lora else None
    text_at, level_at, table = shape.text_at, shape.level_at, shape.table
    receptions = []
    for row in shape.rows_at(document, "rxInfo"):
        heard = table(row, "rxInfo[]")
        snr = level_at(heard, "snr")
        receptions.append(
            (text_at(heard, "gatewayId") or "", level_at(heard, "rssi") or 0, absent_snr if snr is None else snr)
        )
    return receptions


def modulation(sent: Mapping[str, object]) -> Modulation:
    """The modulation of a frame, from its `txInfo`."""
    lora = shape.table_at(shape.table_at(sent, "modulation"), "lora")
    if not lora:
        return NO_MODULATION
    return lorawan.lora(
        shape.whole_at(lora, "spreadingFactor"), shape.whole_at(lora, "bandwidth"), shape.text_at(lora, "codeRate")
    )


def _application_bytes(document: Mapping[str, object]) -> int:
    """How many bytes the base64 text in `data` encodes."""
    data = shape.text_at(document, "data") or ""
    return len(data) * 3 // 4 - data.count("=", -2)


def _status(document: Mapping[str, object]) -> Uplink:
    """Downlink margin and battery. With external power, or without a level, `batteryLevel` is a placeholder."""
    measured = [Measured("link_margin", shape.level_at(document, "margin") or 0)]
    if not (document.get("externalPowerSource") or document.get("batteryLevelUnavailable")):
        measured.append(Measured("battery_level", shape.number_at(document, "batteryLevel") or 0.0))
    return Uplink(EventKind.STATUS, _time_us(document), None, measured)


def _join(document: Mapping[str, object]) -> Uplink:
    """The first uplink after a join: frames are counted from 0 again."""
    details = {
        "dev_addr": shape.text_at(document, "devAddr"),
        "encrypted": True if document.get("joinServerContext") else None,
        "relay": relay(shape.table_at(document, "relayRxInfo")),
    }
    more = {key: value for key, value in details.items() if value is not None or key == "dev_addr"}
    return Uplink(EventKind.JOIN, _time_us(document), None, [], Link(more=more))


def _log(document: Mapping[str, object]) -> Uplink:
    """A remark of the network server about the device. UPLINK_CODEC, for one, means that its codec is broken."""
    details: dict[str, object] = {
        "level": shape.text_at(document, "level") or "INFO",
        "code": shape.text_at(document, "code") or "UNKNOWN",
        "description": shape.text_at(document, "description") or "",
    }
    context = shape.table_at(document, "context")
    if context:
        details["context"] = {key: str(value)[:_LONGEST_REMARK] for key, value in [*context.items()][:MOST_REMARKS]}
    return Uplink(EventKind.LOG, _time_us(document), None, [], Link(more=details))


def _location(document: Mapping[str, object]) -> Uplink:
    location = shape.table_at(document, "location")
    accuracy_m = shape.number_at(location, "accuracy")
    link = Link(more={"accuracy_m": accuracy_m}) if accuracy_m else None
    return Uplink(EventKind.OTHER, _time_us(document), None, lorawan.position(location), link)


def _ack(document: Mapping[str, object]) -> Uplink:
    """Whether the device has confirmed a downlink."""
    return _remark(
        document,
        "ack",
        acknowledged=bool(document.get("acknowledged")),
        f_cnt_down=shape.whole_at(document, "fCntDown"),
    )


def _txack(document: Mapping[str, object]) -> Uplink:
    """A gateway has sent a downlink: when, where and how loud."""
    sent = shape.table_at(document, "txInfo")
    return _remark(
        document,
        "txack",
        f_cnt_down=shape.whole_at(document, "fCntDown"),
        gateway=shape.text_at(document, "gatewayId"),
        frequency_hz=shape.whole_at(sent, "frequency"),
        power_dbm=shape.level_at(sent, "power"),
        spreading_factor=modulation(sent).spreading_factor,
    )


def _integration(document: Mapping[str, object]) -> Uplink:
    """The result of another integration. Its `object` is not read: the device did not measure it."""
    name, kind = shape.text_at(document, "integrationName"), shape.text_at(document, "eventType")
    return _remark(document, "integration", integration=name, type=kind)


def _remark(document: Mapping[str, object], event: str, **details: object) -> Uplink:
    """An event without a measurement; its details are kept in the link record."""
    more = {"event": event} | {key: value for key, value in details.items() if value is not None}
    return Uplink(EventKind.OTHER, _time_us(document), None, [], Link(more=more))


def _time_us(document: Mapping[str, object]) -> int | None:
    time = shape.text_at(document, "time")
    return None if time is None else rfc3339_us(time)


_LONGEST_REMARK = 200
MOST_REMARKS = 10
"""Entries of a log's context that are kept; the others are left out."""

_ALIASES: Mapping[str, str] = {"rx": "up", "uplink": "up", "tx": "txack", "error": "log"}
"""What servers built into gateways call the same events."""

_OTHER_EVENTS: Mapping[str, Callable[[Mapping[str, object]], Uplink]] = {
    "status": _status,
    "join": _join,
    "log": _log,
    "location": _location,
    "ack": _ack,
    "txack": _txack,
    "integration": _integration,
}
