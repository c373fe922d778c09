"""How ranks of transmitters change, by what they sent in the 60 minutes before now."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ingest.store.database import Database
from ingest.watch.airtime.database import Transmitter, ranks
from ingest.watch.airtime.ledger import AT_ONCE, HOUR, TransmitterKind
from ingest.watch.airtime.pieces import Sent, longest_ms, on_air, untold
from ingest.watch.airtime.ranks import percent_used, rank_of
from ingest.watch.model import Event, Kind, Origin, StageOf, subject_of
from ingest.watch.progress.database import Span
from schemas.airtime import RegimeLimit, airtime_limits
from schemas.watch_airtime import WatchAirtime


class HasAirtime(Protocol):
    """A watch document, as far as it is about transmitting time."""

    @property
    def airtime(self) -> WatchAirtime:
        """Its part about it."""


class Documents(Protocol):
    """The documents of the projects."""

    def document_of(self, project_id: int, /) -> HasAirtime | None:
        """The document that holds; None: the project has none."""


def changes(
    connection: Database, rules: Documents, kind: TransmitterKind, known: Mapping[int, Transmitter], now: datetime
) -> list[Event]:
    """Ranks by the hour before now; nothing of transmitters without a regime."""
    limits, before = airtime_limits(), ranks(connection, gateways=kind.gateways)
    watched = {
        number: limit for number, each in known.items() if (limit := limits.of(each.regime)) is not None
    }  # fmt: skip
    events = []
    for number, sent in _sent_by(connection, kind, list(watched), now):
        document = rules.document_of(known[number].project_id)
        settings = WatchAirtime() if document is None else document.airtime
        event = _change(known[number], watched[number], settings, sent, before.get(number, 0), now)
        if event is not None:
            events.append(event)
    return events


def _sent_by(
    connection: Database, kind: TransmitterKind, numbers: Sequence[int], now: datetime
) -> Iterator[tuple[int, Sequence[Sent]]]:
    """What each sent in the hour before now; some of them are held at a time."""
    for place in range(0, len(numbers), AT_ONCE):
        some = numbers[place : place + AT_ONCE]
        sent = kind.sent_in(connection, [Span(number, now - HOUR, now) for number in some])
        yield from ((number, sent.get(number, ())) for number in some)


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
    share = settings.shares[max(rank, 1) - 1]
    by_hour = limit.hour_s is not None
    at_limit = (limit.hour_s if by_hour else limit.single_ms) or 0
    return Event(
        Kind.AIRTIME, subject_of(Kind.AIRTIME, transmitter.thing), transmitter.thing,
        newest[-1].at if rank > before and newest else now,
        before, rank, Origin.LIVE, measure="airtime_60min" if by_hour else "airtime_single",
        value=used_s if by_hour else longest,
        stage=StageOf(
            f"上限の{share:g}%", f"{share:g} % of the limit", at_limit * share / 100, "s" if by_hour else "ms"
        ) if rank else StageOf(),
        details={
            "percent": round(percent, 1), "limit": at_limit, "regime": limit.code.value, "estimated": found.estimated,
            **_unsure(sent, now),
        },
    )  # fmt: skip


def _unsure(sent: Sequence[Sent], now: datetime) -> dict[str, object]:
    """Where a gateway sent frames of unknown length it was on the air for longer than is known."""
    count = untold(sent, now - HOUR, now)
    return {"untold": count} if count else {}
