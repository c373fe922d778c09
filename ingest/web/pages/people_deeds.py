"""What is done with people: adding one, roles, a new link, disabling, ending sessions. Each asks where it matters."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse, Response

from ingest.access import people
from ingest.access.access import Access
from ingest.access.authority import ChangeRefused
from ingest.access.directory.model import Listed
from ingest.access.roles import Role
from ingest.store.database import Database
from ingest.web.accounts import Accounts, Domain, Mine, Sender, answered
from ingest.web.ask import Ask, Shown, asking, showing
from ingest.web.dependencies import whole_dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.pages.people import seen_person, shown_person
from ingest.web.places import Group, chosen_grant, offered_places, role_options, value_of
from ingest.web.render import page, writer_for
from ingest.web.rules import ADMINISTER, allow
from ingest.web.text.writer import Writer
from schemas.bilingual import Bilingual

NAME_NEEDED = Bilingual("氏名を入れてください", "Enter a name")
LOGIN_NEEDED = Bilingual("ログイン名を入れてください", "Enter a login")

router = APIRouter(include_in_schema=False)

Sent = Annotated[Form, Depends(sent_form)]


@router.get("/people/new")
@allow(ADMINISTER)
def new_person_page(request: Request, access: Accounts, mine: Mine) -> HTMLResponse:
    """The form for somebody new."""
    writer = writer_for(request)
    with access.database() as connection:
        places = offered_places(connection, mine, writer)
    return _new_page(request, writer, places, Form({"role": Role.VIEWER.value}))


def _new_page(request: Request, writer: Writer, places: list[Group], form: Form) -> HTMLResponse:
    return page(
        request,
        "person_new.html",
        writer,
        status=422 if form.errors else 200,
        form=form,
        places=places,
        roles=role_options(writer),
        all_roles=list(Role),
    )


@router.post("/people/new")
@allow(ADMINISTER)
def add_person(request: Request, access: Accounts, mine: Mine, by: Sender, form: Sent) -> Response:
    """Add somebody and show the link to hand over, once."""
    writer = writer_for(request)
    with access.database() as connection:
        places = offered_places(connection, mine, writer)
        login, name = form.need("login", LOGIN_NEEDED), form.need("name", NAME_NEEDED)
        grant = chosen_grant(form, places)
        if form.errors or grant is None:
            return _new_page(request, writer, places, form)
        lasts = link_lasts(request)
        try:
            with answered(), connection.transaction():
                person_id = people.add_person(connection, by, login, name, form.text("department"), [grant])
                people.change_email(connection, by, person_id, form.text("email"))
                secret = people.make_password_link(connection, by, person_id, writer.now, lasts)
        except ChangeRefused as error:
            form.refuse("login", error.said)
            return _new_page(request, writer, places, form)
    return _show_link(request, writer, name, f"/people/{person_id}", secret)


@router.post("/people/{person_id}/email")
@allow(ADMINISTER)
def set_email(request: Request, person_id: int, access: Accounts, mine: Mine, by: Sender, form: Sent) -> Response:
    """Write down where reports and reminders are sent."""
    with access.database() as connection:
        seen_person(connection, person_id, mine)
        try:
            with answered():
                people.change_email(connection, by, person_id, form.text("email"))
        except ChangeRefused as error:
            form.refuse("email", error.said)
    if form.errors:
        return shown_person(request, person_id, access, mine, form)
    return go_to(f"/people/{person_id}?done=person_email#entry")


@router.post("/people/{person_id}/roles")
@allow(ADMINISTER)
def give_role(request: Request, person_id: int, access: Accounts, mine: Mine, by: Sender, form: Sent) -> Response:
    """Give a role, in the place of another one there."""
    with access.database() as connection:
        _others(connection, person_id, mine)
        grant = chosen_grant(form, offered_places(connection, mine, writer_for(request)))
        if grant is not None:
            _try(form, lambda: people.set_membership(connection, by, person_id, grant.place, grant.role))
    if form.errors:
        return shown_person(request, person_id, access, mine, form)
    return go_to(f"/people/{person_id}?done=role#roles")


@router.post("/people/{person_id}/roles/{place}/remove")
@allow(ADMINISTER)
def take_role(request: Request, person_id: int, place: str, access: Accounts, mine: Mine, by: Sender) -> Response:
    """Take a role away. Whoever has no other role within what one administers is not in the list any more."""
    form = Form()
    with access.database() as connection:
        person = _others(connection, person_id, mine)
        held = next((each for each in person.roles if mine.covers(each) and value_of(each.place) == place), None)
        if held is None:
            raise HTTPException(404, "There is no such role.")
        _try(form, lambda: people.set_membership(connection, by, person_id, held.place, None))
    if form.errors:
        return shown_person(request, person_id, access, mine, form)
    still = mine.whole or any(mine.covers(each) for each in person.roles if each is not held)
    return go_to(f"/people/{person_id}?done=role_removed#roles" if still else "/people?done=role_removed")


@router.get("/people/{person_id}/reset")
@allow(ADMINISTER)
def ask_to_reset(request: Request, person_id: int, access: Accounts, mine: Mine) -> HTMLResponse:
    """Asks: the present password stops working."""
    return _ask(request, person_id, access, mine, "reset")


@router.post("/people/{person_id}/reset")
@allow(ADMINISTER)
def reset(request: Request, person_id: int, access: Accounts, mine: Mine, by: Sender) -> Response:
    """Make a new link and show it, once."""
    writer = writer_for(request)
    with access.database() as connection, answered():
        person = _managed(connection, person_id, mine)
        secret = people.reset_person(connection, by, person_id, writer.now, link_lasts(request))
    return _show_link(request, writer, person.name or person.login, f"/people/{person_id}", secret)


@router.get("/people/{person_id}/disable")
@allow(ADMINISTER)
def ask_to_disable(request: Request, person_id: int, access: Accounts, mine: Mine) -> HTMLResponse:
    """Asks: the person is signed out everywhere, and their tokens stop."""
    return _ask(request, person_id, access, mine, "disable")


@router.post("/people/{person_id}/disable")
@allow(ADMINISTER)
def disable(request: Request, person_id: int, access: Accounts, mine: Mine, by: Sender) -> Response:
    """Disable somebody else."""
    form = Form()
    with access.database() as connection:
        _others(connection, person_id, mine)
        _managed(connection, person_id, mine)
        _try(form, lambda: people.disable_person(connection, by, person_id, writer_for(request).now))
    if form.errors:
        return shown_person(request, person_id, access, mine, form)
    return go_to(f"/people/{person_id}?done=person_disabled")


@router.post("/people/{person_id}/enable")
@allow(ADMINISTER)
def enable(person_id: int, access: Accounts, mine: Mine, by: Sender) -> Response:
    """Let somebody sign in again."""
    with access.database() as connection, answered():
        _managed(connection, person_id, mine)
        people.enable_person(connection, by, person_id)
    return go_to(f"/people/{person_id}?done=person_enabled")


@router.post("/people/{person_id}/sessions/end")
@allow(ADMINISTER)
def end_sessions(person_id: int, access: Accounts, mine: Mine, by: Sender) -> Response:
    """Sign somebody out in all browsers."""
    with access.database() as connection, answered():
        _managed(connection, person_id, mine)
        people.revoke_sessions(connection, by, person_id)
    return go_to(f"/people/{person_id}?done=session#entry")


def _ask(request: Request, person_id: int, access: Access, mine: Domain, deed: str) -> HTMLResponse:
    writer = writer_for(request)
    with access.database() as connection:
        person = _managed(connection, person_id, mine)
    texts = writer.texts
    ask = Ask(
        texts[f"person_{deed}"], f"{person.name} ({person.login})", texts[f"person_{deed}_more"],
        texts[f"person_{deed}_do"], f"/people/{person_id}/{deed}", f"/people/{person_id}",
    )  # fmt: skip
    return asking(request, writer, ask)


def _managed(connection: Database, person_id: int, mine: Domain) -> Listed:
    """A person whose signing in one manages. Raises HTTPException for others as for those who are not there."""
    person = seen_person(connection, person_id, mine)
    if not mine.manages(person):
        raise HTTPException(404, "There is no such person.")
    return person


def _others(connection: Database, person_id: int, mine: Domain) -> Listed:
    """Somebody else whose roles one sees: nobody changes their own."""
    person = seen_person(connection, person_id, mine)
    if person.person_id == mine.caller.person_id:
        raise HTTPException(404, "Nobody changes their own roles.")
    return person


def _try(form: Form, change: Callable[[], object]) -> None:
    """Make a change. What refuses it stands at the form of the roles; what is not there is a page that is not there."""
    try:
        with answered():
            change()
    except ChangeRefused as error:
        form.refuse("place", error.said)


def link_lasts(request: Request) -> timedelta:
    """How long a link for a password works, by the settings."""
    return timedelta(hours=whole_dependencies(request).door.sign_in.link_hours)


def _show_link(request: Request, writer: Writer, person: str, back: str, secret: str) -> HTMLResponse:
    """Show the link to hand over, with the address by which people find the pages."""
    texts, door = writer.texts, whole_dependencies(request).door
    base = door.url or f"{request.url.scheme}://{request.url.netloc}"
    shown = Shown(
        texts["link_title"], texts["link_once"], texts["link_label"].format(name=person), f"{base}/link/{secret}",
        texts["link_hint"].format(hours=door.sign_in.link_hours), back, person,
    )  # fmt: skip
    return showing(request, writer, shown)
