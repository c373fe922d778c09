"""Reads and keeps how far a watcher is, and takes what was noted for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from ingest.store.database import Database
from schemas.japan import JST

AT_ONCE = 500
"""So many spans of devices are taken in one look: a second of work or so."""
TRUSTED = timedelta(days=1)
"""Where nothing is summed up, what is older than this is taken for complete."""
STEP = timedelta(hours=3)
"""Of what was not looked at yet, this much is looked at with each look."""
LIVE = timedelta(hours=2)
"""The newest is looked at with each look, however much there is to catch up with."""
AHEAD = timedelta(days=1)
"""Clocks of devices may be ahead by less than this."""


class Span(NamedTuple):
    """A time of one device in which something is new, or changed. Of a gateway where it says so: then its number."""

    device_id: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything before `done_until` was looked at when it was complete; what changes there is noted."""

    done_until: datetime
    details: Mapping[str, Any] = field(default_factory=dict)


class Window(NamedTuple):
    """What a look is about beside what was noted: `spans` of time, and up to where it is complete after it.

    [`closed_from`, `done_until`): the hours that were closed since the look before.
    """

    spans: tuple[tuple[datetime, datetime], ...]
    closed_from: datetime
    done_until: datetime


def read_progress(connection: Database, name: str) -> Progress | None:
    """How far a watcher is. None: it never looked."""
    row = connection.execute("select done_until, details from watch_progress where name = %s", (name,)).fetchone()
    return None if row is None else Progress(*row)


def keep_progress(connection: Database, name: str, done_until: datetime, details: Mapping[str, Any]) -> None:
    """Remember how far a watcher is."""
    connection.execute(
        """
        insert into watch_progress (name, done_until, details, updated_at)
        values (%(name)s, %(done)s, %(details)s, clock_timestamp())
        on conflict (name) do update
        set done_until = excluded.done_until, details = excluded.details, updated_at = excluded.updated_at
        """,
        {"name": name, "done": done_until, "details": Jsonb(dict(details))},
    )


def window_of(connection: Database, done_until: datetime, now: datetime) -> Window:
    """What is to be looked at. Exact: whatever is stored later in hours before the new `done_until` is noted."""
    row = connection.execute("select nullif(materialised_until, '-infinity') from rollup_state").fetchone()
    closed = max(row[0] if row and row[0] else now - TRUSTED, now - TRUSTED)
    live_from = now - LIVE
    if done_until >= live_from:
        return Window(((done_until, now + AHEAD),), done_until, max(done_until, min(closed, now)))
    until = min(done_until + STEP, live_from)
    return Window(
        ((done_until, until), (live_from, now + AHEAD)), done_until, max(done_until, min(closed, until))
    )  # fmt: skip


def take_touched(connection: Database, name: str, at_most: int = AT_ONCE, *, gateways: bool = False) -> list[Span]:
    """Take what was noted of devices for a watcher, or of gateways: the oldest note first."""
    rows = connection.execute(
        """
        delete from watch_touched where touched_id in (
            select t.touched_id from watch_touched t
            where t.watcher = %s and (t.gateway_id is not null) = %s order by t.touched_id limit %s
        )
        returning coalesce(device_id, gateway_id), starts, ends
        """,
        (name, gateways, at_most),
    ).fetchall()
    return [Span(number, starts.astimezone(JST), ends.astimezone(JST)) for number, starts, ends in rows]
