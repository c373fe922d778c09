"""The ledger of transmitting time: the worst sliding hour of each transmitter by month, exact under late data."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ingest.store.database import Database
from ingest.watch.airtime.database import (
    FARTHEST_BACK,
    Month,
    Transmitter,
    Worst,
    read_ledger,
    sent_in,
    write_ledger,
)
from ingest.watch.airtime.pieces import OnAir, Sent, longest_ms, on_air, untold
from ingest.watch.airtime.sliding import SAME_S
from ingest.watch.progress.database import Span
from schemas.airtime import airtime_limits
from schemas.japan import JST

HOUR = timedelta(hours=1)
FIRST = timedelta(days=1)
"""So far back the first look of all begins."""
ALIKE = timedelta(seconds=1)
AT_ONCE = 200
"""So many transmitters are reckoned at once: what all of them sent in a day does not fit into memory, and while much
is fetched no other thread of the process goes on."""
MONTHS_AT_ONCE = 20
"""So many months of transmitters are held at once: 90,000 messages where each sends every ten minutes, 30 MB or so."""


class TransmitterKind(NamedTuple):
    """Devices, or gateways: how what they sent is read."""

    gateways: bool
    sent_in: Callable[[Database, Sequence[Span]], Mapping[int, Sequence[Sent]]]


DEVICES = TransmitterKind(gateways=False, sent_in=sent_in)


def keep_ledger(
    connection: Database,
    known: Mapping[int, Transmitter],
    by_device: Mapping[int, Sequence[tuple[datetime, datetime]]],
    now: datetime,
    kind: TransmitterKind,
) -> None:
    """Reckon the hours that end in these times anew, and write the months that are not as before.

    Of devices or gateways, each by its number: what is called a device here may be either.
    """
    devices = list(by_device)
    for place in range(0, len(devices), AT_ONCE):
        some = devices[place : place + AT_ONCE]
        spans = [Span(device, *span) for device in some for span in _joined(by_device[device]) if span[0] < span[1]]
        reckoned = _reckon(connection, kind, spans)
        if not reckoned:
            continue
        oldest = _month_of(min(each.starts for each in reckoned.values()))
        ledger = _Ledger(known, read_ledger(connection, some, oldest, gateways=kind.gateways))
        for span, found in reckoned.items():
            ledger.enter(span.device_id, found)
        for whole in _whole_months(connection, kind, known, ledger.again, now):
            ledger.changed[whole.transmitter.number, whole.month] = whole
        write_ledger(connection, ledger.changed.values())


@dataclass(frozen=True, slots=True)
class _Reckoned:
    """The times in which 60 minutes may end that are reckoned anew, and what was sent in and before them."""

    starts: datetime
    ends: datetime
    sent: Sequence[Sent]


class _Ledger:
    """The months as they are kept, and as they become."""

    def __init__(self, known: Mapping[int, Transmitter], kept: dict[tuple[int, date], Worst]) -> None:
        self._known = known
        self._kept = kept
        self.changed: dict[tuple[int, date], Month] = {}
        """What is to be written."""
        self.again: set[tuple[int, date]] = set()
        """The months whose worst hour is no longer what it was: all of them is to be reckoned."""

    def enter(self, device_id: int, found: _Reckoned) -> None:
        """Enter what was reckoned of a device."""
        known_of = on_air(found.sent)
        if not known_of.known:
            return
        told = self._known[device_id].gateway
        for month, starts, ends in _months(found.starts, found.ends):
            new = _worst(known_of, found.sent, starts, ends, self._known[device_id].regime)
            self._enter_month(device_id, month, new, (starts, ends), told=told)

    def _enter_month(
        self, device_id: int, month: date, new: Worst, span: tuple[datetime, datetime], *, told: bool
    ) -> None:  # fmt: skip
        old = self._kept.get((device_id, month))
        if new.seconds <= 0 and old is None:
            return
        inside = old is not None and span[0] <= old.at <= span[1]
        if old is not None and new.seconds < old.seconds - SAME_S:
            if inside:
                self.again.add((device_id, month))
            return
        if told and old is not None and new.seconds <= old.seconds + SAME_S and _is_another(new, old, inside=inside):
            self.again.add((device_id, month))  # of several hours that are as long the first counts
            return
        if old is None or new.seconds > old.seconds + SAME_S or _differs(new, old, inside=inside):
            row = self.changed[device_id, month] = _month(self._known[device_id], month, new, old)
            self._kept[device_id, month] = row.worst


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    joined: list[tuple[datetime, datetime]] = []
    for starts, ends in sorted(spans):
        if joined and starts <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], ends)
        else:
            joined.append((starts, ends))
    return joined


def _reckon(connection: Database, kind: TransmitterKind, spans: Sequence[Span]) -> dict[Span, _Reckoned]:
    """What was sent in the spans; a span begins with the message before the losses of its own messages."""
    # One query for the first span of every device, one more for the second: nearly all devices have one.
    answer: dict[Span, _Reckoned] = {}
    rest = list(spans)
    while rest:
        turn: dict[int, Span] = {}
        for span in rest:
            turn.setdefault(span.device_id, span)
        rest = [span for span in rest if turn[span.device_id] is not span]
        sent = _sent(connection, kind, list(turn.values()))
        longer = []
        for device_id, span in turn.items():
            first = _first(sent.get(device_id, ()), span)
            if first < span.starts:
                longer.append(Span(device_id, first, span.ends))
            else:
                answer[span] = _Reckoned(span.starts, span.ends, sent.get(device_id, ()))
        again = _sent(connection, kind, longer)
        for wide in longer:
            answer[turn[wide.device_id]] = _Reckoned(wide.starts, wide.ends, again.get(wide.device_id, ()))
    return answer


def _sent(connection: Database, kind: TransmitterKind, spans: Sequence[Span]) -> Mapping[int, Sequence[Sent]]:
    wide = [Span(each.device_id, each.starts - HOUR, each.ends) for each in spans]
    return kind.sent_in(connection, wide) if wide else {}


def _first(sent: Sequence[Sent], span: Span) -> datetime:
    """Where the losses begin that messages of a span tell of."""
    befores = [each.before_at for each in sent if each.lost and each.before_at is not None and each.at >= span.starts]
    return max(min([span.starts, *befores]), span.starts - FARTHEST_BACK)


def _differs(new: Worst, old: Worst, *, inside: bool) -> bool:
    """Whether more changed than the seconds; `inside`: the worst hour of before was reckoned anew, too."""
    moved = inside and abs(new.at - old.at) > ALIKE
    return moved or new.regime != old.regime or (new.longest_ms or 0) > (old.longest_ms or 0)


def _is_another(new: Worst, old: Worst, *, inside: bool) -> bool:
    """Whether an hour as long as the worst one ends before it, or this is no longer what it was."""
    apart = new.at - old.at
    return apart < -ALIKE or (inside and (apart > ALIKE or new.estimated != old.estimated))


def _worst(found: OnAir, sent: Sequence[Sent], starts: datetime, ends: datetime, regime: str | None) -> Worst:
    most = found.most(starts.timestamp(), ends.timestamp())
    at = datetime.fromtimestamp(most.at_s, JST)
    unsure = found.estimated or untold(sent, at - HOUR, at) > 0
    return Worst(most.seconds, at, unsure, longest_ms(sent, starts, ends), regime)


def _month(transmitter: Transmitter, month: date, new: Worst, old: Worst | None) -> Month:
    longest = [each.longest_ms for each in (new, old) if each is not None and each.longest_ms is not None]
    limit = airtime_limits().of(transmitter.regime)
    kept = new._replace(longest_ms=max(longest, default=None))
    return Month(transmitter, month, kept, None if limit is None else limit.hour_s)


def _whole_months(
    connection: Database,
    kind: TransmitterKind,
    known: Mapping[int, Transmitter],
    lowered: Iterable[tuple[int, date]],
    now: datetime,
) -> Iterator[Month]:
    """All of the months whose worst hour late data lowered. None of those of which nothing tells a time on the air."""
    by_month: dict[date, list[int]] = {}
    for device_id, month in sorted(lowered):
        by_month.setdefault(month, []).append(device_id)
    for month, devices in by_month.items():
        starts = datetime(month.year, month.month, 1, tzinfo=JST)
        ends = min(_next_month(starts), now)
        for place in range(0, len(devices), MONTHS_AT_ONCE):
            some = devices[place : place + MONTHS_AT_ONCE]
            sent = _sent(connection, kind, [Span(device_id, starts, ends) for device_id in some])
            for device_id in some:
                transmitter, own = known[device_id], sent.get(device_id, ())
                found = on_air(own)
                if found.known:
                    yield _month(transmitter, month, _worst(found, own, starts, ends, transmitter.regime), None)


def _month_of(moment: datetime) -> date:
    return moment.astimezone(JST).date().replace(day=1)


def _next_month(starts: datetime) -> datetime:
    return (starts + timedelta(days=32)).replace(day=1)


def _months(starts: datetime, ends: datetime) -> list[tuple[date, datetime, datetime]]:
    """The months that a time touches, each with its part of it."""
    found, begins = [], datetime.combine(_month_of(starts), datetime.min.time(), JST)
    while begins < ends:
        found.append((begins.date(), max(begins, starts), min(_next_month(begins), ends)))
        begins = _next_month(begins)
    return found
