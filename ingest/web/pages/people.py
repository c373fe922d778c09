"""利用者: the people of the organisations one administers, their roles, and adding one."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.access import Access
from ingest.access.directory.database import find_person, list_people
from ingest.access.directory.model import Held, Listed
from ingest.access.roles import Role
from ingest.store.database import Database
from ingest.web.accounts import Accounts, Domain, Mine
from ingest.web.device_search import fold
from ingest.web.form import Form
from ingest.web.places import offered_places, role_options, value_of
from ingest.web.render import page, writer_for
from ingest.web.rules import ADMINISTER, allow

DONE = ("role", "role_removed", "session", "person_email", "person_enabled", "person_disabled")
"""What the pages can say that was done just now."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class HeldView:
    """A role in a list; `removable` by whoever looks."""

    held: Held
    removable: bool

    @property
    def value(self) -> str:
        """Its place, as a form sends it."""
        return value_of(self.held.place)


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as somebody sees who administers some of their roles. The others are not told."""

    person: Listed
    roles: tuple[HeldView, ...]
    own: bool
    """Whether it is the one who looks."""

    @property
    def state(self) -> str:
        """`disabled`, `waiting` for a first password, or `active`."""
        if self.person.disabled_at is not None:
            return "disabled"
        return "active" if self.person.has_password else "waiting"

    @property
    def sign(self) -> str:
        """The sign beside the state."""
        return {"disabled": "disabled", "waiting": "never", "active": "live"}[self.state]

    @property
    def called(self) -> str:
        """The name, or the login of somebody without one."""
        return self.person.name or self.person.login


def view_of(person: Listed, mine: Domain) -> PersonView:
    """A person as this administrator sees them. Nobody changes their own roles: so the last admin stays one."""
    own = person.person_id == mine.caller.person_id
    return PersonView(
        person,
        tuple(HeldView(held, not own and held.source == "local") for held in person.roles if mine.covers(held)),
        own,
    )


def seen_person(connection: Database, person_id: int, mine: Domain) -> Listed:
    """A person of one's own. Raises HTTPException for others as for those who are not there."""
    found = find_person(connection, person_id)
    if found is None or not (mine.whole or found.belongs_to(mine.organisations)):
        raise HTTPException(404, "There is no such person.")
    return found


@router.get("/people")
@allow(ADMINISTER)
def people_page(
    request: Request,
    access: Accounts,
    mine: Mine,
    q: Annotated[str, Query(max_length=200)] = "",
    done: str = "",
) -> HTMLResponse:
    """The list."""
    writer = writer_for(request)
    with access.database() as connection:
        listed = mine.people(list_people(connection))
    words = fold(q).split()
    found = [person for person in listed if all(word in _text(person) for word in words)]
    return page(
        request,
        "people.html",
        writer,
        people=[view_of(person, mine) for person in found],
        total=len(listed),
        q=q,
        done=writer.texts[f"done_{done}"] if done in DONE else "",
    )


def _text(person: Listed) -> str:
    return fold(f"{person.name} {person.login} {person.department}")


@router.get("/people/{person_id}")
@allow(ADMINISTER)
def person_page(
    request: Request,
    person_id: int,
    access: Accounts,
    mine: Mine,
    done: str = "",
) -> Response:
    """One person."""
    return shown_person(request, person_id, access, mine, Form(), done=done)


def shown_person(
    request: Request, person_id: int, access: Access, mine: Domain, form: Form, *, done: str = ""
) -> Response:
    """The page of one person, with what is wrong with the form on it."""
    writer = writer_for(request)
    with access.database() as connection:
        person = seen_person(connection, person_id, mine)
        places = offered_places(connection, mine, writer)
    view = view_of(person, mine)
    form = replace(form, values={"email": person.email, **form.values})
    return page(
        request,
        "person.html",
        writer,
        address=f"/people/{person_id}",
        status=422 if form.errors else 200,
        view=view,
        person=person,
        manageable=mine.manages(person),
        places=[] if view.own else places,
        roles=role_options(writer),
        all_roles=list(Role),
        form=form,
        done=writer.texts[f"done_{done}"] if done in DONE else "",
    )
