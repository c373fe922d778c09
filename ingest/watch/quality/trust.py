"""Which series cannot be trusted any more: all that came of them for long has failed. Single readings are no event."""

from datetime import datetime, timedelta

from ingest.store.database import Database
from ingest.watch.model import Event, Kind, Origin, StageOf, Thing, subject_of
from ingest.watch.quality.database.trust import Trust, trust_of, untrusted
from ingest.watch.quality.expectations import Expectations
from schemas.watch_quality import QualityTest

LOOK_BACK = timedelta(days=1)
"""Beyond the time after which people are told, so that the newest reading may be a day old."""


def changes_of_trust(connection: Database, expectations: Expectations, now: datetime) -> list[Event]:
    """Events of series that became untrustworthy, and of those whose newest reading is sound again."""
    told = untrusted(connection)
    longest = max((each.untrusted_h for each in expectations.by_project.values()), default=24.0)
    since = now - timedelta(hours=longest) - LOOK_BACK
    events = []
    for trust in trust_of(connection, since, list(told)):
        quality = expectations.by_project.get(trust.project_id)
        limit = timedelta(hours=24.0 if quality is None else quality.untrusted_h)
        event = _change(trust, told.get(trust.series), limit)
        if event is not None:
            events.append(event)
    return events


def _change(trust: Trust, told: datetime | None, limit: timedelta) -> Event | None:
    """The change, if there is one: from untrusted with the first sound reading, to it after `limit` of failed ones."""
    if told is not None:
        return _event(trust, trust.newest, 1, 0) if trust.test is None and trust.newest > told else None
    failed_from = trust.failed_from
    if trust.test is None or failed_from is None or trust.newest - failed_from < limit:
        return None
    return _event(trust, trust.newest, 0, 1)


def _event(trust: Trust, at: datetime, before: int, rank: int) -> Event:
    series = trust.series
    thing = Thing(trust.project_id, series.device_id, None, None, series.quantity_id, series.channel)
    test = None if trust.test is None else QualityTest(trust.test)
    return Event(
        Kind.QUALITY, subject_of(Kind.QUALITY, thing), thing, at, before, rank, Origin.LIVE,
        stage=StageOf() if test is None else StageOf(name=test.label.ja, name_en=test.label.en),
        details={} if test is None or trust.failed_from is None else {
            "test": test.value, "failed_from": trust.failed_from.isoformat(),
        },
    )  # fmt: skip
