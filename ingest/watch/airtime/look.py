"""The watch of transmitting time: 60 minutes that slide, the ranks of those near their limit, and a ledger by month.

What came since the last look is reckoned again from the first hour that is still open on; what came late is noted by
the sums (watch_touched). A message that tells of lost ones changes the hours back to the message before it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from ingest.store.database import Database
from ingest.watch.airtime.database import Transmitter, ranks, sent_in, transmitters
from ingest.watch.airtime.ledger import HOUR, keep_ledger
from ingest.watch.airtime.pieces import Sent, longest_ms, on_air
from ingest.watch.airtime.ranks import percent_used, rank_of
from ingest.watch.model import Event, Kind, Origin, StageOf, Thing, subject_of
from ingest.watch.progress.database import Span, keep_progress, read_progress, take_touched, window_of
from schemas.airtime import RegimeLimit, airtime_limits
from schemas.watch_airtime import WatchAirtime

NAME = "airtime"
EVERY = timedelta(seconds=60)
FIRST = timedelta(days=1)
"""So far back the first look of all begins."""


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
    keep_ledger(connection, known, by_device, now)
    events = _changes(connection, rules, known, now)
    keep_progress(connection, NAME, window.done_until, {})
    return events


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
