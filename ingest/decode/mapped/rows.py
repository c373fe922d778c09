"""Reads the values of a mapped message. Its rows have one of five shapes; each gives names with values."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple, TypeAlias

from ingest.decode.common.limits import check_parts
from ingest.decode.common.names import short
from ingest.decode.common.times import time_reader
from ingest.decode.mapped.json_path import Get, getter, walker
from ingest.errors import Undecodable
from schemas.json_map import JsonMap, Rows
from schemas.json_path import Steps, parse
from schemas.rejection import RejectionReason
from schemas.uplink import Refused
from schemas.uplink import new_tuple as _new

_LONGEST_UNIT = 100
_DECIMAL_COMMA = re.compile(r"\s*[+-]?[0-9]{1,15},[0-9]{1,15}\s*", re.ASCII)


class Value(NamedTuple):
    """One value of a message under its name. `time_us`: its own time."""

    name: str
    value: object
    time_us: int | None = None
    channel: int | None = None


Pairs: TypeAlias = Iterator[tuple[str, object]]
_Shape: TypeAlias = Callable[[object, object, str], Pairs]
"""(row, document, event) -> names with values."""
Read: TypeAlias = Callable[[object, str, int], Iterator[Value | Refused]]
"""(document, event, how many values there may be) -> values. Raises Undecodable if there are more."""


def reader(rows: Rows, whole: JsonMap) -> Read:
    """The function that reads these rows."""
    walk, shape = walker(rows.each), _shape(rows)
    own_time, by_key = None if rows.time is None else time_reader(rows.time), False
    where: Get = getter(None)
    if rows.time is not None and not rows.parallel:
        by_key = rows.time.path == "$key"
        where = getter(None if by_key else rows.time.path)
    comma = whole.decimal_comma
    bytes_path = whole.frame.path if whole.frame is not None else None

    def read(document: object, event: str, most: int) -> Iterator[Value | Refused]:
        for key, row in walk(document, most):
            if isinstance(row, str) and bytes_path == rows.each:
                continue  # the same key holds values or bytes, whichever the device sends
            time_us = None
            try:
                if own_time is not None and not rows.parallel:
                    sent_time = key if by_key else where(row)
                    time_us = None if sent_time is None else own_time(sent_time)
                pairs = list(islice(shape(row, document, event), most + 1))
            except Undecodable as bad:
                yield Refused(bad.reason, key or rows.each, bad.detail, row)
                continue
            check_parts(len(pairs), most)
            for name, value in pairs:
                entry = value if type(value) is Value else _new(Value, (name, value, time_us, None))
                yield entry._replace(value=_pointed(entry.value)) if comma else entry

    return read


def own_keys(whole: JsonMap) -> frozenset[str]:
    """Names under which rows would repeat what the map reads elsewhere: times, the counter, the device, the link."""
    link = whole.link
    of_document = [whole.counter, whole.device, None if whole.time is None else whole.time.path]
    if link is not None:
        of_document += [link.rssi, link.snr, link.gateway, link.data_rate, link.spreading_factor, *link.more.values()]
        of_document += [link.bandwidth_khz, link.frequency_mhz]
    keys: set[str] = set()
    for rows in whole.rows:
        if rows.time is not None and rows.time.path != "$key":
            keys |= _names(rows.time.path, (), nested=rows.nested)
        for place in parse(rows.each):
            for path in (*of_document, *rows.units.values()):
                keys |= _names(path, place, nested=rows.nested)
    return frozenset(keys)


def frame_keys(whole: JsonMap) -> frozenset[str]:
    """Names under which rows would repeat the text of the frame."""
    if whole.frame is None:
        return frozenset()
    shown = (_names(whole.frame.path, place, nested=rows.nested) for rows in whole.rows for place in parse(rows.each))
    return frozenset().union(*shown)


def _names(path: str | None, place: Steps, *, nested: bool) -> set[str]:
    """The names that the value at a path has among the entries at `place`; none if it is not one of them."""
    if path is None:
        return set()
    inside = [steps[len(place) :] for steps in parse(path) if steps[: len(place)] == place]
    plain = [[step for step in steps if isinstance(step, str)] for steps in inside if nested or len(steps) == 1]
    return {".".join(steps) for steps in plain if steps}


def _pointed(value: object) -> object:
    return value.replace(",", ".") if isinstance(value, str) and _DECIMAL_COMMA.fullmatch(value) else value


def _shape(rows: Rows) -> _Shape:
    if rows.name is not None:
        return _records(rows)
    if rows.names is not None:
        return _columns(rows)
    if rows.parallel:
        return _parallel(rows)
    return _entries(rows)


def _entries(rows: Rows) -> _Shape:
    units = {key: getter(path) for key, path in rows.units.items()}

    def read(row: object, document: object, _: str) -> Pairs:
        entries = _object(row)
        pairs = _nested("", entries) if rows.nested else iter(entries.items())
        if not units:
            return pairs
        return _with_units(pairs, units, document)

    return read


def _object(row: object) -> Mapping[str, object]:
    if isinstance(row, dict):
        return row
    raise Undecodable(RejectionReason.WRONG_SHAPE, "a row is an object of names and values")


def _nested(prefix: str, entries: Mapping[str, object]) -> Pairs:
    for key, value in entries.items():
        if isinstance(value, dict) and "value" not in value:
            yield from _nested(f"{short(prefix + key)}.", value)
        else:
            yield prefix + key, value


def _with_units(pairs: Pairs, units: Mapping[str, Get], document: object) -> Pairs:
    for name, value in pairs:
        hint = units.get(name.rpartition(".")[2])
        unit = None if hint is None or isinstance(value, dict) else _unit(hint(document))
        yield name, value if unit is None else {"value": value, "unit": unit}


def _unit(unit: object) -> str | None:
    """The unit for many values, cut to a length: it is kept with each of them. None if it is no text."""
    if not isinstance(unit, str) or len(unit) <= _LONGEST_UNIT:
        return unit if isinstance(unit, str) else None
    return f"{unit[:_LONGEST_UNIT]}…"


def _records(rows: Rows) -> _Shape:
    by_topic, name_of, value_of = rows.name == "$topic", getter(rows.name), getter(rows.value)
    unit_of = getter(rows.unit)

    def read(row: object, _: object, event: str) -> Pairs:
        value, unit = value_of(row), unit_of(row)
        if value is not None and unit is not None:
            value = {"value": value, "unit": unit}
        if by_topic:
            channel, _, name = event.rpartition("/")
            number = int(channel) if channel.isascii() and channel.isdigit() and len(channel) < 5 else None
            yield name, Value(name, value, None, number)
            return
        label = name_of(row)
        if not isinstance(label, (str, int, float)):
            raise Undecodable(RejectionReason.WRONG_SHAPE, "the row does not say what it measures")
        yield f"{label:g}" if isinstance(label, float) else str(label), value

    return read


def _columns(rows: Rows) -> _Shape:
    names_of, values_of = getter(rows.names), getter(rows.values)

    def read(row: object, document: object, _: str) -> Pairs:
        names, values = names_of(document), values_of(row)
        if not isinstance(names, list) or not isinstance(values, list) or len(names) != len(values):
            raise Undecodable(RejectionReason.WRONG_SHAPE, "the row has not as many values as there are names")
        return ((_column(name), value) for name, value in zip(names, values, strict=True))

    return read


def _column(name: object) -> str:
    """The name of a column. Raises Undecodable if it is neither text nor a number."""
    if isinstance(name, (str, int, float)):
        return str(name)
    raise Undecodable(RejectionReason.WRONG_SHAPE, "a column has a name that is neither text nor a number")


def _parallel(rows: Rows) -> _Shape:
    assert rows.time is not None  # checked by the model
    time_path, time_of = rows.time.path, time_reader(rows.time)
    times_at = getter(time_path)

    def read(row: object, _: object, __: str) -> Pairs:
        entries, sent_times = _object(row), times_at(row)
        if not isinstance(sent_times, list):
            raise Undecodable(RejectionReason.WRONG_SHAPE, f"`{time_path}` is not an array of times")
        times = [time_of(sent_time) for sent_time in sent_times]
        for name, values in entries.items():
            if name == time_path or values is None:
                continue
            if not isinstance(values, list):
                yield name, values
            elif len(values) != len(times):
                raise Undecodable(RejectionReason.WRONG_SHAPE, f"`{name}` has not as many values as there are times")
            else:
                yield from ((name, Value(name, value, at)) for value, at in zip(values, times, strict=True))

    return read
