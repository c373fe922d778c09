"""How the database is: sizes, chunks, jobs, growth, limits. Read in a moment, also at a hundred million rows."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from ingest.store.database import translated
from ingest.store.status.sizes import Size, exists, sizes
from ingest.store.timescale import HYPERTABLES, Tier, ask

GROWTH_DAYS = 7


class Chunks(NamedTuple):
    """The chunks of one hypertable. `before_bytes`, `after_bytes`: of those in the columnstore.

    `waiting`: the end of the oldest chunk that is not in it.
    """

    table: str
    chunks: int
    in_columnstore: int
    before_bytes: int | None
    after_bytes: int | None
    oldest: datetime | None
    waiting: datetime | None


@dataclass(frozen=True, slots=True)
class Job:
    """A policy of TimescaleDB, or a job of our own housekeeping. `late`: overdue by more than one turn."""

    name: str
    table: str | None
    every: timedelta
    last_run: datetime | None
    failed: bool
    late: bool


@dataclass(frozen=True, slots=True)
class ProjectShare:
    """What a project has stored by its account. `bytes`: its share of the tables of readings and messages."""

    project: str
    messages: int
    readings: int
    bytes: int


class Limits(NamedTuple):
    """What the server can bear. `others`: connections not ours; `xid_age`: transactions since the last freeze."""

    max_connections: int
    reserved: int
    others: int
    xid_age: int
    freeze_max_age: int
    data_directory: str | None
    local: bool


@dataclass(frozen=True, slots=True)
class Status:
    """Everything `noroshi db status` tells about a migrated database."""

    tier: Tier
    database_bytes: int
    tables: list[Size]
    projects: list[ProjectShare]
    chunks: list[Chunks]
    jobs: list[Job]
    limits: Limits
    bytes_per_day: int | None


_CHUNKS: LiteralString = """
select c.hypertable_name, count(*), count(*) filter (where c.is_compressed), null::bigint, null::bigint,
       min(c.range_start), min(c.range_end) filter (where not c.is_compressed)
from timescaledb_information.chunks c
where c.hypertable_schema = current_schema() group by c.hypertable_name order by 1
"""

_COLUMNSTORE: LiteralString = """
select before_compression_total_bytes, after_compression_total_bytes
from hypertable_compression_stats(%s::text::regclass)
"""

_POLICIES: LiteralString = """
select j.proc_name as name, j.hypertable_name as "table", j.schedule_interval as every,
       s.last_run_started_at as last_run, coalesce(s.last_run_status = 'Failed', false) as failed,
       coalesce(
           j.scheduled and greatest(s.last_successful_finish, j.initial_start) < now() - 2 * j.schedule_interval, false
       ) as late
from timescaledb_information.jobs j left join timescaledb_information.job_stats s using (job_id)
where j.job_id >= 1000 order by j.hypertable_name, j.proc_name
"""

_HOUSEKEEPING: LiteralString = """
select job as name, null as "table", every_s * interval '1 second' as every, started_at as last_run,
       coalesce(failed_at > coalesce(succeeded_at, '-infinity'), false) as failed,
       coalesce(succeeded_at < now() - 2 * every_s * interval '1 second', false) as late
from housekeeping_run where retired_at is null order by job
"""

# What came in by the account, which is exact and small; what a row takes, by the tables as they are.
_SHARES: LiteralString = """
select coalesce(p.code, '(no project)'), sum(t.stored)::bigint, sum(t.readings_stored)::bigint
from tally t left join project p using (project_id) group by 1
having sum(t.stored) > 0 or sum(t.readings_stored) > 0 order by 3 desc, 1
"""

_LATELY: LiteralString = """
select sum(stored)::bigint, sum(readings_stored)::bigint,
       extract(epoch from now() - greatest(min(hour), now() - %(days)s * interval '1 day'))::double precision
from tally where hour >= now() - %(days)s * interval '1 day'
"""

# A name that is not shown to us is left out, not refused.
_LIMITS: LiteralString = """
select
    current_setting('max_connections')::integer,
    current_setting('superuser_reserved_connections')::integer
        + coalesce(current_setting('reserved_connections', true), '0')::integer,
    (select count(*) from pg_stat_activity where backend_type = 'client backend'
        and application_name not like 'noroshi%%')::integer,
    (select age(datfrozenxid) from pg_database where datname = current_database()),
    current_setting('autovacuum_freeze_max_age')::integer,
    (select setting from pg_settings where name = 'data_directory'),
    coalesce(host(inet_client_addr()) in ('127.0.0.1', '::1'), true)
"""


def status(connection: Connection[Any]) -> Status:
    """The database as it stands now."""
    with translated():
        tier = ask(connection).tier
        tables = sizes(connection)
        return Status(
            tier=tier,
            database_bytes=_number(connection, "select pg_database_size(current_database())"),
            tables=tables,
            projects=_projects(connection, tables),
            chunks=[] if tier is Tier.PLAIN else _chunks(connection, tier),
            jobs=_jobs(connection, tier),
            limits=Limits(*(connection.execute(_LIMITS, {}).fetchone() or ())),
            bytes_per_day=_growth(connection, tables),
        )


def free_bytes(status: Status, disk: Path | None) -> int | None:
    """Room on the disk of the database, if it can be seen from here. `disk`: a path on it, as the operator says."""
    return free_at(disk or disk_of(status))


def disk_of(status: Status) -> Path | None:
    """A path on the disk of the database, where it is this machine's and the server says which."""
    folder = status.limits.data_directory
    return Path(folder) if status.limits.local and folder else None


def free_at(place: Path | None) -> int | None:
    """Bytes free on the disk of this path; None where it cannot be seen."""
    try:
        return None if place is None else shutil.disk_usage(place).free
    except OSError:
        return None


def _number(connection: Connection[Any], query: LiteralString) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _chunks(connection: Connection[Any], tier: Tier) -> list[Chunks]:
    found = [Chunks(*row) for row in connection.execute(_CHUNKS).fetchall()]
    return [_with_columnstore(connection, each) for each in found] if tier is Tier.COMMUNITY else found


def _with_columnstore(connection: Connection[Any], chunks: Chunks) -> Chunks:
    row = connection.execute(_COLUMNSTORE, (chunks.table,)).fetchone()
    return chunks if row is None else chunks._replace(before_bytes=row[0], after_bytes=row[1])


def _jobs(connection: Connection[Any], tier: Tier) -> list[Job]:
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        found = [] if tier is Tier.PLAIN else cursor.execute(_POLICIES).fetchall()
        if exists(connection, "housekeeping_run"):
            found += cursor.execute(_HOUSEKEEPING).fetchall()
    return found


def _per_row(tables: list[Size]) -> tuple[float, ...]:
    """Bytes of a message and of a reading, with their indexes, as they lie now; 0 where rows were not counted yet."""
    by_name = {size.name: size for size in tables}
    message, reading = (by_name[name] for name in HYPERTABLES)
    return tuple(size.bytes / size.rows if size.rows else 0.0 for size in (message, reading))


def _projects(connection: Connection[Any], tables: list[Size]) -> list[ProjectShare]:
    rows = connection.execute(_SHARES).fetchall()
    message, reading = (size.bytes for name in HYPERTABLES for size in tables if size.name == name)
    all_messages, all_readings = (max(1, sum(row[index] for row in rows)) for index in (1, 2))
    return [
        ProjectShare(code, messages, readings, message * messages // all_messages + reading * readings // all_readings)
        for code, messages, readings in rows
    ]


def _growth(connection: Connection[Any], tables: list[Size]) -> int | None:
    row = connection.execute(_LATELY, {"days": GROWTH_DAYS}).fetchone()
    if row is None or row[0] is None:
        return None
    messages, readings, seconds = int(row[0]), int(row[1]), float(row[2])
    message, reading = _per_row(tables)
    return round((messages * message + readings * reading) * 86400 / max(seconds, 3600)) or None
