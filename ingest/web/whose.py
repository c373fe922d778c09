"""Whose data a page shows, and to whom: what its header says and which pages it leads to."""

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.access.caller import Caller, Kind, Seat
from ingest.access.roles import Role, Verb


@dataclass(frozen=True, slots=True)
class Whose:
    """What the header of a page needs to know about its reader.

    `organisation`: the name of the one that is looked at; None where it is all that the reader may see.
    `choices`: what there is to choose between, empty where there is no choice. `role`: the one that counts there.
    """

    caller: Caller
    organisation: str | None
    choices: tuple[Seat, ...]
    role: Role | None

    @property
    def csrf(self) -> str:
        """What every form of this reader has to carry."""
        return self.caller.csrf

    @property
    def signed_in(self) -> bool:
        """Whether the reader is a person with an account."""
        return self.caller.kind is Kind.PERSON

    @property
    def stranger(self) -> bool:
        """Whether nobody knows who the reader is."""
        return self.caller.kind is Kind.ANYBODY

    @property
    def unclaimed(self) -> bool:
        """Whether the installation has no admin yet."""
        return self.caller.kind is Kind.UNCLAIMED

    @property
    def sees(self) -> bool:
        """Whether the pages with figures are open to this reader."""
        return self.caller.may(Verb.SEE)

    @property
    def arrivals(self) -> bool:
        """Whether the page of arrivals is open to this reader."""
        return self.caller.may(Verb.ARRIVALS)

    @property
    def administers(self) -> bool:
        """Whether the pages about people, tokens and the audit log are open to this reader."""
        return self.caller.kind is Kind.PERSON and (
            administers_all(self.caller)
            or any(
                seat.role.may(Verb.ADMINISTER) and self.caller.chosen in (None, seat.organisation_id)
                for seat in self.caller.seats
            )
        )

    @property
    def administers_all(self) -> bool:
        """Whether the page of organisations is open to this reader."""
        return self.administers and administers_all(self.caller)

    def places(self, texts: Mapping[str, str]) -> list[tuple[str, str]]:
        """The pages that are open to this reader: address and name. The first is where they begin."""
        offered = (
            ("/", "overview", self.sees),
            ("/watch", "watch", self.sees),
            ("/plan", "plan", self.sees),
            ("/reports", "reports", self.sees),
            ("/quarantine", "quarantine", self.sees),
            ("/arrivals", "arrivals", self.arrivals),
            ("/people", "people", self.administers),
            ("/tokens", "tokens", self.administers),
            ("/organisations", "organisations", self.administers_all),
            ("/audit", "audit", self.administers),
        )
        return [(address, texts[name]) for address, name, is_open in offered if is_open]


def whose(caller: Caller) -> Whose:
    """What the header says to a caller."""
    here = next((seat for seat in caller.seats if seat.organisation_id == caller.chosen), None)
    several = len(caller.seats) > 1 or (len(caller.seats) == 1 and caller.everywhere is not None)
    if here is None and not several and caller.seats:
        here = caller.seats[0]
    role = caller.everywhere or (caller.strongest if here is None else here.role)
    choices = caller.seats if several and caller.session else ()
    return Whose(caller, None if here is None else here.name, choices, role)


def administers_all(caller: Caller) -> bool:
    """Whether somebody administers the whole installation."""
    return caller.everywhere is not None and caller.everywhere.may(Verb.ADMINISTER)
