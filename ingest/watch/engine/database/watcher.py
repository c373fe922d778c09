"""Who watches, and what waits for it."""

from datetime import datetime
from typing import NamedTuple

from ingest.store.database import Database

WATCH_LOCK = 0x5741_5443
"""The advisory lock of the one process that watches a database, held as long as it is connected ("WATC")."""

_TAKE = "select pg_try_advisory_lock(%s)"
_SOMEBODY = """
select exists (
    select from pg_locks
    where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
      and classid = 0 and objid = %s and objsubid = 1 and granted
)
"""
_OWN_BACKEND = "select pid, backend_start from pg_stat_activity where pid = pg_backend_pid()"
_END_BACKEND = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where pid = %s and backend_start = %s"
_END_SILENT = """
select pg_terminate_backend(l.pid) from pg_locks l
where l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database())
  and l.classid = 0 and l.objid = %(lock)s and l.objsubid = 1 and l.granted and l.pid <> pg_backend_pid()
  and exists (
      select from pg_stat_activity a
      where a.pid = l.pid and a.backend_start < now() - %(silent)s * interval '1 s'
  )
  and not exists (
      select from watch_progress p where p.name = 'engine' and p.updated_at > now() - %(silent)s * interval '1 s'
  )
"""
SILENT_S = 30.0
"""Who watches says so every few seconds. One that has said nothing for so long has lost its connection."""

_WAITING = """
select count(*), coalesce(sum(octet_length(readings)), 0),
    greatest(extract(epoch from clock_timestamp() - least(
        min(noted_at) filter (where not late), min(noted_at) filter (where late) + interval '10 minutes'
    )), 0)::double precision,
    (
        select count(*) from watch_delivery
        where delivered_at is null and given_up_at is null and doubt_at is null and digest_id is null and withheld = ''
          and due_at <= now()
    )
from watch_note
"""
_SEEN = """
insert into watch_progress (name, done_until) values ('engine', clock_timestamp() - %(lag_s)s * interval '1 second')
on conflict (name) do update set done_until = excluded.done_until, updated_at = clock_timestamp()
"""

_RAN = """
with extended as (
    update watch_run set alive_until = clock_timestamp()
    where begun_at = (select max(begun_at) from watch_run where begun_at <= clock_timestamp())
      and alive_until between clock_timestamp() - interval '30 seconds' and clock_timestamp()
    returning begun_at
)
insert into watch_run (begun_at, alive_until)
select clock_timestamp(), clock_timestamp() where not exists (select from extended)
on conflict do nothing
"""
"""Its uptime is counted by this. A restart within 30 seconds is no break."""


class Waiting(NamedTuple):
    """What waits. `oldest_s`: age of the oldest note; of a late one what is above ten minutes.

    `deliveries`: messages to people that are due.
    """

    notes: int
    readings_bytes: int
    oldest_s: float
    deliveries: int


def take_watch(connection: Database) -> bool:
    """Become the one that watches, if nobody is."""
    return connection.execute(_TAKE, (WATCH_LOCK,)).fetchone() == (True,)


def own_backend(connection: Database) -> tuple[int, datetime] | None:
    """The server's process behind a connection, and when it began."""
    return connection.execute(_OWN_BACKEND).fetchone()


def end_backend(connection: Database, left: tuple[int, datetime]) -> None:
    """End the server's process behind a lost connection: else it would hold the lock of the watch for hours."""
    connection.execute(_END_BACKEND, left)


def end_silent_watcher(connection: Database) -> bool:
    """Whether a process was cut off that holds the lock and does not watch any more. If it lives it connects again."""
    return bool(connection.execute(_END_SILENT, {"lock": WATCH_LOCK, "silent": SILENT_S}).fetchall())


def somebody_watches(connection: Database) -> bool:
    """Whether some process watches this database."""
    return connection.execute(_SOMEBODY, (WATCH_LOCK,)).fetchone() == (True,)


def waiting(connection: Database) -> Waiting:
    """What waits now."""
    row = connection.execute(_WAITING).fetchone()
    assert row is not None  # an aggregate has one row
    return Waiting(int(row[0]), int(row[1]), float(row[2]), int(row[3]))


def note_alive(connection: Database, lag_s: float) -> None:
    """Note for everybody who reads the database that somebody watches it, and how far it is."""
    connection.execute(_SEEN, {"lag_s": lag_s})
    connection.execute(_RAN)
