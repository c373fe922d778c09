"""The rows of lists about people, tokens and organisations. Times are aware."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from ingest.access.places import Place
from ingest.access.roles import Role, Scope


@dataclass(frozen=True, slots=True)
class Held:
    """A role of somebody, and where it counts: one of the three ids is set, or none of them, for everywhere.

    `organisation_id`, `project_id`, `network_id` with the names of each. `owner_id`: the organisation it is within,
    None for everywhere and for projects of no organisation. `source`: `local` or `oidc`.
    """

    role: Role
    source: str
    organisation_id: int | None
    organisation: str | None
    project_id: int | None
    project: str | None
    network_id: int | None
    network: str | None
    owner_id: int | None

    @property
    def place(self) -> Place:
        """The place alone, as the functions take it that give and take roles."""
        return Place(self.organisation_id, self.project_id, self.network_id)


@dataclass(frozen=True, slots=True)
class Listed:
    """A person in a list. `has_password`: or signs in elsewhere. `seen_at`: last use of a session, or last sign-in."""

    person_id: int
    login: str
    name: str
    department: str
    email: str
    issuer: str | None
    has_password: bool
    second_factor: bool
    disabled_at: datetime | None
    seen_at: datetime | None
    roles: tuple[Held, ...]

    def is_within(self, organisations: Collection[int]) -> bool:
        """Whether all of this person's roles are within these organisations. Not so for somebody without a role."""
        return bool(self.roles) and all(held.owner_id in organisations for held in self.roles)

    def belongs_to(self, organisations: Collection[int]) -> bool:
        """Whether at least one of this person's roles is within these organisations."""
        return any(held.owner_id in organisations for held in self.roles)


@dataclass(frozen=True, slots=True)
class ListedToken:
    """A token in a list. `projects`: the names of those it is for; None: all that its maker sees."""

    token_id: int
    name: str
    maker_id: int
    maker: str
    scopes: tuple[Scope, ...]
    projects: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListedOrganisation:
    """An organisation in a list. `projects`: names of its own; `people`: how many have a role within it."""

    organisation_id: int
    code: str
    name: str
    projects: tuple[str, ...]
    people: int


@dataclass(frozen=True, slots=True)
class ListedProject:
    """A project, and the organisation it belongs to, if there is one."""

    project_id: int
    code: str
    name: str
    organisation_id: int | None


@dataclass(frozen=True, slots=True)
class ListedNetwork:
    """A network, its project, and the organisation that one belongs to."""

    network_id: int
    name: str
    project_id: int
    project: str
    organisation_id: int | None


@dataclass(frozen=True, slots=True)
class ListedShare:
    """A project that another organisation has a part in: codes and names of both."""

    project_code: str
    project: str
    organisation_code: str
    organisation: str
    role: Role
