"""A SenML pack while it is read: the base fields for the next record, and the values of the records so far."""

import re
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite, nan
from typing import Any

from ingest.decode.common import fields
from ingest.decode.common.limits import is_no_number
from ingest.decode.senml.labels import Label, Labels
from ingest.decode.senml.names import Key, Resolved, resolve, why_unbound
from ingest.errors import Undecodable
from schemas.line import line
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Link, Measured, MeasuredRow, Refused, Relative, Uplink
from schemas.uplink import new_tuple as _new

_NOW_BELOW_S = 2**28
"""Base time plus time, in seconds: a sum below this counts from the time of receipt (RFC 8428, 4.5.3)."""
_END_S = 253_402_300_800
_DATA = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_VERSION, _WITH_SECONDARY_UNITS = 10, 26


Record = Mapping[Label, object]


class Pack:
    """`take` each record in turn, then ask for the `uplink`. Either raises Undecodable for the pack as a whole."""

    # Base fields: each holds until a record gives another.
    _bn = _bu = ""
    _bt: float = 0
    _bv: float = 0
    _bs: float | None = None
    _bver: int | None = None
    _base_known = False
    _base_us: int | None = None
    # The result of the records so far.
    _begun = _mixed = _relative = _now = _secondary = False
    _first_us: int | None = None
    _newest_us: int | None = None
    _silence_s: float | None = None

    def __init__(self, labels: Labels, profile: Profile | None, key: Key | None) -> None:
        self._labels = labels
        self._profile = profile
        self._key = key
        self._measured: list[MeasuredRow] = []
        self._refused: list[Refused] = []
        self._spoken: dict[tuple[str, int], str] = {}

    def take(self, record: object) -> None:
        """Resolve one record and keep its values."""
        if type(record) is not dict:
            raise _wrong("a record is not an object")
        labels, get, keys = self._labels, record.get, record.keys()
        value = get(labels.v)
        # The quick way for nearly every record: a number, and at most base name, time and unit for later records.
        if type(value) is not float or self._bs is not None:
            self._take_any(record)
            return
        if not keys <= labels.simple:
            if not keys <= labels.first:
                self._take_any(record)
                return
            self._inherit_usual(record)
        value += self._bv
        if not isfinite(value):
            raise _wrong("a value is not finite")
        name = self._resolve(get(labels.n, ""), get(labels.u, self._bu))
        at, quick = get(labels.t), name.quick
        time_us = self._base_us if at is None and self._base_known else self._time_us(at)
        if quick is not None:
            slot, quantity, channel, full, unit, factor = quick
            if self._spoken.setdefault(slot, full) == full:
                self._measured.append(
                    _new(Measured, (quantity, value if factor == 1 else line(value, factor), unit, channel, time_us))
                )
                return
        self._read(name, value, time_us)

    def _take_any(self, record: Record) -> None:
        """A record of any kind."""
        labels = self._labels
        if not record.keys() <= labels.ordinary:
            self._inherit(record)
        if is_no_number(record.get(labels.v)):
            self._refuse_number(record)
            return
        value = self._value(record)
        summed = self._sum(record, value)
        if value is None and summed is None:
            if labels.n in record or record.keys() <= labels.ordinary:
                raise _wrong("a record has neither a value nor a sum")
            return  # base fields only
        name = self._resolve(record.get(labels.n, ""), record.get(labels.u, self._bu))
        time_us = self._time_us(record.get(labels.t))
        if value is not None:
            self._read(name, value, time_us)
        if summed is not None:
            self._say_sum(name, summed, time_us)

    def _refuse_number(self, record: Record) -> None:
        """Refuse a value such as NaN alone. The time of its record is still read: others may count from it."""
        labels = self._labels
        name = self._resolve(record.get(labels.n, ""), record.get(labels.u, self._bu))
        self._time_us(record.get(labels.t))
        self._refuse(RejectionReason.NOT_A_NUMBER, name.full, "not a finite number", record[labels.v])

    def _resolve(self, own: Any, unit: Any) -> Resolved:
        try:
            return resolve(self._key, self._bn, own, unit)
        except TypeError:  # a list, which cannot be a key of the cache
            raise _wrong("a name or a unit is not text") from None

    def uplink(self) -> Uplink:
        """The whole pack as one uplink."""
        more: dict[str, object] = {}
        if self._silence_s is not None:
            more["update_time_s"] = self._silence_s
        if self._secondary and self._bver != _WITH_SECONDARY_UNITS:
            more["remark"] = "secondary units without bver 26"
        link = Link(more=more) if more else None
        kind = EventKind.BACKFILL if self._mixed else EventKind.UPLINK
        refused = tuple(self._refused)
        first_us = self._first_us or None
        if self._relative or (self._mixed and self._now):
            timed = [(*row[:4], (first_us if row[4] is None else row[4]) or None) for row in self._measured]
            return Relative(kind, None, None, timed, link, refused)
        if self._mixed:
            timed = [(*row[:4], first_us if row[4] is None else row[4]) for row in self._measured]
            return Uplink(kind, self._newest_us, None, timed, link, refused)
        return _new(Uplink, (kind, first_us, None, self._measured, link, refused))

    def _read(self, name: Resolved, value: object, time_us: int | None) -> None:
        """Read a value that is no plain number, or whose binding does more than name a quantity."""
        if name.binding is None:
            if not name.ignored:
                reason, detail = why_unbound(name, self._profile)
                self._refuse(reason, name.full, detail, value)
            return
        if self._spoken.setdefault(name.slot, name.full) != name.full:
            self._refuse_second(name, value)
            return
        outcome = fields.take(name.binding, name.full, value)
        if isinstance(outcome, Refused):
            self._refuse(*outcome)
        elif outcome is not None:
            number, unit = outcome.value, outcome.unit
            if type(value) is float and type(number) is float:  # a state has no unit, even if the record inherits one
                number, unit = line(number, name.factor), name.unit
                self._secondary |= name.secondary
            self._measured.append(_new(Measured, (name.quantity, number, unit, name.channel, time_us)))

    def _refuse_second(self, name: Resolved, value: object) -> None:
        other = self._spoken[name.slot]
        detail = f"{other} is the same quantity: a profile tells them apart by channels"
        self._refuse(RejectionReason.UNKNOWN_QUANTITY, name.full, detail, value)

    def _say_sum(self, name: Resolved, summed: float, time_us: int | None) -> None:
        """Add a sum: the integral of the value over time, so its own binding names its quantity and unit."""
        part = f"{name.full}#s"
        profile = self._profile
        names = [f"{field}#s" for field in name.fields]
        if profile is not None and not profile.ignore.isdisjoint(names):
            return
        binding = (
            None
            if profile is None
            else next((profile.fields[name_of_sum] for name_of_sum in names if name_of_sum in profile.fields), None)
        )
        if binding is None:
            self._refuse(RejectionReason.UNKNOWN_QUANTITY, part, "no quantity is bound to this sum", summed)
            return
        outcome = fields.take(binding, part, summed)
        if isinstance(outcome, Refused):
            self._refused.append(outcome)
        elif outcome is not None:
            self._measured.append(outcome._replace(time_us=time_us))

    def _refuse(self, reason: RejectionReason, part: str, detail: str, value: object) -> None:
        shown = b64encode(value).decode() if isinstance(value, bytes) else value
        self._refused.append(Refused(reason, part, detail, shown))

    def _inherit(self, record: Record) -> None:
        """Take over base fields; they stay until the same one comes again. Refuse what must be understood."""
        labels = self._labels
        self._inherit_usual(record)
        if labels.bv in record:
            self._bv = _number(record[labels.bv])
        if labels.bs in record:
            self._bs = _number(record[labels.bs])
        if labels.bver in record:
            self._version(record[labels.bver])
        if labels.ut in record:
            self._silence_s = max(self._silence_s or 0, _number(record[labels.ut]))
        for label in record.keys() - frozenset(labels[:15]):
            if type(label) is str and label.endswith("_"):
                raise Undecodable(RejectionReason.MUST_UNDERSTAND, f"the label {label[:40]!r} is not known here")

    def _inherit_usual(self, record: Record) -> None:
        labels = self._labels
        if labels.bn in record:
            self._bn = _text(record[labels.bn])
        if labels.bt in record:
            self._bt, self._base_known = _number(record[labels.bt]), False
        if labels.bu in record:
            self._bu = _text(record[labels.bu])

    def _version(self, value: object) -> None:
        """RFC 9100: the four low bits say 10, one bit more says secondary units, no other bit is known."""
        if type(value) is not int or self._bver not in (None, value):
            raise _wrong("`bver` is not one number for the whole pack")
        if value not in (_VERSION, _WITH_SECONDARY_UNITS):
            raise Undecodable(RejectionReason.MUST_UNDERSTAND, f"version {value} of SenML is not known here")
        self._bver = value

    def _value(self, record: Record) -> object:
        """The value of a record, None if it has none. Raises Undecodable if it has several."""
        labels = self._labels
        present = [label for label in labels.values if label in record]
        if not present:
            return None
        if len(present) > 1:
            raise _wrong("a record has more than one value")
        label, value = present[0], record[present[0]]
        if label == labels.v:
            return _number(self._bv + _number(value))
        if label == labels.vd:
            return _data(value)
        if type(value) is not (bool if label == labels.vb else str):
            raise _wrong(f"`{label}` has the wrong type")
        return value

    def _sum(self, record: Record, value: object) -> float | None:
        """`bs` + `s`. A base sum alone makes no sum of a record that says nothing else."""
        labels = self._labels
        if labels.s in record:
            return _number((self._bs or 0) + _number(record[labels.s]))
        return self._bs if value is not None or labels.n in record else None

    def _time_us(self, at: object) -> int | None:
        """Base time plus `at`, in microseconds, in the form that `uplink` resolves when the whole pack is read.

        None stands for the time of the first record. 0 stands for "now" if the first record has another time.
        """
        if at is None:
            if not self._base_known:
                self._base_us, self._base_known = self._placed_us(self._bt), True
            return self._base_us
        return self._placed_us(self._bt + _number(at))

    def _placed_us(self, seconds: float) -> int | None:
        if not -_NOW_BELOW_S < seconds < _END_S:
            raise Undecodable(RejectionReason.INVALID_TIME, f"{seconds:g} s is no time")
        time_us = round(seconds * 1e6)
        if seconds < _NOW_BELOW_S:
            self._relative |= time_us != 0
            self._now |= time_us == 0
        if not self._begun:
            self._begun, self._first_us, self._newest_us = True, time_us, time_us
        if time_us == self._first_us:
            return None
        self._mixed = True
        self._newest_us = max(self._newest_us or 0, time_us)
        return time_us


def _data(value: object) -> bytes:
    """The bytes of `vd`; JSON has them as base64url without padding."""
    if type(value) is bytes:
        return value
    if type(value) is str and len(value) % 4 != 1 and _DATA.fullmatch(value) is not None:
        return urlsafe_b64decode(value + "=" * (-len(value) % 4))
    raise _wrong("`vd` is not base64url without padding")


def _text(value: object) -> str:
    if type(value) is str:
        return value
    raise _wrong("a base name or unit is not text")


def _number(value: object) -> float:
    if type(value) is float or type(value) is int or type(value) is Decimal:
        try:
            number = float(value)
        except (OverflowError, ValueError):
            number = nan
        if isfinite(number):
            return number
    raise _wrong("a value, sum or time is not a finite number")


def _wrong(detail: str) -> Undecodable:
    return Undecodable(RejectionReason.WRONG_SHAPE, detail)
