"""What a page of the plan looks at: a project, a fiscal year, and the plan that is valid for that year."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from ingest.access.roles import Verb
from ingest.figures.project import ProjectRef, project_refs
from ingest.plan.document.versions import PlanVersion, planned_projects, version_at, versions
from ingest.store.database import Database
from ingest.web.guard import caller_of
from ingest.web.plan_door import project_seen
from schemas.japan import FiscalYear, now_jst


@dataclass
class Asked:
    """The query of every page of the plan: a project by its code and a fiscal year by the year in which it begins."""

    project: str = ""
    fy: Annotated[int | None, Query(ge=2015, le=2100)] = None


Query_ = Annotated[Asked, Depends()]


@dataclass(frozen=True, slots=True)
class Looked:
    """The project (None: the reader sees none), the year, and the plan (None: the project has none).

    `later`: whether the plan was entered after the year had ended, because there was none before.
    `years`: those to choose between. `may_write`: whether the reader may change the plan of this project.
    """

    projects: list[ProjectRef]
    project: ProjectRef | None
    year: FiscalYear
    years: list[FiscalYear]
    plan: PlanVersion | None
    later: bool
    may_write: bool
    now: datetime

    @property
    def context(self) -> dict[str, Any]:
        """What every template of the plan needs."""
        return {
            "looked": self,
            "project": self.project,
            "fy": self.year.year,
            "plan": None if self.plan is None else self.plan.document,
        }


def look(request: Request, connection: Database, asked: Asked) -> Looked:
    """Read what the page is about: without a project in the query, the first that has a plan.

    Raises HTTPException (404) for a project that the reader does not see.
    """
    now = now_jst()
    projects = project_refs(connection)
    planned = set() if asked.project else planned_projects(connection)
    project = project_seen(sorted(projects, key=lambda each: each.project_id not in planned), asked.project)
    year = FiscalYear.of(now.date()) if asked.fy is None else FiscalYear(asked.fy)
    plan, later = (None, False) if project is None else plan_of_year(connection, project.project_id, year, now)
    may_write = project is not None and caller_of(request).may(Verb.REPORT, project.project_id)
    return Looked(projects, project, year, years_of(plan, year, now), plan, later, may_write, now)


def plan_of_year(
    connection: Database, project_id: int, year: FiscalYear, now: datetime
) -> tuple[PlanVersion | None, bool]:
    """The version that was valid at the end of a year, or the first one that was entered later.

    The second value says whether it was entered later.
    """
    valid = version_at(connection, project_id, min(now, year.end))
    if valid is not None:
        return valid, False
    every = versions(connection, project_id)
    return (every[-1], True) if every else (None, False)


def years_of(plan: PlanVersion | None, year: FiscalYear, now: datetime) -> list[FiscalYear]:
    """The fiscal years of the plan, the one that is looked at, and the present one."""
    years = {year, FiscalYear.of(now.date())}
    if plan is not None:
        first, last = FiscalYear.of(plan.document.begins), FiscalYear.of(plan.document.ends)
        years |= {FiscalYear(each) for each in range(first.year, min(last.year, first.year + 15) + 1)}
    return sorted(years)
