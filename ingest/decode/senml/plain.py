"""The quick way through a SenML pack that is nothing but numbers of one time, as nearly every pack is.

It gives exactly what `Pack` would give, and leaves any record with more in it to that.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ingest.decode.senml.labels import Labels
from ingest.decode.senml.names import Key, resolve
from schemas.line import line
from schemas.uplink import EventKind, MeasuredRow, Uplink
from schemas.uplink import new_tuple as _new

_MOST = 16
"""The names of one pack are one key of the cache; longer packs go the other way, so that a key stays small."""
_FROM_S, _TO_S = 2**28, 253_402_300_800
_LARGEST = 1e290
"""A number below it stays finite with any factor."""

_UPLINK = EventKind.UPLINK

Name = tuple[Any, Any]
"""Name and unit of a record as they came, of any type."""


class Series(NamedTuple):
    """The meaning of a record's number: `value * factor` in `unit` is the quantity on its channel."""

    quantity: str
    factor: float
    unit: str | None
    channel: int


class Base(NamedTuple):
    """Base name, base unit and base time, which hold for all records here."""

    name: str
    unit: str
    time_s: float


def plain(labels: Labels, records: Sequence[Any], key: Key | None) -> Uplink | None:
    """The uplink of a pack, or None if `Pack` must read it. Raises Undecodable for a name that SenML forbids."""
    base = _base(labels, records)
    content = None if base is None else _names_and_values(labels, records, base)
    if base is None or content is None:
        return None
    names, values = content
    try:
        series = _series(key, base.name, tuple(names))
    except TypeError:  # a list as a name, which cannot be a key of the cache
        return None
    if series is None:
        return None
    measured: list[MeasuredRow] = [
        (quantity, value if factor == 1 else line(value, factor), unit, channel, None)
        for (quantity, factor, unit, channel), value in zip(series, values, strict=True)
    ]
    return _new(Uplink, (_UPLINK, round(base.time_s * 1e6) or None, None, measured, None, ()))


def _base(labels: Labels, records: Sequence[Any]) -> Base | None:
    head = records[0]
    if len(records) > _MOST or type(head) is not dict or not head.keys() <= labels.head:
        return None
    name, unit, at = head.get(labels.bn, ""), head.get(labels.bu, ""), head.get(labels.bt, 0)
    texts = type(name) is str and type(unit) is str
    timed = (type(at) is int or type(at) is float) and (at == 0 or _FROM_S <= at < _TO_S)
    return _new(Base, (name, unit, at)) if texts and timed else None


def _names_and_values(labels: Labels, records: Sequence[Any], base: Base) -> tuple[list[Name], list[float]] | None:
    n, u, v, named, unit = labels.n, labels.u, labels.v, labels.named, base.unit
    names: list[Name] = []
    values: list[float] = []
    head = records[0]
    for record in records:
        if record is not head and (type(record) is not dict or not record.keys() <= named):
            return None
        value = record.get(v)
        if not (type(value) is float or type(value) is int) or not -_LARGEST < value < _LARGEST:
            return None
        names.append((record.get(n, ""), record.get(u, unit)))
        values.append(value)
    return names, values


@lru_cache(maxsize=4096)
def _series(key: Key | None, base: str, names: tuple[Name, ...]) -> tuple[Series, ...] | None:
    """The meaning of each record with these names; None if a name needs more than a factor."""
    series: list[Series] = []
    spoken: dict[tuple[str, int], str] = {}
    for own, unit in names:
        quick = resolve(key, base, own, unit).quick
        if quick is None:
            return None
        slot, quantity, channel, full, in_unit, factor = quick
        if spoken.setdefault(slot, full) != full:
            return None
        series.append(Series(quantity, float(factor), in_unit, channel))
    return tuple(series)
