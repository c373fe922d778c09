"""トークン: the keys by which programs read the API; adding one and revoking one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse, Response

from ingest.access import tokens
from ingest.access.authority import ChangeRefused
from ingest.access.directory.database import list_people, list_projects, list_tokens
from ingest.access.directory.model import ListedProject, ListedToken
from ingest.access.roles import Scope, Verb
from ingest.access.tokens import TokenWanted
from ingest.store.database import Database
from ingest.web.accounts import Accounts, Domain, Mine, Sender, answered
from ingest.web.ask import Ask, Shown, asking, showing
from ingest.web.days import beginning_of, parsed_day
from ingest.web.form import Form, go_to, sent_form
from ingest.web.render import page, writer_for
from ingest.web.rules import ADMINISTER, allow
from schemas.bilingual import Bilingual

LONGEST_DAYS = 730
USUAL_DAYS = 365

NAME_NEEDED = Bilingual("名前を入れてください", "Enter a name")
SCOPE_NEEDED = Bilingual("使い道を一つ以上選んでください", "Choose at least one thing it is for")
NO_SUCH_PROJECT = Bilingual("選べない事業です", "This project cannot be chosen")
DAY_NEEDED = Bilingual(
    f"明日から{LONGEST_DAYS}日後までの日を入れてください",
    f"Enter a day between tomorrow and {LONGEST_DAYS} days from now",
)

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as the page shows it at a moment."""

    token: ListedToken
    now: datetime

    @property
    def state(self) -> str:
        """`revoked`, `expired` or `valid`."""
        if self.token.revoked_at is not None:
            return "revoked"
        return "expired" if self.token.expires_at <= self.now else "valid"

    @property
    def sign(self) -> str:
        """The sign beside the state."""
        return {"revoked": "disabled", "expired": "resting", "valid": "live"}[self.state]


@router.get("/tokens")
@allow(ADMINISTER)
def tokens_page(
    request: Request,
    access: Accounts,
    mine: Mine,
    done: str = "",
) -> HTMLResponse:
    """The list."""
    writer = writer_for(request)
    with access.database() as connection:
        found = mine.tokens(list_tokens(connection), list_people(connection))
    return page(
        request,
        "tokens.html",
        writer,
        views=[TokenView(token, writer.now) for token in found],
        done=writer.texts["done_token_revoked"] if done == "token_revoked" else "",
    )


@router.get("/tokens/new")
@allow(ADMINISTER)
def new_token_page(request: Request, access: Accounts, mine: Mine) -> HTMLResponse:
    """The form for a new one."""
    until = writer_for(request).now.date() + timedelta(days=USUAL_DAYS)
    with access.database() as connection:
        projects = _projects(connection, mine)
    return _form_page(request, projects, mine, Form({"until": until.isoformat()}, {"scopes": [Scope.FIGURES.value]}))


def _projects(connection: Database, mine: Domain) -> list[ListedProject]:
    """The projects that a token of this maker can be for: those they see now."""
    caller = mine.caller
    return [
        project
        for project in list_projects(connection)
        if caller.sees_everything or caller.may(Verb.SEE, project.project_id)
    ]


def _scopes(mine: Domain) -> list[Scope]:
    """/metrics is of the whole service: only who administers all of it can let it be read."""
    return [scope for scope in Scope if scope is not Scope.METRICS or mine.whole]


def _form_page(request: Request, projects: Sequence[ListedProject], mine: Domain, form: Form) -> HTMLResponse:
    writer = writer_for(request)
    return page(
        request,
        "token_new.html",
        writer,
        status=422 if form.errors else 200,
        form=form,
        scopes=[(each.value, writer.said(each.label), writer.texts[f"scope_{each}"]) for each in _scopes(mine)],
        projects=[(project.project_id, project.name, "") for project in projects],
    )


@router.post("/tokens/new")
@allow(ADMINISTER)
def add_token(
    request: Request,
    access: Accounts,
    mine: Mine,
    by: Sender,
    form: Annotated[Form, Depends(sent_form)],
) -> Response:
    """Add a token and show it, once."""
    writer = writer_for(request)
    with access.database() as connection:
        projects = _projects(connection, mine)
        wanted = _wanted(form, projects, mine, writer.now)
        if wanted is None:
            return _form_page(request, projects, mine, form)
        try:
            with answered():
                _, secret = tokens.add_token(connection, by, mine.caller.person_id or 0, wanted, writer.now)
        except ChangeRefused as error:
            form.refuse("name", error.said)
            return _form_page(request, projects, mine, form)
    texts = writer.texts
    return showing(
        request,
        writer,
        Shown(
            texts["token_title"], texts["token_once"], texts["token_label"].format(name=wanted.name), secret,
            texts["token_hint"], "/tokens", texts["tokens"],
        ),
    )  # fmt: skip


def _wanted(form: Form, projects: Sequence[ListedProject], mine: Domain, now: datetime) -> TokenWanted | None:
    """What the form asks for; None if something in it is wrong, which then stands in the form."""
    name = form.need("name", NAME_NEEDED)
    scopes = [scope for scope in _scopes(mine) if scope.value in form.ticked("scopes")]
    if not scopes:
        form.refuse("scopes", SCOPE_NEEDED)
    chosen = [project.project_id for project in projects if str(project.project_id) in form.ticked("projects")]
    if len(chosen) < len(form.ticked("projects")):
        form.refuse("projects", NO_SUCH_PROJECT)
    until = parsed_day(form.text("until"))
    if until is None or not now.date() < until <= now.date() + timedelta(days=LONGEST_DAYS):
        form.refuse("until", DAY_NEEDED)
    if form.errors or until is None:
        return None
    return TokenWanted(name, scopes, beginning_of(until + timedelta(days=1)), chosen or None)


@router.get("/tokens/{token_id}/revoke")
@allow(ADMINISTER)
def ask_to_revoke(
    request: Request,
    token_id: int,
    access: Accounts,
    mine: Mine,
) -> HTMLResponse:
    """Asks: programs that use it stop at once."""
    writer = writer_for(request)
    with access.database() as connection:
        token = _mine(connection, token_id, mine)
    texts = writer.texts
    ask = Ask(
        texts["token_revoke_title"], token.name, texts["token_revoke_more"], texts["token_revoke_do"],
        f"/tokens/{token_id}/revoke", "/tokens",
    )  # fmt: skip
    return asking(request, writer, ask)


@router.post("/tokens/{token_id}/revoke")
@allow(ADMINISTER)
def revoke(request: Request, token_id: int, access: Accounts, by: Sender) -> Response:
    """Revoke it."""
    with access.database() as connection, answered():
        tokens.revoke_token(connection, by, token_id, writer_for(request).now)
    return go_to("/tokens?done=token_revoked")


def _mine(connection: Database, token_id: int, mine: Domain) -> ListedToken:
    """A token that may be revoked. Raises HTTPException for others as for those that are not there."""
    found = mine.tokens(list_tokens(connection, token_id), list_people(connection))
    if not found:
        raise HTTPException(404, "There is no such token.")
    return found[0]
