"""What is open of silence and blindness, and whether the service listens; a reader of the pages may ask for it."""

from collections.abc import Sequence
from datetime import datetime

from ingest.store.database import Database
from ingest.store.status.listening import DEAF_AFTER, LISTENING

_UNSEEN = """
select count(*) filter (where i.kind = 'blind' and i.rank > 1), count(*) filter (where i.kind = 'blind' and i.rank = 1),
    count(*) filter (where i.kind = 'silence' and last.explained is null)
from watch_incident i
cross join lateral (
    select e.details ->> 'group' as explained from watch_event e
    where e.incident_id = i.incident_id and e.withdrawn_at is null and e.origin = 'live' order by e.at desc limit 1
) last
where i.closed_at is null and i.drill_id is null and i.project_id = any(%s) and i.kind in ('silence', 'blind')
"""

_DEAF = "select done_until from watch_progress where name = %s and done_until < now() - %s::interval"


def count_unseen(connection: Database, projects: Sequence[int]) -> tuple[int, int, int]:
    """Blind gauges, gauges in doubt, and causes of silence."""
    row = connection.execute(_UNSEEN, (list(projects),)).fetchone()
    return (0, 0, 0) if row is None else (row[0], row[1], row[2])


def deaf_since(connection: Database) -> datetime | None:
    """Since when the service has taken no messages; None while it does, or where that was never noted."""
    row = connection.execute(_DEAF, (LISTENING, DEAF_AFTER)).fetchone()
    return None if row is None else row[0]
