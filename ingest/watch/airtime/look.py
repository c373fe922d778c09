"""The watch of transmitting time: 60 minutes that slide, the ranks of those near their limit, and a ledger by month.

What came since the last look is reckoned again from the first hour that is still open on; what came late is noted by
the sums (watch_touched). A message that tells of lost ones changes the hours back to the message before it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ingest.store.database import Database
from ingest.watch.airtime.changes import Documents, changes
from ingest.watch.airtime.database import transmitters
from ingest.watch.airtime.gateways import GATEWAYS_UNTIL, look_at_gateways
from ingest.watch.airtime.ledger import DEVICES, FIRST, HOUR, keep_ledger
from ingest.watch.model import Event
from ingest.watch.progress.database import Progress, Span, keep_progress, read_progress, take_touched, window_of
from schemas.airtime import airtime_limits

NAME = "airtime"
EVERY = timedelta(seconds=60)


def look(connection: Database, rules: Documents, now: datetime) -> Sequence[Event]:
    """Keep the ledger, and return how ranks have changed. In the transaction of the caller."""
    progress = read_progress(connection, NAME)
    technologies = [kind.value for kind in airtime_limits().technologies]
    until, events = _look_at_devices(connection, rules, technologies, progress, now)
    gateways_until, of_gateways = look_at_gateways(connection, rules, technologies, progress, now)
    keep_progress(connection, NAME, until, {GATEWAYS_UNTIL: gateways_until.isoformat()})
    return [*events, *of_gateways]


def _look_at_devices(
    connection: Database, rules: Documents, technologies: Sequence[str], progress: Progress | None, now: datetime
) -> tuple[datetime, list[Event]]:
    """Up to when everything was looked at, and how ranks have changed."""
    touched = take_touched(connection, NAME)
    window = window_of(connection, now - FIRST if progress is None else progress.done_until, now)
    known = {each.number: each for each in transmitters(connection, technologies)}
    spans = [Span(device_id, *span) for span in window.spans for device_id in known]
    by_device: dict[int, list[tuple[datetime, datetime]]] = {}
    for device_id, starts, ends in [*spans, *(span for span in touched if span.device_id in known)]:
        by_device.setdefault(device_id, []).append((starts, min(ends + HOUR, now)))
    keep_ledger(connection, known, by_device, now, DEVICES)
    return window.done_until, changes(connection, rules, DEVICES, known, now)
