"""表示盤: the watch on the wall of a situation room, in large letters; and how a display becomes one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.roles import Scope, Verb
from ingest.figures.project import project_refs
from ingest.web.cookies import clear_cookie, display_cookie, set_cookie
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.pace import Pace
from ingest.web.pages.watch.now import duties_of
from ingest.web.render import page, writer_for
from ingest.web.rules import OPEN, WALL, allow
from ingest.web.watch_view import read_watch
from schemas.bilingual import Bilingual

REFRESH_S = 3
STALE_S = 15
"""After so long without an answer the wall says that it does not know."""
ROWS = 6
"""So many incidents fit on a screen of 1920 by 1080 in letters that are read from five metres."""
LASTS_S = 400 * 86400
"""No browser keeps a cookie for longer."""
NO_DISPLAY = Bilingual(
    "この文字列では開けません。使い道が「表示盤」の、期限内のトークンを入れてください",
    "This does not open it: enter a valid token with the scope of a wall display",
)

router = APIRouter(include_in_schema=False)
Deps = Annotated[WebDependencies, Depends(dependencies)]
ProjectCode = Annotated[str, Query(max_length=63)]


@router.get("/watch/wall")
@allow(WALL)
def wall_page(request: Request, deps: Deps, project: ProjectCode = "") -> HTMLResponse:
    """The page. It needs no hand, reconnects by itself, and says when it is stale."""
    writer = writer_for(request)
    view = read_watch(request, deps, project)
    with deps.database() as connection:
        projects = [each for each in project_refs(connection) if project in ("", each.code)]
        duties = duties_of(connection, projects, writer.now)
    return page(
        request,
        "wall.html",
        writer,
        view=view,
        lines=view.lines(),
        shown=[*view.real, *view.drilled][:ROWS],
        more=max(0, len(view.lasting) - ROWS),
        projects=projects,
        chosen=project,
        duties=duties,
        refresh_s=REFRESH_S,
        stale_s=STALE_S,
        version=request.app.version,
    )


@router.get("/watch/wall/open")
@allow(OPEN)
def open_wall_page(request: Request) -> HTMLResponse:
    """The form in which somebody enters the token of a display, once, at the display."""
    return _form_page(request, Form())


@router.post("/watch/wall/open")
@allow(OPEN)
def open_wall(request: Request, deps: Deps, form: Annotated[Form, Depends(sent_form)]) -> Response:
    """Keep the token in a cookie that no script reads, so that it stands in no address, no history and no log."""
    pace: Pace = request.app.state.wall_pace
    pace.require(request)
    secret = form.text("token")
    caller = None if deps.access is None else deps.access.caller_of_token(secret)
    if caller is None or Scope.WALL not in caller.scopes or not caller.may(Verb.SEE):
        form.refuse("token", NO_DISPLAY)
        return _form_page(request, form)
    response = go_to("/watch/wall")
    set_cookie(response, deps.door, display_cookie(deps.door), secret, LASTS_S)
    return response


@router.post("/watch/wall/close")
@allow(OPEN)
def close_wall(deps: Deps) -> Response:
    """Let the browser forget the token."""
    response = go_to("/watch/wall/open")
    clear_cookie(response, deps.door, display_cookie(deps.door))
    return response


def _form_page(request: Request, form: Form) -> HTMLResponse:
    return page(
        request, "wall_open.html", writer_for(request), status=422 if form.errors else 200, address="/watch/wall/open",
        form=form,
    )  # fmt: skip
