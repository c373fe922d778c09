"""Frozen periods and what was written about them, as rows: added, and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """A row of plan_snapshot."""

    plan_snapshot_id: int
    kind: str
    first_day: date
    until_day: date
    revision: int
    frozen_at: datetime
    frozen_by: str
    plan_number: int | None
    software: str
    reason: str
    body: dict[str, Any]
    difference: list[dict[str, Any]] | None
    digest: bytes
    noted: bool | None


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A row of plan_review."""

    plan_review_id: int
    kind: str
    first_day: date
    kpi: str
    factors: str
    issues: str
    improvement: str
    opinion: str
    direction: str
    closed: bool
    entered_at: datetime
    entered_by: str


_SNAPSHOT: LiteralString = """
    plan_snapshot_id, kind, first_day, until_day, revision, frozen_at, frozen_by, plan_number, software, reason, body,
    difference, digest, (
        select bool_and(coalesce(f.digest = encode(s.digest, 'hex'), false)) from plan_freezing f
        where f.project_id = s.project_id and f.subject = s.kind || to_char(s.first_day, ' YYYY-MM-DD')
          and f.revision = s.revision
    ) as noted
"""


def snapshot_rows(
    connection: Connection[Any], project_id: int, kind: str | None, from_day: date, until_day: date
) -> list[SnapshotRow]:
    """The newest revision of each period that begins in [from_day, until_day), by first day and kind."""
    query = f"""
        select {_SNAPSHOT} from (
            select distinct on (first_day, kind) * from plan_snapshot
            where project_id = %(project)s and (%(kind)s::text is null or kind = %(kind)s)
              and first_day >= %(from)s and first_day < %(until)s
            order by first_day, kind, revision desc
        ) s order by first_day, kind
    """  # noqa: S608  made of constants
    values = {"project": project_id, "kind": kind, "from": from_day, "until": until_day}
    with connection.cursor(row_factory=class_row(SnapshotRow)) as cursor:
        return cursor.execute(query, values).fetchall()


def revision_rows(
    connection: Connection[Any], project_id: int, kind: str, first_day: date, below: int | None, limit: int
) -> list[SnapshotRow]:
    """The newest revisions of one period, the newest first, at most `limit`; `below`: only those before this one."""
    query = f"""
        select {_SNAPSHOT} from plan_snapshot s
        where project_id = %(project)s and kind = %(kind)s and first_day = %(first)s
          and (%(below)s::integer is null or revision < %(below)s)
        order by revision desc limit %(limit)s
    """  # noqa: S608  made of constants
    values = {"project": project_id, "kind": kind, "first": first_day, "below": below, "limit": limit}
    with connection.cursor(row_factory=class_row(SnapshotRow)) as cursor:
        return cursor.execute(query, values).fetchall()


def is_frozen(connection: Connection[Any], project_id: int, kind: str, first_day: date) -> bool:
    """Whether there is a snapshot of a period."""
    query = "select from plan_snapshot where project_id = %s and kind = %s and first_day = %s limit 1"
    return connection.execute(query, (project_id, kind, first_day)).fetchone() is not None


def lost_revisions(connection: Connection[Any], project_id: int, kind: str, first_day: date) -> list[int]:
    """The revisions of a period that the audit log has, and of which there is no snapshot."""
    query = """
        select distinct f.revision from plan_freezing f
        where f.project_id = %(project)s and f.subject = %(kind)s::text || to_char(%(first)s::date, ' YYYY-MM-DD')
          and f.revision is not null and not exists (
            select from plan_snapshot s where s.project_id = %(project)s and s.kind = %(kind)s
              and s.first_day = %(first)s and s.revision = f.revision
        ) order by 1
    """
    rows = connection.execute(query, {"project": project_id, "kind": kind, "first": first_day})
    return [number for (number,) in rows]


def noted_periods(connection: Connection[Any], project_id: int) -> list[str]:
    """Every period that was frozen as far as the audit log knows: `month 2026-04-01`."""
    query = "select distinct subject from plan_freezing where project_id = %s order by subject"
    return [subject for (subject,) in connection.execute(query, (project_id,))]


def lock_snapshots(connection: Connection[Any], project_id: int) -> None:
    """Let nobody else freeze a period of this project before the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtext('plan_snapshot'), %s)", (project_id,))


def add_snapshot(connection: Connection[Any], project_id: int, row: Mapping[str, object]) -> None:
    """Add a revision. `row`: the columns of plan_snapshot but its own number."""
    values = {**row, "project_id": project_id, "body": Jsonb(row["body"])}
    values["difference"] = None if row["difference"] is None else Jsonb(row["difference"])
    connection.execute(
        """
        insert into plan_snapshot (project_id, kind, first_day, until_day, revision, frozen_at, frozen_by, plan_number,
            software, reason, body, difference, digest)
        values (%(project_id)s, %(kind)s, %(first_day)s, %(until_day)s, %(revision)s, %(frozen_at)s, %(frozen_by)s,
            %(plan_number)s, %(software)s, %(reason)s, %(body)s, %(difference)s, %(digest)s)
        """,
        values,
    )


def review_rows(connection: Connection[Any], project_id: int, kind: str, first_day: date) -> list[ReviewRow]:
    """Everything that was written about one period, the newest first."""
    query = """
        select plan_review_id, kind, first_day, kpi, factors, issues, improvement, opinion, direction, closed,
            entered_at, entered_by
        from plan_review where project_id = %s and kind = %s and first_day = %s order by plan_review_id desc
    """
    with connection.cursor(row_factory=class_row(ReviewRow)) as cursor:
        return cursor.execute(query, (project_id, kind, first_day)).fetchall()


def add_review(connection: Connection[Any], project_id: int, row: Mapping[str, object]) -> None:
    """Add what somebody wrote. `row`: the columns of plan_review but its number, project and time."""
    connection.execute(
        """
        insert into plan_review (project_id, kind, first_day, kpi, factors, issues, improvement, opinion, direction,
            closed, entered_by)
        values (%(project_id)s, %(kind)s, %(first_day)s, %(kpi)s, %(factors)s, %(issues)s, %(improvement)s,
            %(opinion)s, %(direction)s, %(closed)s, %(entered_by)s)
        """,
        {**row, "project_id": project_id},
    )


@dataclass(frozen=True, slots=True)
class FrozenPeriod:
    """A period of which there is a snapshot."""

    kind: str
    first_day: date


@dataclass(frozen=True, slots=True)
class FrozenInputs:
    """What a frozen period was computed from, as its newest revision says."""

    kind: str
    first_day: date
    until_day: date
    inputs: dict[str, str]


def frozen_periods(connection: Connection[Any], project_id: int) -> list[FrozenPeriod]:
    """Every period that is frozen."""
    query = "select distinct kind, first_day from plan_snapshot where project_id = %s"
    with connection.cursor(row_factory=class_row(FrozenPeriod)) as cursor:
        return cursor.execute(query, (project_id,)).fetchall()


def snapshot_inputs(connection: Connection[Any], project_id: int, from_day: date) -> list[FrozenInputs]:
    """The inputs of the newest revision of each period that begins at `from_day` or later, months first."""
    query = """
        select kind, first_day, until_day, inputs from (
            select distinct on (kind, first_day) kind, first_day, until_day, body -> 'inputs' as inputs
            from plan_snapshot where project_id = %s and first_day >= %s
            order by kind, first_day, revision desc
        ) s order by until_day - first_day, first_day
    """
    with connection.cursor(row_factory=class_row(FrozenInputs)) as cursor:
        return cursor.execute(query, (project_id, from_day)).fetchall()
