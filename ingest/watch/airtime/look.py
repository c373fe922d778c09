"""The watch of transmitting time: 60 minutes that slide, the ranks of those near their limit, and a ledger by month.

What came since the last look is reckoned again from the first hour that is still open on; what came late is noted by
the sums (watch_touched). A message that tells of lost ones changes the hours back to the message before it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from ingest.store.database import Database
from ingest.watch.airtime.database import (
    FARTHEST_BACK,
    Transmitter,
    Worst,
    ranks,
    read_ledger,
    sent_in,
    transmitters,
    write_ledger,
)
from ingest.watch.airtime.pieces import OnAir, Sent, longest_ms, on_air
from ingest.watch.airtime.ranks import percent_used, rank_of
from ingest.watch.model import Event, Kind, Origin, StageOf, Thing, subject_of
from ingest.watch.progress.database import Span, keep_progress, read_progress, take_touched, window_of
from schemas.airtime import RegimeLimit, airtime_limits
from schemas.japan import JST
from schemas.watch_airtime import WatchAirtime

NAME = "airtime"
EVERY = timedelta(seconds=60)
FIRST = timedelta(days=1)
"""So far back the first look of all begins."""
HOUR = timedelta(hours=1)
SAME_S = 1e-6


class HasAirtime(Protocol):
    """A watch document, as far as it is about transmitting time."""

    @property
    def airtime(self) -> WatchAirtime:
        """Its part about it."""


class Documents(Protocol):
    """The documents of the projects."""

    def document_of(self, project_id: int, /) -> HasAirtime | None:
        """The document that holds; None: the project has none."""


def look(connection: Database, rules: Documents, now: datetime) -> Sequence[Event]:
    """Keep the ledger, and return how ranks have changed. In the transaction of the caller."""
    progress = read_progress(connection, NAME)
    touched = take_touched(connection, NAME)
    window = window_of(connection, now - FIRST if progress is None else progress.done_until, now)
    limits = airtime_limits()
    known = {each.device_id: each for each in transmitters(connection, [kind.value for kind in limits.technologies])}
    spans = [Span(device_id, *span) for span in window.spans for device_id in known]
    by_device: dict[int, list[tuple[datetime, datetime]]] = {}
    for device_id, starts, ends in [*spans, *(span for span in touched if span.device_id in known)]:
        by_device.setdefault(device_id, []).append((starts, min(ends + HOUR, now)))
    _keep_ledger(connection, known, by_device, now)
    events = _changes(connection, rules, known, now)
    keep_progress(connection, NAME, window.done_until, {})
    return events


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    joined: list[tuple[datetime, datetime]] = []
    for starts, ends in sorted(spans):
        if joined and starts <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], ends)
        else:
            joined.append((starts, ends))
    return joined


@dataclass(frozen=True, slots=True)
class _Reckoned:
    """The times in which 60 minutes may end that are reckoned anew, and what was sent in and before them."""

    starts: datetime
    ends: datetime
    sent: Sequence[Sent]


def _reckon(connection: Database, spans: Sequence[Span]) -> dict[Span, _Reckoned]:
    """What was sent in the spans; a span begins with the message before the losses of its own messages."""
    # One query for the first span of every device, one more for the second: nearly all devices have one.
    answer: dict[Span, _Reckoned] = {}
    rest = list(spans)
    while rest:
        turn: dict[int, Span] = {}
        for span in rest:
            turn.setdefault(span.device_id, span)
        rest = [span for span in rest if turn[span.device_id] is not span]
        sent = _sent(connection, list(turn.values()))
        longer = []
        for device_id, span in turn.items():
            first = _first(sent.get(device_id, ()), span)
            if first < span.starts:
                longer.append(Span(device_id, first, span.ends))
            else:
                answer[span] = _Reckoned(span.starts, span.ends, sent.get(device_id, ()))
        again = _sent(connection, longer)
        for wide in longer:
            answer[turn[wide.device_id]] = _Reckoned(wide.starts, wide.ends, again.get(wide.device_id, ()))
    return answer


def _sent(connection: Database, spans: Sequence[Span]) -> Mapping[int, Sequence[Sent]]:
    return sent_in(connection, [Span(each.device_id, each.starts - HOUR, each.ends) for each in spans]) if spans else {}


def _first(sent: Sequence[Sent], span: Span) -> datetime:
    """Where the losses begin that messages of a span tell of."""
    befores = [each.before_at for each in sent if each.lost and each.before_at is not None and each.at >= span.starts]
    return max(min([span.starts, *befores]), span.starts - FARTHEST_BACK)


def _keep_ledger(
    connection: Database,
    known: Mapping[int, Transmitter],
    by_device: Mapping[int, Sequence[tuple[datetime, datetime]]],
    now: datetime,
) -> None:
    spans = [Span(device, *span) for device, every in by_device.items() for span in _joined(every) if span[0] < span[1]]
    reckoned = _reckon(connection, spans)
    if not reckoned:
        return
    oldest = _month_of(min(each.starts for each in reckoned.values()))
    ledger = read_ledger(connection, by_device, oldest)
    again: set[tuple[int, date]] = set()
    for span, found in reckoned.items():
        known_of = on_air(found.sent)
        if not known_of.known:
            continue
        for month, starts, ends in _months(found.starts, found.ends):
            new = _worst(known_of, found.sent, starts, ends, known[span.device_id].regime)
            old = ledger.get((span.device_id, month))
            if new.seconds <= 0 and old is None:
                continue
            inside = old is not None and starts <= old.at <= ends
            if old is not None and new.seconds < old.seconds - SAME_S:
                if inside:
                    again.add((span.device_id, month))  # the worst is no longer what it was
                continue
            if old is None or new.seconds > old.seconds + SAME_S or _differs(new, old, inside=inside):
                ledger[span.device_id, month] = _put(connection, known[span.device_id], month, new, old)
    for device_id, month in sorted(again):
        _reckon_month(connection, known[device_id], month, now)


def _differs(new: Worst, old: Worst, *, inside: bool) -> bool:
    """Whether more changed than the seconds; `inside`: the worst hour of before was reckoned anew, too."""
    moved = inside and abs(new.at - old.at) > timedelta(seconds=1)
    return moved or new.regime != old.regime or (new.longest_ms or 0) > (old.longest_ms or 0)


def _worst(found: OnAir, sent: Sequence[Sent], starts: datetime, ends: datetime, regime: str | None) -> Worst:
    most = found.most(starts.timestamp(), ends.timestamp())
    at = datetime.fromtimestamp(most.at_s, JST)
    return Worst(most.seconds, at, found.estimated, longest_ms(sent, starts, ends), regime)


def _put(connection: Database, transmitter: Transmitter, month: date, new: Worst, old: Worst | None) -> Worst:
    longest = [each.longest_ms for each in (new, old) if each is not None and each.longest_ms is not None]
    kept = new._replace(longest_ms=max(longest, default=None))
    limit = airtime_limits().of(transmitter.regime)
    write_ledger(connection, transmitter, month, kept, None if limit is None else limit.hour_s)
    return kept


def _reckon_month(connection: Database, transmitter: Transmitter, month: date, now: datetime) -> None:
    """All of a month, because late data lowered its worst hour."""
    starts = datetime(month.year, month.month, 1, tzinfo=JST)
    ends = min(_next_month(starts), now)
    span = Span(transmitter.device_id, starts, ends)
    sent = _sent(connection, [span]).get(transmitter.device_id, ())
    found = on_air(sent)
    if found.known:
        _put(connection, transmitter, month, _worst(found, sent, starts, ends, transmitter.regime), None)


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


def _changes(connection: Database, rules: Documents, known: Mapping[int, Transmitter], now: datetime) -> list[Event]:
    """Ranks by the hour before now; nothing of transmitters without a regime."""
    limits, before = airtime_limits(), ranks(connection)
    watched = {
        device_id: limit for device_id, each in known.items() if (limit := limits.of(each.regime)) is not None
    }  # fmt: skip
    sent = sent_in(connection, [Span(device_id, now - HOUR, now) for device_id in watched]) if watched else {}
    events = []
    for device_id, limit in watched.items():
        document = rules.document_of(known[device_id].project_id)
        settings = WatchAirtime() if document is None else document.airtime
        event = _change(known[device_id], limit, settings, sent.get(device_id, ()), before.get(device_id, 0), now)
        if event is not None:
            events.append(event)
    return events


def _change(
    transmitter: Transmitter,
    limit: RegimeLimit,
    settings: WatchAirtime,
    sent: Sequence[Sent],
    before: int,
    now: datetime,
) -> Event | None:
    newest = [each for each in sent if now - HOUR < each.at <= now]
    longest = longest_ms(newest, now - HOUR, now)
    found = on_air(sent)
    used_s = found.used(now.timestamp())
    percent = percent_used(limit, used_s, longest) if settings.enabled else 0.0
    rank = rank_of(percent, before, settings.shares, settings.hysteresis_percent)
    if rank == before:
        return None
    thing = Thing(transmitter.project_id, transmitter.device_id)
    share = settings.shares[max(rank, 1) - 1]
    by_hour = limit.hour_s is not None
    at_limit = (limit.hour_s if by_hour else limit.single_ms) or 0
    return Event(
        Kind.AIRTIME, subject_of(Kind.AIRTIME, thing), thing, newest[-1].at if rank > before and newest else now,
        before, rank, Origin.LIVE, measure="airtime_60min" if by_hour else "airtime_single",
        value=used_s if by_hour else longest,
        stage=StageOf(
            f"上限の{share:g}%", f"{share:g} % of the limit", at_limit * share / 100, "s" if by_hour else "ms"
        ) if rank else StageOf(),
        details={
            "percent": round(percent, 1), "limit": at_limit, "regime": limit.code.value, "estimated": found.estimated,
        },
    )  # fmt: skip
