"""監視: what is at a stage, what cannot be seen, who was told; and first of all whether anybody watches."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from ingest.access.roles import Verb
from ingest.figures.project import ProjectRef, project_refs
from ingest.store.database import Database
from ingest.watch.deeds.duty import duties_after
from ingest.watch.delivery.database.deciding import read_notice
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.guard import caller_of
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow
from ingest.web.watch_duty import DutyShown, duty_shown
from ingest.web.watch_view import KINDS, read_watch

REFRESH_S = 5
DONE = ("taken", "taken_partly", "noted", "marked")

router = APIRouter(include_in_schema=False)
Deps = Annotated[WebDependencies, Depends(dependencies)]
ProjectCode = Annotated[str, Query(max_length=63)]


class DutyOf(NamedTuple):
    """Who is on duty in a project (its name)."""

    project: str
    shown: DutyShown


def duties_of(connection: Database, projects: Iterable[ProjectRef], now: datetime) -> list[DutyOf]:
    """Who is on duty in each project whose document says anything of it."""
    found = []
    for project in projects:
        notice, changes = (
            read_notice(connection, project.project_id),
            duties_after(connection, [project.project_id], now),
        )
        shown = duty_shown(notice, changes, now)
        if shown.asked:
            found.append(DutyOf(project.name, shown))
    return found


@router.get("/watch")
@allow(SEE)
def watch_page(request: Request, deps: Deps, project: ProjectCode = "", done: str = "") -> HTMLResponse:
    """The page. It refreshes itself, and says so when it cannot."""
    writer = writer_for(request)
    view = read_watch(request, deps, project)
    with deps.database() as connection:
        projects = project_refs(connection)
        duties = duties_of(connection, [each for each in projects if project in ("", each.code)], writer.now)
    caller = caller_of(request)
    return page(
        request,
        "watch.html",
        writer,
        view=view,
        lines=view.lines(),
        kinds=KINDS,
        chosen=project,
        projects=projects,
        duties=duties,
        may_take={each.project_id for each in projects if caller.may(Verb.OPERATE, each.project_id)},
        done=writer.texts[f"watch_done_{done}"] if done in DONE else "",
        refresh_s=REFRESH_S,
    )
