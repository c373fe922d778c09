"""Delete what the policies of retention give up: whole chunks where no row of them stays, else rows in batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, LiteralString, NamedTuple

from psycopg import Connection, sql

from ingest.settings.model import RetentionSettings
from ingest.store.database import translated
from ingest.store.retention.policy import Policy, policies
from ingest.store.status.sizes import exists, size_of
from ingest.store.timescale import HYPERTABLES, Tier, ask
from schemas.retention import RetentionKind

WINDOW = timedelta(days=7)
"""Rows of one device and one window go in one transaction."""


_DAY: LiteralString = "(day::timestamp at time zone 'Asia/Tokyo')"


class Part(NamedTuple):
    """One table of one kind. `time`: its column, or an expression; `owner`: how a row says whose it is."""

    kind: RetentionKind
    table: str
    time: LiteralString
    owner: Literal["device", "gateway", "project"]


PARTS = (
    Part(RetentionKind.RAW, "reading_packed", "time", "device"),
    Part(RetentionKind.RAW, "reading_conflict", "time", "device"),
    Part(RetentionKind.LINK, "uplink_packed", "time", "device"),
    Part(RetentionKind.LINK, "gateway_event", "time", "gateway"),
    Part(RetentionKind.ROLLUP, "rollup_hour", "hour", "device"),
    Part(RetentionKind.ROLLUP, "rollup_day", _DAY, "device"),
    Part(RetentionKind.ROLLUP, "uplink_hour", "hour", "device"),
    Part(RetentionKind.ROLLUP, "uplink_day", _DAY, "device"),
    Part(RetentionKind.ROLLUP, "rollup_usage_day", _DAY, "device"),
    Part(RetentionKind.ROLLUP, "rollup_stretch", "starts", "device"),
    Part(RetentionKind.QUARANTINE, "quarantine", "received_at", "project"),
    Part(RetentionKind.LOG, "tally", "hour", "project"),
)
"""A table that is not there has nothing to delete."""


class Span(NamedTuple):
    """A chunk that is dropped as a whole."""

    table: str
    start: datetime
    end: datetime
    bytes: int


@dataclass(frozen=True, slots=True)
class Going:
    """Rows of one project in one table that are to be deleted. `bytes` is an estimate by the share of rows."""

    policy: Policy
    part: Part
    before: datetime
    rows: int
    first_at: datetime
    last_at: datetime
    bytes: int


@dataclass(slots=True)
class Retained:
    """What was deleted, or would be. The rows in whole chunks are counted in `going` too."""

    going: list[Going] = field(default_factory=list)
    chunks: list[Span] = field(default_factory=list)


def run_retention(
    connection: Connection[Any], settings: RetentionSettings, now: datetime, *, dry_run: bool = False
) -> Retained:
    """Delete what may be deleted at `now`; with `dry_run` only return what. Safe to interrupt and to repeat.

    The connection must be in autocommit: each batch is a transaction of its own, which also books it in
    `retention_run`. Fit for a daily job.
    """
    with translated():
        connection.execute("set statement_timeout = 0")
        connection.execute("set lock_timeout = '10s'")  # a chunk somebody reads may wait until tomorrow
        in_force = policies(connection, settings, now)
        retained = Retained()
        for part in (part for part in PARTS if exists(connection, part.table)):
            mine = [policy for policy in in_force if policy.kind is part.kind]
            going = [each for policy in mine for each in _going(connection, part, policy)]
            chunks = _chunks(connection, part, mine) if going else []
            whole = [chunk for chunk in chunks if _nothing_stays(connection, part, mine, chunk)]
            if not dry_run:
                _delete_going(connection, part, going, whole, chunks)
            retained.going += going
            retained.chunks += whole
        if not dry_run:
            _forget_last(connection, in_force)
        return retained


_LAST = {RetentionKind.RAW: "last_reading", RetentionKind.LINK: "last_uplink"}
"""Tables with a copy of the last row of each device, which is deleted with the row."""


def _forget_last(connection: Connection[Any], in_force: Sequence[Policy]) -> None:
    forget = sql.SQL("delete from {table} where {mine} and time < %(before)s")
    for policy in in_force:
        table = _LAST.get(policy.kind)
        if table is not None and policy.before is not None:
            query = forget.format(table=sql.Identifier(table), mine=_MINE["device"])
            connection.execute(query, {"project": policy.project_id, "before": policy.before})


def _going(connection: Connection[Any], part: Part, policy: Policy) -> Iterator[Going]:
    if policy.before is None:
        return
    query = sql.SQL("select count(*), min({time}), max({time}) from {table} t where {mine} and {time} < %(before)s")
    values = {"project": policy.project_id, "before": policy.before}
    row = connection.execute(_about(query, part), values).fetchone()
    if row is not None and row[0]:
        rows, first_at, last_at = row
        size = size_of(connection, part.table)
        estimate = size.bytes * rows // max(size.rows, rows)
        yield Going(policy, part, policy.before, rows, first_at, last_at, estimate)


_DEVICES: LiteralString = "select d.device_id from device d where d.project_id = %(project)s"
_GATEWAYS: LiteralString = (
    "select g.gateway_id from gateway g join network n using (network_id) where n.project_id = %(project)s"
)
_MINE = {
    "device": sql.SQL("device_id in ({})").format(sql.SQL(_DEVICES)),
    "gateway": sql.SQL("gateway_id in ({})").format(sql.SQL(_GATEWAYS)),
    "project": sql.SQL("coalesce(project_id, 0) = %(project)s"),
}


def _about(query: sql.SQL, part: Part) -> sql.Composed:
    return query.format(table=sql.Identifier(part.table), time=sql.SQL(part.time), mine=_MINE[part.owner])


def _chunks(connection: Connection[Any], part: Part, mine: Sequence[Policy]) -> list[Span]:
    """The chunks in which rows may be deleted, the oldest first; none where the table has no chunks."""
    if part.table not in HYPERTABLES or ask(connection).tier is Tier.PLAIN:
        return []
    latest = max(policy.before for policy in mine if policy.before is not None)
    rows = connection.execute(
        """
        select c.range_start, c.range_end, s.total_bytes
        from timescaledb_information.chunks c
        join chunks_detailed_size(%(table)s::text::regclass) s using (chunk_schema, chunk_name)
        where c.hypertable_schema = current_schema() and c.hypertable_name = %(table)s::text
          and c.range_start < %(latest)s
        order by c.range_start
        """,
        {"table": part.table, "latest": latest},
    )
    return [Span(part.table, *row) for row in rows]


def _nothing_stays(connection: Connection[Any], part: Part, mine: Sequence[Policy], chunk: Span) -> bool:
    """Whether every row of the chunk belongs to a project whose period is over for the whole of it."""
    leaving = [policy.project_id for policy in mine if policy.before is not None and policy.before >= chunk.end]
    query = _about(
        sql.SQL("""
        select exists (
            select from {table} t where {time} >= %(start)s and {time} < %(end)s
              and device_id <> all(array(select device_id from device where project_id = any(%(leaving)s)))
        )
        """),
        part,
    )
    values = {"start": chunk.start, "end": chunk.end, "leaving": leaving}
    return bool(leaving) and connection.execute(query, values).fetchone() == (False,)


def _delete_going(
    connection: Connection[Any], part: Part, going: Sequence[Going], whole: Sequence[Span], chunks: Sequence[Span]
) -> None:
    if part.table in HYPERTABLES and going:
        _keep_sums(connection, max(each.before for each in going))
    runs = {each.policy.project_id: _book_run(connection, each) for each in going}
    for chunk in whole:
        _drop(connection, part, chunk, runs)
    left = [chunk for chunk in chunks if chunk not in whole]
    for each in going:
        for start, end in _windows(each, left, chunked=bool(chunks)):
            _delete(connection, each, runs[each.policy.project_id], start, end)


def _keep_sums(connection: Connection[Any], before: datetime) -> None:
    """Note up to where readings are deleted: their hours are not summed up again, or the sums would become empty."""
    connection.execute(
        "update rollup_state set raw_from = greatest(raw_from, rollup_midnight(rollup_day_of(%s)))", (before,)
    )


def _book_run(connection: Connection[Any], going: Going) -> int:
    policy = going.policy
    row = connection.execute(
        """
        insert into retention_run (project_id, kind, table_name, before, forced_by, forced_why)
        values (%s, %s, %s, %s, %s, %s) returning retention_run_id
        """,
        (policy.project_id, str(policy.kind), going.part.table, going.before, policy.forced_by, policy.forced_why),
    ).fetchone()
    assert row is not None  # insert ... returning
    return int(row[0])


_BOOK = "select retention_book(%(run)s, %(rows)s)"
_DELETE = "select retention_delete(%(run)s, %(owner)s, %(start)s::timestamptz, %(end)s::timestamptz)"


def _drop(connection: Connection[Any], part: Part, chunk: Span, runs: dict[int, int]) -> None:
    count = _about(
        sql.SQL("""
        select d.project_id, count(*) from {table} t join device d using (device_id)
        where {time} >= %s and {time} < %s group by d.project_id
        """),
        part,
    )
    with connection.transaction():
        for project_id, rows in connection.execute(count, (chunk.start, chunk.end)).fetchall():
            connection.execute(_BOOK, {"run": runs[project_id], "rows": rows})
        connection.execute(
            "select let_go_chunks(%s, %s::timestamptz, %s::timestamptz)", (part.table, chunk.start, chunk.end)
        )


def _windows(going: Going, chunks: Sequence[Span], *, chunked: bool) -> Iterator[tuple[datetime, datetime]]:
    """The spans to delete in: chunks that stay, or weeks from the first row on; none reaches beyond `going.before`."""
    if chunked:
        spans = [(chunk.start, chunk.end) for chunk in chunks if chunk.end > going.first_at]
    else:
        weeks = (going.before - going.first_at) // WINDOW + 1
        spans = [(going.first_at + n * WINDOW, going.first_at + (n + 1) * WINDOW) for n in range(weeks)]
    yield from ((start, min(end, going.before)) for start, end in spans if start < going.before)


def _delete(connection: Connection[Any], going: Going, run: int, start: datetime, end: datetime) -> None:
    """Delete by device or gateway where rows have one: in the columnstore only its own batches are opened."""
    for owner in _owners(connection, going):
        connection.execute(_DELETE, {"run": run, "owner": owner, "start": start, "end": end})


def _owners(connection: Connection[Any], going: Going) -> list[int]:
    if going.part.owner == "project":
        return [going.policy.project_id]
    query = _DEVICES if going.part.owner == "device" else _GATEWAYS
    rows = connection.execute(query + " order by 1", {"project": going.policy.project_id})
    return [owner for (owner,) in rows]
