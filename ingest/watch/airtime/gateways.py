"""Transmitting time of gateways: what their network server tells of their downlinks.

Commands and answers carry no time of their own but that of receipt, and are few: the last two hours are looked at with
each look, and what was stored later is noted by the writer. The same messages give the same ledger in any order.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ingest.store.database import Database
from ingest.watch.airtime.changes import Documents, changes
from ingest.watch.airtime.database_gateways import PAIRED_WITHIN, sent_by_gateways, transmitting_gateways
from ingest.watch.airtime.ledger import FIRST, HOUR, TransmitterKind, keep_ledger
from ingest.watch.model import Event
from ingest.watch.progress.database import STEP, Progress, take_touched
from schemas.japan import JST

NAME = "airtime"
GATEWAYS_UNTIL = "gateways_until"
"""In the details of the progress: everything before was looked at when whatever comes later was noted."""
OPEN = timedelta(hours=1)
"""What is stored so long after its time at most needs no note: see store/batch/gateway_events.py."""

GATEWAYS = TransmitterKind(gateways=True, sent_in=sent_by_gateways)


def look_at_gateways(
    connection: Database, rules: Documents, technologies: Sequence[str], progress: Progress | None, now: datetime
) -> tuple[datetime, list[Event]]:
    """Keep the ledger of the gateways. Up to when everything was looked at, and how ranks have changed."""
    touched = take_touched(connection, NAME, gateways=True)
    known = {each.number: each for each in transmitting_gateways(connection, technologies)}
    since = _since(progress, now)
    until = max(since, min(since + STEP, now - OPEN))
    spans = ((since, until), (now - OPEN, now))
    by_gateway = {number: [_around(*span, now) for span in spans] for number in known}
    for gateway_id, starts, ends in touched:
        if gateway_id in by_gateway:
            by_gateway[gateway_id].append(_around(starts, ends, now))
    keep_ledger(connection, known, by_gateway, now, GATEWAYS)
    return until, changes(connection, rules, GATEWAYS, known, now)


def _since(progress: Progress | None, now: datetime) -> datetime:
    said = None if progress is None else progress.details.get(GATEWAYS_UNTIL)
    return now - FIRST if said is None else datetime.fromisoformat(said).astimezone(JST)


def _around(starts: datetime, ends: datetime, now: datetime) -> tuple[datetime, datetime]:
    """When 60 minutes may end that are not as before, where commands or answers came at these times."""
    return starts - PAIRED_WITHIN, min(ends + PAIRED_WITHIN + HOUR, now)
