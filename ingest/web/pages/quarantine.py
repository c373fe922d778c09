"""隔離: what was set aside, by reason."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse

from ingest.figures.messages import quarantine_entries
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.fleet import FleetCache
from ingest.web.render import page, writer_for

SHOWN = 20

router = APIRouter(include_in_schema=False)


@router.get("/quarantine")
def quarantine_page(
    request: Request, deps: Annotated[WebDependencies, Depends(dependencies)], project: str = "", reason: str = ""
) -> HTMLResponse:
    """The page. Reading only: replaying is a command, done after the cause is corrected."""
    cache = request.app.state.fleet
    assert isinstance(cache, FleetCache)  # set by create_app
    fleet = cache.read(project or None)
    if fleet is None:
        raise HTTPException(404, f"There is no project {project!r}.")
    with deps.database() as connection:
        entries = quarantine_entries(connection, project=project or None, reason=reason or None, limit=SHOWN)
    return page(
        request,
        "quarantine.html",
        writer_for(request),
        fleet=fleet,
        chosen=project,
        reason=reason,
        entries=entries,
        shown=SHOWN,
        total=sum(row.parts for row in fleet.quarantine),
        refresh_s=5,
    )
