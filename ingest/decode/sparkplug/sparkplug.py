"""Sparkplug B 3.0, as a host reads it: births say what aliases stand for, and data messages use them.

Callers pass in what was announced (`Births`, `View`); this module keeps nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ingest.decode.common import fields
from ingest.decode.common.limits import Limits, check_parts
from ingest.decode.common.names import bound, in_catalogue, short, unbound
from ingest.decode.sparkplug.plain import STATES, Plain, plain_metrics
from ingest.decode.sparkplug.session import Meaning, View
from ingest.decode.sparkplug.value import READERS, UNAMBIGUOUS, Value, booleans, items, refused, shown
from ingest.decode.sparkplug.wire import Metric, Payload, parse
from ingest.errors import Undecodable
from schemas.certificate import Certificate, Known
from schemas.profile import FieldBinding, Profile
from schemas.rejection import RejectionReason
from schemas.uplink import Doubted, EventKind, Link, Measured, MeasuredRow, Refused, Uplink
from schemas.uplink import new_tuple as _new

LookUp = Callable[[int | None], View | None]
"""Payload time in ms -> the view of the sender's metrics, or None if its birth is not known."""

_BIRTHS = ("NBIRTH", "DBIRTH")
_KINDS = {
    "NBIRTH": EventKind.JOIN, "DBIRTH": EventKind.JOIN, "NDEATH": EventKind.OTHER, "DDEATH": EventKind.OTHER,
    "NDATA": EventKind.UPLINK, "DDATA": EventKind.UPLINK,
}  # fmt: skip
_CONTROL = ("Node Control/", "Device Control/")
_BD_SEQ = "bdSeq"
_MAX_MS = 253_402_300_800_000
_BAD, _GOOD, _GOOD_END = 0, 192, 256
_MOST_CHANNELS = 32_768


def _nobody(_said_ms: int | None) -> View | None:
    return None


def decode(payload: bytes, event: str, profile: Profile | None, limits: Limits, look_up: LookUp = _nobody) -> Uplink:
    """One message. `event`: the type in the topic. `look_up`: gives the view for a data message.

    Raises Undecodable(NOT_BORN) if the birth is not known: the message can be read once that has come.
    """
    kind = _KINDS.get(event)
    if kind is None:
        raise Undecodable(RejectionReason.UNSUPPORTED_EVENT, f"Sparkplug message {event[:40]!r}")
    message = parse(payload, limits)
    if kind is EventKind.OTHER:
        return _death(message, event)
    said_ms = _ms(message.timestamp)
    if event in _BIRTHS:
        known = tuple(_announced(message))
        view: View | None = View((Certificate("", "", event, 0, 0, said_ms, None, known),), {})
    else:
        view = look_up(said_ms)
    reading = _Reading(profile, view, said_ms, limits.max_parts, birth=event in _BIRTHS)
    for metric in message.metrics:
        reading.take(metric)
    counter = message.seq if message.HasField("seq") and message.seq < 2**63 else None
    time_us = None if said_ms is None else said_ms * 1000
    return _new(Uplink, (kind, time_us, counter, reading.measured, None, tuple(reading.refused)))


def certificate(
    payload: bytes, event: str, sender: str, message_id: int, received_us: int, limits: Limits
) -> Certificate | None:
    """The certificate in a birth or a node's death; None for any other message. Raises Undecodable."""
    if event not in (*_BIRTHS, "NDEATH"):
        return None
    message = parse(payload, limits)
    group, node, *device = sender.split("/", 2)
    metrics = tuple(_announced(message)) if event in _BIRTHS else ()
    said_ms = _ms(message.timestamp) if event in _BIRTHS else received_us // 1000
    bd_seq = None if event == "DBIRTH" else _bd_seq(message)
    return Certificate(
        f"{group}/{node}", device[0] if device else "", event, message_id, received_us, said_ms, bd_seq, metrics
    )


def _announced(message: Payload) -> Iterator[Known]:
    for metric in message.metrics:
        if metric.name:
            alias = metric.alias if metric.HasField("alias") else None
            datatype = metric.datatype or UNAMBIGUOUS.get(metric.WhichOneof("value"), 0)
            yield Known(_name(metric), alias, datatype, _unit(metric), _ms(metric.timestamp))


def _death(message: Payload, event: str) -> Uplink:
    """An uplink without measurements. A node writes its death when it connects, so the time is that, not the end."""
    bd_seq = _bd_seq(message)
    said_ms = _ms(message.timestamp) or next(
        (_ms(metric.timestamp) for metric in message.metrics if metric.timestamp), None
    )
    more: dict[str, object] = {"event": event}
    if bd_seq is not None:
        more["bd_seq"] = bd_seq
    return Uplink(EventKind.OTHER, None if said_ms is None else said_ms * 1000, None, [], Link(more=more))


class _Reading:
    """Reads the metrics of one message, one after the other."""

    def __init__(
        self, profile: Profile | None, view: View | None, said_ms: int | None, most: int, *, birth: bool
    ) -> None:
        self._profile = profile
        self._most = most
        self._view = view
        self._said_ms = said_ms
        self._birth = birth
        self._plain: Mapping[int, Plain] = {} if birth else plain_metrics(view, profile)
        self.measured: list[MeasuredRow] = []
        self.refused: list[Refused] = []

    def take(self, metric: Metric) -> None:
        """Read one metric. Raises Undecodable(NOT_BORN) if nothing in the message can be read without its birth."""
        plain = self._plain.get(metric.alias)
        if plain is not None and metric.HasField(plain.field) and not _says_more(metric):
            number, known = plain.read(getattr(metric, plain.field)), plain.known
            time_us = None if metric.timestamp == self._said_ms else self._time_us(metric, known)
            self.measured.append((plain.quantity, number, plain.unit, plain.channel, time_us))
            return
        field = metric.WhichOneof("value")
        if field is None or metric.is_null or metric.is_transient:
            return
        meaning = self._meaning(metric, field)
        if meaning is None:
            return
        known, fallback = meaning
        binding = bound(known.name, self._profile, fallback, unit=known.unit is not None)
        if self._means_nothing(known.name, binding):
            return
        sent = getattr(metric, field)
        if binding is None:
            code = None if fallback is None else fallback.quantity
            reason, detail = unbound(known.name, self._profile, code, "metric")
            self._refuse(reason, known.name, detail, sent)
            return
        value = self._value(known, field, sent)
        if value is None:
            return
        quality = _quality(metric) if metric.HasField("properties") else _GOOD
        if quality == _BAD:
            self._refuse(RejectionReason.BAD_QUALITY, known.name, "its quality is 0: bad", sent)
        else:
            doubted = not _GOOD <= quality < _GOOD_END
            time_us = self._time_us(metric, known)
            if isinstance(value, list):
                name = short(known.name)
                values: list[Any] = [*value[: _MOST_CHANNELS - binding.channel]]
                for place, item in enumerate(values):
                    self._measure(binding, f"{name}[{place}]", known.unit, item, time_us, doubted=doubted, place=place)
            else:
                self._measure(binding, known.name, known.unit, value, time_us, doubted=doubted)

    def _value(self, known: Known, field: str, sent: Any) -> Value | None:
        """The value by the announced datatype; None if it was refused."""
        reader = READERS.get((known.datatype, field))
        if field == "bytes_value":
            count = items(known.datatype, sent)
            check_parts(len(self.measured) + len(self.refused) + count, self._most)
        try:
            if reader is None:
                raise refused(known.datatype, field)
            if reader is booleans and self._profile is not None:
                return booleans(sent, low_first=self._profile.sparkplug_bits == "low_first")
            return reader(sent)
        except Undecodable as bad:
            self._refuse(bad.reason, known.name, bad.detail, sent)
            return None

    def _meaning(self, metric: Metric, field: str) -> Meaning | None:
        """What the metric is, or None if it was refused.

        Raises Undecodable(NOT_BORN) if no birth of the sender is known: then the whole message has to wait for it.
        """
        name, view = metric.name, self._view
        if not name and not metric.alias and not metric.HasField("alias"):
            self._refuse(RejectionReason.WRONG_SHAPE, "metric", "it has neither a name nor an alias", None)
            return None
        if view is not None:
            meaning = view.by_name.get(name) if name else view.by_alias.get(metric.alias)
            if meaning is not None:
                return meaning
        if name:
            datatype = metric.datatype or UNAMBIGUOUS.get(field)
            if datatype is not None:
                text = _name(metric)
                return Meaning(Known(text, None, datatype, _unit(metric), None), in_catalogue(text))
        part = name.decode("utf-8", "replace") if name else f"alias {metric.alias}"
        if view is None:
            raise Undecodable(RejectionReason.NOT_BORN, f"{part[:100]}: its birth has not been heard")
        owner = view.foreign.get(metric.alias)
        detail = "no birth announced it" if owner is None else f"it was announced for {owner}"
        self._refuse(RejectionReason.NOT_BORN, part, detail, getattr(metric, field))
        return None

    def _means_nothing(self, name: str, binding: FieldBinding | None) -> bool:
        ignored = self._profile is not None and name in self._profile.ignore
        return ignored or (binding is None and (name == _BD_SEQ or name.startswith(_CONTROL)))

    def _measure(
        self,
        binding: FieldBinding,
        name: str,
        unit: str | None,
        value: Value,
        time_us: int | None,
        *,
        doubted: bool,
        place: int = 0,
    ) -> None:
        """Add one value. `place`: of an item of an array, which gets a channel of its own."""
        quantity, unit = binding.quantity, unit or binding.unit
        outcome: Measured | Refused | None
        if (
            (type(value) is float or type(value) is int)
            and binding.scale == 1
            and not binding.sentinels
            and quantity not in STATES
        ):
            outcome = _new(Measured, (quantity, value, unit, binding.channel, time_us))
        else:
            outcome = fields.take(binding, name, value)
        if isinstance(outcome, Refused):
            self.refused.append(outcome)
        elif outcome is not None:
            number = Doubted(outcome.value) if doubted else outcome.value
            unit = unit if type(value) is float or type(value) is int else outcome.unit
            self.measured.append(_new(Measured, (quantity, number, unit, outcome.channel + place, time_us)))

    def _time_us(self, metric: Metric, known: Known) -> int | None:
        """The metric's own time in microseconds, or None for that of the message.

        Publishers built on a well-known library give every metric the time their process started. So a metric with
        exactly the time it had in its birth, and not marked as history, gets the time of the message.
        """
        own_ms = metric.timestamp
        if not own_ms or own_ms >= _MAX_MS or own_ms == self._said_ms:
            return None
        if own_ms == known.time_ms and not self._birth and self._said_ms is not None and not metric.is_historical:
            return None
        return int(own_ms) * 1000

    def _refuse(self, reason: RejectionReason, part: str, detail: str, sent: object) -> None:
        self.refused.append(Refused(reason, part, detail, shown(sent)))


def _says_more(metric: Metric) -> bool:
    """Whether a metric has more than an alias, a value and a time."""
    return bool(metric.name or metric.is_null or metric.is_transient or metric.HasField("properties"))


def _ms(sent: int) -> int | None:
    return sent if 0 < sent < _MAX_MS else None


def _name(metric: Metric) -> str:
    text: str = metric.name.decode("utf-8", "replace")
    return text


def _bd_seq(message: Payload) -> int | None:
    """The bdSeq of a birth or death, whichever whole-number field it comes in; None without one."""
    for metric in message.metrics:
        if metric.name == b"bdSeq":
            value: int = metric.long_value if metric.HasField("long_value") else metric.int_value
            return value & (2**63 - 1)
    return None


def _property(metric: Metric, key: bytes) -> Any:
    for name, value in zip(metric.properties.keys, metric.properties.values, strict=False):
        if name == key and not value.is_null:
            return value
    return None


def _quality(metric: Metric) -> int:
    found = _property(metric, b"Quality")
    return _GOOD if found is None else int(found.int_value or found.long_value)


def _unit(metric: Metric) -> str | None:
    found = _property(metric, b"engUnit") if metric.HasField("properties") else None
    return None if found is None else found.string_value.decode("utf-8", "replace").strip() or None
