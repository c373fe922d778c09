"""監視: what is at a stage, what cannot be seen, who was told; and first of all whether anybody watches."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from ingest.access.roles import Verb
from ingest.figures.project import project_refs
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.guard import caller_of
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow
from ingest.web.watch_view import KINDS, read_watch

REFRESH_S = 5
DONE = ("taken", "taken_partly", "noted", "marked")

router = APIRouter(include_in_schema=False)
Deps = Annotated[WebDependencies, Depends(dependencies)]
ProjectCode = Annotated[str, Query(max_length=63)]


@router.get("/watch")
@allow(SEE)
def watch_page(request: Request, deps: Deps, project: ProjectCode = "", done: str = "") -> HTMLResponse:
    """The page. It refreshes itself, and says so when it cannot."""
    writer = writer_for(request)
    view = read_watch(request, deps, project)
    with deps.database() as connection:
        projects = project_refs(connection)
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
        may_take={each.project_id for each in projects if caller.may(Verb.OPERATE, each.project_id)},
        done=writer.texts[f"watch_done_{done}"] if done in DONE else "",
        refresh_s=REFRESH_S,
    )
