"""Reads who may use a project, and what the audit log counts: only where the connection may read them."""

from dataclasses import dataclass
from datetime import datetime

from ingest.figures.fetch import Database, fetch


@dataclass(frozen=True, slots=True)
class ReportPeople:
    """One row of `figure_report_people`: people of a department (課); its name may be empty."""

    department: str
    people: int
    second_factor: int


@dataclass(frozen=True, slots=True)
class ReportAudit:
    """One row of `figure_report_audit`: entries of a kind, and the last of them."""

    action: str
    entries: int
    last_at: datetime


def report_people(connection: Database, project: str) -> list[ReportPeople] | None:
    """People with a role in the project or its organisation, by department; None where it may not be read."""
    if not _may_read(connection, "person"):
        return None
    query = "select * from figure_report_people(%(project)s) order by department"
    return fetch(connection, ReportPeople, query, {"project": project})


def report_audit(connection: Database, project: str, start: datetime, end: datetime) -> list[ReportAudit] | None:
    """Entries of the audit log in [start, end) by kind; None where it may not be read."""
    if not _may_read(connection, "audit_entry"):
        return None
    query = "select * from figure_report_audit(%(project)s, %(start)s, %(end)s) order by action"
    return fetch(connection, ReportAudit, query, {"project": project, "start": start, "end": end})


def _may_read(connection: Database, table: str) -> bool:
    row = connection.execute("select has_table_privilege(%s, 'select')", (table,)).fetchone()
    return row is not None and bool(row[0])
