"""What the use of a project asks the tables: frozen months, how far back the audit log goes, people by role."""

from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg import Connection

from schemas.japan import Month


class FrozenUse(NamedTuple):
    """The newest revision of a frozen month. `use`: None where nothing could be told when it was frozen."""

    first_day: date
    revision: int
    frozen_at: datetime
    use: dict[str, Any] | None


def frozen_use_rows(connection: Connection[Any], project_id: int, from_day: date, until_day: date) -> list[FrozenUse]:
    """The frozen months that begin in [from_day, until_day), by first day."""
    query = """
        select distinct on (first_day) first_day, revision, frozen_at, nullif(body -> 'use', 'null') from plan_snapshot
        where project_id = %s and kind = 'month' and first_day >= %s and first_day < %s
        order by first_day, revision desc
    """
    return [FrozenUse(*row) for row in connection.execute(query, (project_id, from_day, until_day))]


def frozen_uses(connection: Connection[Any], project_id: int, from_day: date, until_day: date) -> list[dict[str, Any]]:
    """The use of the frozen months in [from_day, until_day), as the newest revision of each has it."""
    return [row.use for row in frozen_use_rows(connection, project_id, from_day, until_day) if row.use]


class KnownUse(NamedTuple):
    """How far back the audit log tells who used something. None: it has no entry yet, or none was ever deleted."""

    first_entry: datetime | None
    deleted_until: datetime | None

    def tells(self, month: Month) -> bool:
        """Whether the use of a month is known: the log had begun before its end, and nothing of it was deleted."""
        begun = self.first_entry is not None and self.first_entry < month.end
        return begun and (self.deleted_until is None or self.deleted_until <= month.start)


def known_use(connection: Connection[Any]) -> KnownUse:
    """How far back the audit log goes."""
    query = """
        select (select min(e.at) from audit_entry e), (select nullif(a.at, '-infinity') from audit_anchor a)
    """
    return KnownUse(*(connection.execute(query).fetchone() or (None, None)))


def may_read_use(connection: Connection[Any]) -> bool:
    """Whether this connection may count people in the audit log. Pages and readers may not."""
    query = "select has_table_privilege('audit_entry', 'select')"
    row = connection.execute(query).fetchone()
    return row is not None and bool(row[0])


def people_by_role(
    connection: Connection[Any], organisation: str, start: datetime, end: datetime
) -> dict[date, dict[str, int]]:
    """How many people of each role used something of the organisation, by month: the highest role they have now."""
    query = """
        select u.month, coalesce(r.role, 'none'), count(distinct u.actor)
        from (
            select distinct date_trunc('month', at at time zone 'Asia/Tokyo')::date as month, actor
            from audit_entry where at >= %(start)s and at < %(end)s and organisation = %(organisation)s
              and action in ('signed_in', 'page_seen', 'data_downloaded', 'export_made', 'report_made')
              and actor <> '' and actor <> 'service' and actor not like 'token:%%' and actor not like 'command:%%'
        ) u
        left join lateral (
            select m.role from person p join membership m using (person_id) where p.login = u.actor
            order by array_position(array['admin', 'operator', 'reporter', 'viewer', 'installer'], m.role) limit 1
        ) r on true
        group by 1, 2
    """
    made: dict[date, dict[str, int]] = {}
    for month, role, people in connection.execute(query, {"organisation": organisation, "start": start, "end": end}):
        made.setdefault(month, {})[role] = people
    return made
