"""Reads any vendor's JSON by a declarative map. Each map is compiled to functions once, for many messages."""

import binascii
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from itertools import chain, islice
from math import isfinite
from typing import Literal, NamedTuple, TypeAlias

from ingest.decode.chirpstack import lorawan
from ingest.decode.common import fields
from ingest.decode.common.limits import Limits, check_parts, parse_json
from ingest.decode.common.times import time_reader
from ingest.decode.frame import raw
from ingest.decode.mapped import link as mapped_link
from ingest.decode.mapped import rows as mapped_rows
from ingest.decode.mapped.json_path import getter
from ingest.decode.mapped.rows import Value
from ingest.errors import Undecodable
from schemas.json_map import FrameRule, Inner, JsonMap, Position
from schemas.profile import Doubts, FieldBinding, Profile, doubted, doubts_of
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Link, Measured, Refused, Uplink

_REMEMBERED = 512
_MOST_CHANNEL = 32_767

_Decode: TypeAlias = Callable[[bytes, str, Profile | None, Limits], Uplink]


class _Bindings(NamedTuple):
    """What names mean. `known`: the results of `_look_up` by name; absent: not looked up yet, or unknown."""

    fields: Mapping[str, FieldBinding]
    any_sensor: Mapping[str, FieldBinding]
    ignore: frozenset[str]
    known: dict[str, FieldBinding | Literal["ignored"]]
    doubts: Doubts = ()


def decode(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:
    """A message by the map of the device's own profile."""
    if profile is None or profile.map is None:
        raise Undecodable(RejectionReason.NOT_DECODED, "the device has no profile with a map")
    return _remembered(profile)(payload, event, profile, limits)


def decoder(mapping: Profile) -> _Decode:
    """The decoder `mapped:NAME`. It reads by this map, unless the device's own profile has a map."""
    own = _compile_map(mapping)

    def read(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:
        if profile is not None and profile.map is not None:
            return _remembered(profile)(payload, event, profile, limits)
        return own(payload, event, profile, limits)

    return read


def named_device(mapping: Profile, payload: bytes, limits: Limits) -> str | None:
    """The device that a message on a gateway's topic names, in lower case; None if it names none."""
    assert mapping.map is not None  # callers ask only of a profile with a map
    named = getter(mapping.map.device)(_opened(payload, mapping.map, limits))
    return str(named).strip().lower() if isinstance(named, (str, int)) and not isinstance(named, bool) else None


_decoders_by_id: dict[int, tuple[Profile, _Decode]] = {}


def _remembered(profile: Profile) -> _Decode:
    cached = _decoders_by_id.get(id(profile))
    if cached is not None and cached[0] is profile:
        return cached[1]
    if len(_decoders_by_id) >= _REMEMBERED:  # profiles of former registries
        _decoders_by_id.clear()
    made = _compile_map(profile)
    _decoders_by_id[id(profile)] = (profile, made)
    return made


def _compile_map(mapping: Profile) -> _Decode:
    rule = mapping.map
    assert rule is not None  # both callers pass a profile with a map
    rows = [mapped_rows.reader(rows_rule, rule) for rows_rule in rule.rows]
    time_at = getter(None if rule.time is None else rule.time.path)
    time_of = None if rule.time is None else time_reader(rule.time)
    link = None if rule.link is None else mapped_link.reader(rule.link)
    frame = None if rule.frame is None else _frame_reader(rule.frame)
    place = None if rule.position is None else _position(rule.position)
    counter, void_at = getter(rule.counter), getter(None if rule.void is None else rule.void.path)
    own_keys, frame_keys = mapped_rows.own_keys(rule), mapped_rows.frame_keys(rule)
    bound: dict[int, tuple[Profile | None, _Bindings]] = {}

    def read(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:
        if rule.events and event.rpartition("/")[2] not in rule.events:
            return Uplink(EventKind.OTHER, None, None, [])
        document = _opened(payload, rule, limits)
        sent_time = time_at(document)
        time_us = None if sent_time is None or time_of is None else time_of(sent_time)
        values = _values(rows, document, event, limits.max_parts)
        content = None if frame is None else frame(document)
        if rule.void is not None and void_at(document) in rule.void.one_of:
            raise Undecodable(RejectionReason.SENTINEL, "the device's way to say 'nothing was measured'")
        if content is not None:
            values = [value for value in values if not _is_frame(value, frame_keys)]
        measured, refused = _split_values(values, _bindings(mapping, profile, own_keys, bound))
        if content is not None:
            _add_frame(content, profile, time_us, measured, refused)
        elif not values and place is None:
            raise Undecodable(RejectionReason.WRONG_SHAPE, "nothing stands where the map looks for values")
        if place is not None:
            measured += place(document)
        times_us = _times_us(values)
        number = _counter(counter(document), refused)
        heard = None if link is None else _link(link, document, None if content is None else len(content[0]), refused)
        return Uplink(
            EventKind.BACKFILL if len(times_us) > 1 else EventKind.UPLINK,
            time_us if time_us is not None else max(times_us, default=None),
            number,
            measured,
            heard,
            tuple(refused),
        )

    return read


def _values(rows: list[mapped_rows.Read], document: object, event: str, most: int) -> list[Value | Refused]:
    """The values of all rows. Raises Undecodable if there are more than a message may become."""
    values = list(islice(chain.from_iterable(one(document, event, most) for one in rows), most + 1))
    check_parts(len(values), most)
    return values


def _opened(payload: bytes, rule: JsonMap, limits: Limits) -> object:
    """The document, with the documents inside it parsed where the map says so."""
    try:
        document = parse_json(payload, limits)
    except Undecodable as bad:
        if not rule.text or bad.reason != RejectionReason.NOT_JSON:
            raise
        document = payload.decode().strip()
    for inner in rule.inner:
        document = _open_inner(document, inner, limits)
    return document


def _open_inner(document: object, inner: Inner, limits: Limits) -> object:
    text = getter(inner.path)(document)
    if not isinstance(text, str):
        return document
    content = text.encode() if inner.encoding == "json" else _bytes(text, inner.encoding)
    opened = parse_json(content, limits)
    if isinstance(document, dict) and isinstance(opened, dict):
        return {**document, **opened}
    return opened


def _bytes(text: str, encoding: str) -> bytes:
    if encoding == "base64":
        return raw.from_base64(text)
    try:
        return binascii.a2b_hex(text.strip())
    except (binascii.Error, ValueError):
        raise Undecodable(RejectionReason.WRONG_SHAPE, f"the frame {text[:40]!r} is not hexadecimal") from None


def _frame_reader(rule: FrameRule) -> Callable[[object], tuple[bytes, int | None] | None]:
    frame_at, port_at = getter(rule.path), getter(rule.port)

    def read(document: object) -> tuple[bytes, int | None] | None:
        text = frame_at(document)
        if not isinstance(text, str) or not text:
            return None
        port = mapped_link.number(port_at(document))
        return _bytes(text, rule.encoding), int(port) if port is not None and 0 <= port < 256 else None

    return read


def _is_frame(value: Value | Refused, frame_keys: AbstractSet[str]) -> bool:
    """Whether a value is the text of the frame, which is read as bytes; anything else under that key is a value."""
    return isinstance(value, Value) and value.name in frame_keys and isinstance(value.value, str)


def _add_frame(
    content: tuple[bytes, int | None],
    profile: Profile | None,
    time_us: int | None,
    measured: list[Measured],
    refused: list[Refused],
) -> None:
    """Add the readings of the frame. Without a profile for it the vendor's values do; Undecodable if there are none."""
    if profile is not None and profile.reads_bytes:
        more, less = raw.read(*content, profile, time_us)
        measured += more
        refused += less
    elif not measured and not refused:
        raise Undecodable(RejectionReason.NOT_DECODED, "the device has no profile that says what its bytes mean")


def _position(rule: Position) -> Callable[[object], list[Measured]]:
    gets = {"latitude": getter(rule.latitude), "longitude": getter(rule.longitude), "altitude": getter(rule.altitude)}

    def read(document: object) -> list[Measured]:
        return lorawan.position({name: mapped_link.number(get(document)) for name, get in gets.items()})

    return read


def _bindings(
    mapping: Profile,
    profile: Profile | None,
    own_keys: frozenset[str],
    bound: dict[int, tuple[Profile | None, _Bindings]],
) -> _Bindings:
    """The fields of the device's profile before those of the map. What either binds is not ignored.

    `own_keys`: what the map itself reads as time, counter or link. Where nothing is bound at all, codes of the
    catalogue are taken.
    """
    cached = bound.get(id(profile))
    if cached is not None and cached[0] is profile:
        return cached[1]
    if len(bound) >= _REMEMBERED:
        bound.clear()
    all_fields = mapping.fields if profile is None else {**mapping.fields, **profile.fields}
    ignored = mapping.ignore | own_keys | (frozenset() if profile is None else profile.ignore)
    ignore = ignored - all_fields.keys()
    any_sensor = {name[2:]: binding for name, binding in all_fields.items() if name.startswith("*.")}
    made = _Bindings(all_fields, any_sensor, ignore, {}, doubts_of(all_fields))
    bound[id(profile)] = (profile, made)
    return made


def _split_values(values: list[Value | Refused], bindings: _Bindings) -> tuple[list[Measured], list[Refused]]:
    measured: list[Measured] = []
    refused: list[Refused] = []
    unsure = _unsure(values, bindings.doubts) if bindings.doubts else ()
    for value in values:
        outcome = value if isinstance(value, Refused) else _meaning(value, bindings)
        if isinstance(outcome, Measured):
            measured.append(fields.doubtful(outcome) if unsure and (value[0], value[2]) in unsure else outcome)
            if isinstance(value[1], dict):
                refused.extend(fields.refused_beside(value[0], value[1], bindings.ignore))
        elif outcome is not None:
            refused.append(outcome)
    return measured, refused


def _unsure(values: list[Value | Refused], doubts: Doubts) -> set[tuple[str, int | None]]:
    """(name, time) of the values that the publisher calls doubtful. Values of one time are judged by each other."""
    rows: dict[int | None, dict[str, object]] = {}
    for value in values:
        if isinstance(value, Value):
            rows.setdefault(value.time_us, {})[value.name] = value.value
    return {(name, time_us) for time_us, row in rows.items() for name in doubted(doubts, row)}


def _meaning(value: Value, bindings: _Bindings) -> Measured | Refused | None:
    name, sent, time_us, channel = value
    if sent is None:
        return None
    binding = bindings.known.get(name) or _look_up(name, bindings)
    if isinstance(binding, str):  # ignored
        return None
    if binding is None:
        outcome = fields.without_binding(name, sent, by_code=not bindings.fields)
    else:
        outcome = fields.take(binding, name, sent)
    if not isinstance(outcome, Measured):
        return outcome
    if time_us is None and not channel:
        return outcome
    return outcome._replace(time_us=time_us, channel=min(outcome.channel + (channel or 0), _MOST_CHANNEL))


def _look_up(name: str, bindings: _Bindings) -> FieldBinding | Literal["ignored"] | None:
    """The binding of a name; None if it is unknown.

    Unknown names are not remembered: a publisher can make up any number of them, and they must not fill the memory.
    """
    last = name.rpartition(".")[2]
    binding: FieldBinding | Literal["ignored"] | None = (
        bindings.fields.get(name)
        or bindings.any_sensor.get(last)
        or (None if bindings.fields else fields.CERTAIN.get(name))
    )
    if name in bindings.ignore or (binding is None and f"*.{last}" in bindings.ignore):
        binding = "ignored"
    if binding is not None and len(bindings.known) < _REMEMBERED:
        bindings.known[name] = binding
    return binding


def _times_us(values: list[Value | Refused]) -> set[int]:
    return {value.time_us for value in values if type(value) is Value and value.time_us is not None}


def _counter(sent: object, refused: list[Refused]) -> int | None:
    number = mapped_link.number(sent)
    if sent is None or (number is not None and isfinite(number) and 0 <= number < 2**63):
        return None if number is None else int(number)
    refused.append(Refused(RejectionReason.WRONG_SHAPE, "counter", f"{sent!r:.40} is not a counter", sent))
    return None


def _link(read: mapped_link.Read, document: object, frame_bytes: int | None, refused: list[Refused]) -> Link | None:
    """The link record. One of the wrong shape is a refused part: the readings do not depend on it."""
    try:
        return read(document, frame_bytes)
    except Undecodable as bad:
        if bad.reason is not RejectionReason.WRONG_SHAPE:
            raise
        refused.append(Refused(bad.reason, "link", bad.detail))
        return None
