"""確認のリンク: who has the link of a message takes what it told of, without signing in. To look changes nothing."""

from datetime import UTC, datetime
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.access import Access
from ingest.access.authority import ChangeRefused, NotThere
from ingest.figures.watch import Incident, incident_of
from ingest.store.database import translated
from ingest.watch.deeds.database.links import LinkRow
from ingest.watch.deeds.links import acknowledge_by_link, resolve_link
from ingest.web.dependencies import WebDependencies, database_answers, dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.headers import REFERRER
from ingest.web.noted import client_address
from ingest.web.pace import Pace
from ingest.web.render import page, writer_for
from ingest.web.rules import OPEN, allow
from schemas.bilingual import Bilingual

GONE = 410
LONGEST_NAME = 100
NAME_NEEDED = Bilingual("お名前を書いてください", "Write your name")

router = APIRouter(include_in_schema=False, dependencies=[Depends(database_answers)])
Deps = Annotated[WebDependencies, Depends(dependencies)]


class Told(NamedTuple):
    """An incident that the message of a link told of, as it is now."""

    row: LinkRow
    one: Incident


def keep_pace(request: Request) -> None:
    """Let nobody try links one after the other. Raises HTTPException (429)."""
    pace: Pace = request.app.state.link_pace
    pace.require(request)


@router.get("/watch/ack/{secret}", dependencies=[Depends(keep_pace)])
@allow(OPEN)
def ack_page(request: Request, deps: Deps, secret: str, done: str = "") -> HTMLResponse:
    """What the message told of, and a button. Programs that read mail follow links, so this does nothing."""
    return _show(request, _told(deps, secret), Form(), done=done == "taken")


@router.post("/watch/ack/{secret}", dependencies=[Depends(keep_pace)])
@allow(OPEN)
def acknowledge_link(request: Request, deps: Deps, secret: str, form: Annotated[Form, Depends(sent_form)]) -> Response:
    """Take it, up to the rank that the page showed, in the name of whoever the message was for."""
    told = _told(deps, secret)
    if not told:
        return _show(request, told, form)
    name = form.text("name")[:LONGEST_NAME]
    if not told[0].row.recipient and not name:
        form.refuse("name", NAME_NEEDED)
        return _show(request, told, form)
    access = _access(deps)
    address = access.kept(client_address(request))
    try:
        with translated(), access.database() as connection:
            acknowledge_by_link(connection, secret, datetime.now(UTC), address, form.number("rank"), name)
    except NotThere:
        return _show(request, [], form)
    except ChangeRefused as error:
        form.refuse("name", error.said)
        return _show(request, told, form)
    return go_to(f"/watch/ack/{secret}?done=taken")


def _access(deps: WebDependencies) -> Access:
    if deps.access is None:
        raise HTTPException(404, "This installation has no accounts.")
    return deps.access


def _told(deps: WebDependencies, secret: str) -> list[Told]:
    with translated(), _access(deps).database() as connection:
        rows = resolve_link(connection, secret, datetime.now(UTC))
        found = [(row, incident_of(connection, row.incident_id)) for row in rows]
    return [Told(row, one) for row, one in found if one is not None]


def _show(request: Request, told: list[Told], form: Form, *, done: bool = False) -> HTMLResponse:
    status = GONE if not told else 422 if form.errors else 200
    response = page(
        request, "watch_ack.html", writer_for(request), status=status, told=told, form=form, done=done,
        recipient=told[0].row.recipient if told else "", longest=LONGEST_NAME,
        open_ones=[each for each in told if each.one.closed_at is None],
    )  # fmt: skip
    # The secret in the path goes nowhere. Not `no-referrer`: with it browsers send the form with `Origin: null`.
    response.headers[REFERRER] = "strict-origin"
    return response
