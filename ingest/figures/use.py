"""How much the pages are used (利用実績): counts by month, organisation, project and department."""

from dataclasses import dataclass
from datetime import date, datetime

from ingest.figures.fetch import Database, fetch

LEAST_PEOPLE = 3
"""A department with fewer people is put together with others in what is handed out, so that nobody is known by it."""


@dataclass(frozen=True, slots=True)
class Use:
    """One row of `figure_use`; its comment defines every field.

    `level`: organisation or project. `month`: its first day. `organisation`: code; None for use that is about nobody's
    data. `project`: code, None on the level of organisations. `department`: None in the row about all of them.
    """

    level: str
    month: date
    organisation: str | None
    project: str | None
    department: str | None
    people: int
    sign_ins: int
    page_views: int
    downloads: int
    reports: int
    programs: int


def use(connection: Database, start: datetime, end: datetime, least_people: int = LEAST_PEOPLE) -> list[Use]:
    """The use in [start, end), aware times: by level, month and codes, each whole before its departments.

    `least_people`: departments with fewer people are put together as その他; 1: every department by itself.
    """
    query = """
        select * from figure_use(%(start)s, %(end)s, %(least)s)
        order by level, month, organisation nulls last, project, department nulls first
    """
    return fetch(connection, Use, query, {"start": start, "end": end, "least": least_people})
