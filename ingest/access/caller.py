"""Who asks: what one request may see and do. Made once for a request from a session, a token, or neither."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.access.roles import Role, Scope, Verb, greater

EVERYTHING = "*"
"""The setting of the database for somebody who may see every project."""


class Kind(StrEnum):
    """How somebody is known."""

    ANYBODY = "anybody"
    """Not known at all."""
    UNCLAIMED = "unclaimed"
    """The installation has no admin yet, and the request comes from this machine."""
    PERSON = "person"
    """Signed in, or named by a trusted proxy."""
    PROGRAM = "program"
    """Known by a token."""


@dataclass(frozen=True, slots=True)
class Seat:
    """An organisation that somebody belongs to or may look at, and their role there."""

    organisation_id: int
    code: str
    name: str
    role: Role
    member: bool = True
    """False: it is somebody else's organisation, seen by a role that counts everywhere."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks.

    `roles`: by project id, in the organisation that is looked at (`chosen`; None: in all of one's own).
    `everywhere`: a role that counts in every project. `networks`: ids of networks of an installer.
    `scopes`: of a token; a person has all. `session`: the digest of the session, empty without one. `csrf`: what a form
    of this caller must bring back. Of a program `name` is the name of its token, and the rest is of its maker.
    """

    kind: Kind
    person_id: int | None = None
    login: str = ""
    name: str = ""
    department: str = ""
    roles: Mapping[int, Role] = field(default_factory=dict)
    everywhere: Role | None = None
    networks: frozenset[int] = frozenset()
    seats: tuple[Seat, ...] = ()
    chosen: int | None = None
    scopes: frozenset[Scope] = frozenset({Scope.FIGURES, Scope.READINGS})
    session: bytes = b""
    csrf: str = ""
    token_id: int | None = None

    def may(self, verb: Verb, project_id: int | None = None) -> bool:
        """Whether this is allowed in a project; without one, whether it is allowed anywhere at all."""
        if self.everywhere is not None and self.everywhere.may(verb):
            return True
        if project_id is not None:
            role = self.roles.get(project_id)
            return role is not None and role.may(verb)
        roles = [*self.roles.values(), *(seat.role for seat in self.seats)]
        return any(role.may(verb) for role in roles) or (verb is Verb.ARRIVALS and bool(self.networks))

    @property
    def sees_everything(self) -> bool:
        """Whether every project is seen now: by a role that counts everywhere, and no organisation chosen."""
        return self.everywhere is not None and self.everywhere.may(Verb.SEE) and self.chosen is None

    @property
    def projects_setting(self) -> str:
        """The projects that may be seen, as the wall in the database reads them: `*`, or ids with commas."""
        if self.sees_everything:
            return EVERYTHING
        return ",".join(str(each) for each, role in sorted(self.roles.items()) if role.may(Verb.SEE))

    @property
    def networks_setting(self) -> str:
        """The networks of an installer, as the wall in the database reads them."""
        return ",".join(str(each) for each in sorted(self.networks))

    @property
    def actor(self) -> str:
        """Who this is in the audit log."""
        if self.kind is Kind.PROGRAM:
            return f"token:{self.token_id} {self.name}"
        return self.login

    @property
    def strongest(self) -> Role | None:
        """The role that allows most, wherever it counts; None for nobody."""
        roles = [*self.roles.values(), *(seat.role for seat in self.seats)]
        if self.everywhere is not None:
            roles.append(self.everywhere)
        strongest: Role | None = None
        for role in roles:
            strongest = role if strongest is None else greater(strongest, role)
        return strongest


ANYBODY = Caller(Kind.ANYBODY, scopes=frozenset())
UNCLAIMED = Caller(Kind.UNCLAIMED, everywhere=Role.OPERATOR)
"""As before there were accounts: everything is seen, nothing about people can be changed."""
