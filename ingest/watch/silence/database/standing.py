"""What stands open, what was said last, and what came after a silence."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ingest.store.database import Database
from ingest.watch.model import Kind, Thing
from ingest.watch.silence.model import OpenIncident

_STANDING = """
select i.subject, i.kind, i.project_id, i.device_id, i.gateway_id, i.network_id, i.rank, i.opened_at, e.at,
    e.details ->> 'group'
from watch_incident i
cross join lateral (
    select e.at, e.details from watch_event e
    where e.subject = i.subject and e.withdrawn_at is null and e.origin = 'live' order by e.at desc limit 1
) e
where i.closed_at is null and i.drill_id is null and i.kind in ('silence', 'blind')
"""

_LAST = """
select w.subject, last.at from unnest(%s::text[]) w (subject)
cross join lateral (
    select e.at from watch_event e
    where e.subject = w.subject and e.withdrawn_at is null and e.origin = 'live' order by e.at desc limit 1
) last
"""

_HEARD_AGAIN = """
select w.device_id, min(u.received_at)
from unnest(%(devices)s::int[], %(since)s::timestamptz[]) w (device_id, since)
join lateral (
    select u.received_at from uplink u
    where u.device_id = w.device_id and u.kind <> 9 and u.time > w.since - %(back)s::interval
      and u.received_at > w.since
) u on true
group by w.device_id
"""

_BACKFILLED = """
select i.subject, i.project_id, i.device_id, i.rank, i.top_rank, late.first_at, late.last_at, late.messages
from watch_incident i
cross join lateral (
    select min(u.time) as first_at, max(u.time) as last_at, count(*) as messages from uplink u
    where u.device_id = i.device_id and u.kind <> 9 and u.time > i.opened_at and u.time < i.closed_at
      and u.received_at > u.time + interval '1 minute' and u.received_at >= i.opened_at
) late
where i.kind in ('silence', 'blind') and i.device_id is not null and i.drill_id is null
  and i.closed_at > %(since)s and i.closed_at <= %(until)s and late.messages > 0
"""

_PROGRESS = "select done_until from watch_progress where name = 'silence'"

_NOTE = """
insert into watch_progress (name, done_until) values ('silence', %s)
on conflict (name) do update set done_until = excluded.done_until, updated_at = clock_timestamp()
"""

BACK = timedelta(days=2)
"""A message that ends a silence was measured at most so long before it began: what a logger kept comes as well."""


class Backfilled(NamedTuple):
    """What came later about the time of an incident that is over."""

    subject: str
    project_id: int
    device_id: int
    rank: int
    top_rank: int
    first_at: datetime
    last_at: datetime
    messages: int


def read_standing(connection: Database) -> dict[str, OpenIncident]:
    """The open incidents of silence and blindness, by subject; those of drills are none."""
    found = {}
    for subject, kind, project, device, gateway, network, *more in connection.execute(_STANDING):
        found[subject] = OpenIncident(subject, Kind(kind), Thing(project, device, gateway, network), *more)
    return found


def last_events_at(connection: Database, subjects: Iterable[str]) -> dict[str, datetime]:
    """When the last event of each of these subjects was."""
    wanted = list(subjects)
    return dict(connection.execute(_LAST, (wanted,)).fetchall()) if wanted else {}


def heard_again(connection: Database, since: Mapping[int, datetime]) -> dict[int, datetime]:
    """When the first message of each device came after its moment."""
    if not since:
        return {}
    values = {"devices": list(since), "since": list(since.values()), "back": BACK}
    return dict(connection.execute(_HEARD_AGAIN, values).fetchall())


def backfilled_between(connection: Database, since: datetime, until: datetime) -> list[Backfilled]:
    """Of the incidents that ended in (since, until]: what was measured within them and came later."""
    rows: Sequence[Any] = connection.execute(_BACKFILLED, {"since": since, "until": until}).fetchall()
    return [Backfilled(*row) for row in rows]


def read_progress(connection: Database) -> datetime | None:
    """Until when was looked; None before the first look."""
    row = connection.execute(_PROGRESS).fetchone()
    return None if row is None else row[0]


def note_progress(connection: Database, now: datetime) -> None:
    """Everything until now was looked at."""
    connection.execute(_NOTE, (now,))
