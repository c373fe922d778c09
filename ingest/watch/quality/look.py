"""The quality watch: what is new or changed since the last look is judged, by whole days in Japan.

Flags are a function of the readings alone: a day that anything changed in, or near, is judged anew, and the difference
to its flags is written. So the order of arrival does not matter. Spike, rate and range are judged with each look from
the first hour that is still open on; a stuck value and drift when an hour and a day are closed. What comes late,
is corrected or annulled is noted by the sums (watch_touched) when they have computed it again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ingest.store.database import Database
from ingest.watch.model import Event
from ingest.watch.progress.database import Span, keep_progress, read_progress, take_touched, window_of
from ingest.watch.quality.drift import keep_drift
from ingest.watch.quality.expectations import Documents, load_expectations
from ingest.watch.quality.moments import keep_moments
from ingest.watch.quality.stuck import keep_stuck
from ingest.watch.quality.trust import changes_of_trust

NAME = "quality"
EVERY = timedelta(seconds=60)
"""How often it looks: readings come every few minutes."""
FIRST = timedelta(days=1)
"""So far back the first look of all begins."""
AGAIN = timedelta(days=7)
"""So far back is judged again where a document changed what is expected."""


def look(connection: Database, rules: Documents, now: datetime) -> Sequence[Event]:
    """Judge what is new, write its flags, and return the series that can no longer, or again, be trusted.

    In the transaction of the caller, whose events and flags are kept together.
    """
    progress = read_progress(connection, NAME)
    details = {} if progress is None else progress.details
    expectations = load_expectations(connection, rules)
    done_until = now - FIRST if progress is None else progress.done_until
    if progress is not None and details.get("expected") != expectations.fingerprint:
        done_until = min(done_until, now - AGAIN)
    touched = take_touched(connection, NAME)
    window = window_of(connection, done_until, now)
    devices = expectations.device_list
    new = [Span(device_id, *span) for span in window.spans for device_id in devices]
    keep_moments(connection, expectations, [*new, *touched])
    closed = [Span(device_id, window.closed_from, window.done_until) for device_id in devices]
    keep_stuck(connection, expectations, closed if window.closed_from < window.done_until else (), touched)
    keep_drift(connection, expectations, closed[0] if closed else None, touched)
    events = changes_of_trust(connection, expectations, now)
    keep_progress(connection, NAME, window.done_until, {"expected": expectations.fingerprint})
    return events
