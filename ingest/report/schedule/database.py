"""The SQL of schedules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ingest.access.roles import Role
from ingest.report.form.forms import ReportForm
from ingest.report.schedule.model import NewSchedule, Schedule, When
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.report_calendar import About
from schemas.report_document import ReportKind

MOST_OF_A_ROLE = 100
"""So many people get an e-mail because of a role, by their addresses; the others do not."""

_SCHEDULE = """report_schedule_id, project_id, kind, forms, about, day, month, role, addresses, active_since, paused_at,
    entered_at, entered_by"""

_ROLE_ADDRESSES = """
select distinct lower(p.email)
from project r
left join organisation o on o.code = r.organisation_code
join membership m on m.project_id = r.project_id or m.organisation_id = o.organisation_id
join person p using (person_id)
where r.project_id = %(project)s and m.role = %(role)s and p.disabled_at is null and p.email <> ''
order by 1 limit %(limit)s
"""


def insert_schedule(connection: Database, project_id: int, new: NewSchedule, by: str) -> int:
    """The number of the new schedule."""
    when = new.when
    found = connection.execute(
        "insert into report_schedule (project_id, purpose, kind, forms, about, day, month, role, addresses, entered_by)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning report_schedule_id",
        (
            project_id, new.purpose.value, new.kind or "", [form.value for form in new.forms],
            "" if when is None else when.about.value, None if when is None else when.day,
            None if when is None else when.month, new.role or "", list(new.addresses), by,
        ),
    ).fetchone()  # fmt: skip
    assert found is not None  # it returns what it inserted
    return int(found[0])


def count_schedules(connection: Database, project_id: int) -> int:
    """How many schedules a project has. Until the end of the transaction nobody else adds one."""
    connection.execute("select from project where project_id = %s for no key update", (project_id,))
    found = connection.execute("select count(*) from report_schedule where project_id = %s", (project_id,)).fetchone()
    assert found is not None  # a sum has a row
    return int(found[0])


def list_schedules(connection: Database, project_id: int) -> list[Schedule]:
    """The schedules of a project, the oldest first."""
    rows = connection.execute(
        f"select {_SCHEDULE} from report_schedule where project_id = %s order by report_schedule_id",  # noqa: S608
        (project_id,),
    )
    return [_schedule(row) for row in rows]


def running_schedules(connection: Database) -> list[Schedule]:
    """The schedules of all projects that are not paused."""
    rows = connection.execute(
        f"select {_SCHEDULE} from report_schedule where paused_at is null order by report_schedule_id"  # noqa: S608
    )
    return [_schedule(row) for row in rows]


def read_schedule(connection: Database, number: int) -> Schedule | None:
    """The schedule of this number, wherever it is."""
    row = connection.execute(
        f"select {_SCHEDULE} from report_schedule where report_schedule_id = %s",  # noqa: S608
        (number,),
    ).fetchone()
    return None if row is None else _schedule(row)


def delete_schedule(connection: Database, number: int) -> None:
    """Remove a schedule. What it sent stays on record."""
    connection.execute("delete from report_schedule where report_schedule_id = %s", (number,))


def set_paused(connection: Database, number: int, paused_at: datetime | None, now: datetime) -> None:
    """Pause a schedule, or (None) have it run again from now on."""
    connection.execute(
        "update report_schedule set paused_at = %(paused)s,"
        " active_since = case when %(paused)s::timestamptz is null then %(now)s else active_since end"
        " where report_schedule_id = %(number)s",
        {"paused": paused_at, "now": now, "number": number},
    )


def withdraw_open(connection: Database, schedule: int, why: Bilingual) -> None:
    """What a schedule has not sent yet is not sent any more."""
    connection.execute(
        "update report_delivery set given_up_at = now(), settled_at = now(), settled_by = 'service', failed_ja = %s,"
        " failed_en = %s where report_schedule_id = %s and sent_at is null and doubt_at is null"
        " and given_up_at is null and sending_since is null",
        (why.ja, why.en, schedule),
    )


def role_addresses(connection: Database, project_id: int, role: Role) -> list[str]:
    """The addresses of everybody with a role in a project or in its organisation, in order; at most MOST_OF_A_ROLE.

    Who is disabled, or has the role in all organisations at once, is not among them.
    """
    values = {"project": project_id, "role": role.value, "limit": MOST_OF_A_ROLE}
    return [str(row[0]) for row in connection.execute(_ROLE_ADDRESSES, values)]


def _schedule(row: Sequence[Any]) -> Schedule:
    number, project, kind, forms, about, day, month, role, addresses, *rest = row
    wanted = NewSchedule(
        ReportKind(kind) if kind else None, tuple(ReportForm(form) for form in forms),
        When(About(about), day, month) if about else None, Role(role) if role else None, tuple(addresses),
    )  # fmt: skip
    return Schedule(number, project, wanted, *rest)
