"""How much a project is used, month by month: from the audit log, or where that is closed from what was frozen."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ingest.figures.fetch import Database
from ingest.figures.use import Use, use
from ingest.plan.check.database.inputs import place_of
from ingest.plan.check.use import database
from schemas.japan import Month


@dataclass(frozen=True, slots=True)
class DepartmentOfUse:
    """The use by one department (課). The name is empty for people without one."""

    department: str
    people: int
    page_views: int
    sign_ins: int
    downloads: int
    reports: int


@dataclass(frozen=True, slots=True)
class MonthOfUse:
    """The use in one month. Pages are counted for the whole organisation: one page is about all that somebody sees.

    `downloads`, `reports`, `programs`: of this project alone. `roles`: people by the role that they have today.
    """

    month: str
    people: int
    page_views: int
    sign_ins: int
    downloads: int
    reports: int
    programs: int
    departments: tuple[DepartmentOfUse, ...] = ()
    roles: tuple[tuple[str, int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it is frozen."""
        return asdict(self)

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "MonthOfUse":
        """As it was frozen."""
        departments = tuple(DepartmentOfUse(**each) for each in kept["departments"])
        roles = tuple((role, people) for role, people in kept["roles"])
        return cls(**{**kept, "departments": departments, "roles": roles})


def use_of_project(connection: Database, project_id: int, first: Month, until: Month) -> list[MonthOfUse] | None:
    """The use of every month from `first` to the one before `until`; None where none of them can be told.

    A month before the audit log begins is not told: nobody knows who used it.
    A frozen month stays as it was frozen: the audit log may be shorter by now. Pages may not read the audit log at all,
    so that they get the frozen months alone.
    """
    place = place_of(connection, project_id)
    if place is None or place.organisation is None:
        return None
    kept = [MonthOfUse.of_json(each) for each in database.frozen_uses(
        connection, project_id, first.first_day, until.first_day)]  # fmt: skip
    if not database.may_read_use(connection):
        return kept or None
    frozen = {each.month: each for each in kept}
    known = database.known_use(connection)
    rows = use(connection, first.start, until.start, least_people=1)
    roles = database.people_by_role(connection, place.organisation, first.start, until.start)
    months, month = [], first
    while month < until:
        of_month = [row for row in rows if row.month == month.first_day]
        counted = _month_of(month, of_month, place.organisation, place.code, roles.get(month.first_day, {}))
        if counted.month in frozen or known.tells(month):
            months.append(frozen.get(counted.month, counted))
        month = month.next
    return months or None


def departments_of(months: Iterable[MonthOfUse]) -> set[str]:
    """The departments of which somebody used it in any of these months; people without one are none."""
    return {each.department for month in months for each in month.departments if each.people and each.department}


def _month_of(month: Month, rows: Iterable[Use], organisation: str, project: str, roles: dict[str, int]) -> MonthOfUse:
    whole, own = None, None
    departments = []
    for row in rows:
        if row.organisation != organisation:
            continue
        if row.level == "project" and row.project == project and row.department is None:
            own = row
        elif row.level == "organisation" and row.department is None:
            whole = row
        elif row.level == "organisation":
            departments.append(
                DepartmentOfUse(
                    row.department or "", row.people, row.page_views, row.sign_ins, row.downloads, row.reports
                )
            )
    return MonthOfUse(
        f"{month.year}-{month.month:02}", whole.people if whole else 0, whole.page_views if whole else 0,
        whole.sign_ins if whole else 0, own.downloads if own else 0, own.reports if own else 0,
        own.programs if own else 0, tuple(departments), tuple(sorted(roles.items())),
    )  # fmt: skip
