"""The accounts of the installation, as the pages about them reach them, and who may administer which of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from ingest.access.access import Access
from ingest.access.authority import By, NotThere
from ingest.access.caller import Caller, Kind, Seat
from ingest.access.directory.model import Held, Listed, ListedToken
from ingest.access.roles import Verb
from ingest.web.dependencies import WebDependencies, dependencies, whole_dependencies
from ingest.web.guard import caller_of
from ingest.web.noted import client_address
from ingest.web.whose import administers_all


@dataclass(frozen=True, slots=True)
class Domain:
    """What somebody administers. `whole`: the installation, so that the organisations do not matter.

    `seats`: the organisations they administer; `shown`: those of them that are looked at now.
    """

    caller: Caller
    whole: bool
    seats: tuple[Seat, ...]
    shown: tuple[Seat, ...]

    @property
    def organisations(self) -> frozenset[int]:
        """The ids of the organisations that are administered."""
        return frozenset(seat.organisation_id for seat in self.seats)

    @property
    def looks_at_all(self) -> bool:
        """Whether the whole installation is administered and looked at."""
        return self.whole and self.caller.chosen is None

    def lists(self, person: Listed) -> bool:
        """Whether somebody stands in the list of people: they have a role within what is looked at."""
        return self.looks_at_all or person.belongs_to({seat.organisation_id for seat in self.shown})

    def manages(self, person: Listed) -> bool:
        """Whether the signing in of somebody may be changed: all of their roles are within what is administered."""
        return self.whole or person.is_within(self.organisations)

    def covers(self, held: Held) -> bool:
        """Whether a role is within what is administered, so that it may be seen and taken away."""
        return self.whole or held.owner_id in self.organisations

    def people(self, everybody: Sequence[Listed]) -> list[Listed]:
        """Those of everybody who stand in the list."""
        return [person for person in everybody if self.lists(person)]

    def tokens(self, every: Sequence[ListedToken], everybody: Sequence[Listed]) -> list[ListedToken]:
        """The tokens that may be seen and revoked: one's own, and those of people one manages and looks at."""
        makers = {person.person_id for person in everybody if self.lists(person) and self.manages(person)}
        return [token for token in every if token.maker_id in makers or token.maker_id == self.caller.person_id]


def domain_of(caller: Caller) -> Domain:
    """What a caller administers; nothing for a program."""
    whole = caller.kind is Kind.PERSON and administers_all(caller)
    seats = tuple(
        seat for seat in caller.seats if caller.kind is Kind.PERSON and (whole or seat.role.may(Verb.ADMINISTER))
    )
    return Domain(caller, whole, seats, tuple(seat for seat in seats if caller.chosen in (None, seat.organisation_id)))


def by_of(request: Request) -> By:
    """Who changes something, for the functions that change it: they refuse what is not theirs."""
    access, address = whole_dependencies(request).access, client_address(request)
    return By.of_caller(caller_of(request), None if access is None else access.kept(address))


@contextmanager
def answered() -> Iterator[None]:
    """Within it, what is not there, or not the caller's, is answered as a page that is not there."""
    try:
        yield
    except NotThere as error:
        raise HTTPException(404, error.said.en) from error


def accounts(deps: Annotated[WebDependencies, Depends(dependencies)]) -> Access:
    """The accounts. Raises HTTPException where there are none."""
    if deps.access is None:
        raise HTTPException(404, "This installation has no accounts.")
    return deps.access


def domain(request: Request) -> Domain:
    """What the caller administers. Raises HTTPException for somebody who administers nothing that they look at."""
    found = domain_of(caller_of(request))
    if not found.whole and not found.shown:
        raise HTTPException(404, "You administer no organisation.")
    return found


def whole_domain(request: Request) -> Domain:
    """The same for what concerns the whole installation."""
    found = domain(request)
    if not found.whole:
        raise HTTPException(404, "You do not administer the whole installation.")
    return found


Accounts = Annotated[Access, Depends(accounts)]
Mine = Annotated[Domain, Depends(domain)]
Sender = Annotated[By, Depends(by_of)]
