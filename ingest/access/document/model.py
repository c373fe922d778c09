"""What files say about access, and what the database has: the two sides of a comparison."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from ingest.access.roles import Role
from ingest.registry.problem import Place, Problem
from schemas.bilingual import Bilingual
from schemas.labelled import Labelled


class Section(Labelled):
    """The lists of a file; the value is their key in a YAML document."""

    ORGANISATIONS = "organisations", "団体", "organisation"
    PEOPLE = "people", "利用者", "person"
    SHARES = "shares", "共有", "share"
    READERS = "readers", "読取役", "reader"


class Where(StrEnum):
    """In what a role counts."""

    ORGANISATION = "organisation"
    PROJECT = "project"
    NETWORK = "network"
    EVERYWHERE = "everywhere"


EVERYWHERE_WORDS = ("everywhere", "全体")
"""As files write it: a role that counts everywhere is never what an empty cell means."""

_WHERE_LABELS = {
    Where.ORGANISATION: Bilingual("団体", "organisation"),
    Where.PROJECT: Bilingual("事業", "project"),
    Where.NETWORK: Bilingual("通信網", "network"),
}


class Grant(NamedTuple):
    """A role somewhere. `code`: of the organisation, project or network; empty for everywhere."""

    role: Role
    where: Where
    code: str = ""

    @property
    def said(self) -> Bilingual:
        """The grant as a sentence names it."""
        role = self.role.label
        if self.where is Where.EVERYWHERE:
            return Bilingual(f"{role.ja}(全体)", f"{role.en} (everywhere)")
        where = _WHERE_LABELS[self.where]
        return Bilingual(f"{role.ja}({where.ja} {self.code})", f"{role.en} ({where.en} {self.code})")


@dataclass(frozen=True, slots=True)
class OrganisationEntry:
    """An organisation as a file has it. `name` None: the file does not say it."""

    place: Place
    code: str
    name: str | None


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A person as files have them. None: the files do not say it, so it stays as it is.

    `grants`: all roles of this person, with the line of each; None: no role is named, so all stay.
    """

    place: Place
    login: str
    name: str | None = None
    department: str | None = None
    email: str | None = None
    enabled: bool | None = None
    grants: Mapping[Grant, Place] | None = None


@dataclass(frozen=True, slots=True)
class ShareEntry:
    """A part of an organisation in somebody else's project; `role` None: it ends."""

    place: Place
    project: str
    organisation: str
    role: Role | None


@dataclass(frozen=True, slots=True)
class ReaderEntry:
    """A role of the database, and whose projects it sees; `organisation` None: it sees none any more."""

    place: Place
    role_name: str
    organisation: str | None


@dataclass(slots=True)
class Document:
    """All files together. Sound entries only; the others are among `problems`."""

    organisations: dict[str, OrganisationEntry] = field(default_factory=dict)
    people: dict[str, PersonEntry] = field(default_factory=dict)
    shares: dict[tuple[str, str], ShareEntry] = field(default_factory=dict)
    readers: dict[str, ReaderEntry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person as the database has them. `grants`: those of an OpenID provider are not among them."""

    login: str
    name: str
    department: str = ""
    email: str = ""
    enabled: bool = True
    grants: frozenset[Grant] = frozenset()
    provided: frozenset[Grant] = frozenset()
    """Given by an OpenID provider, which takes them away too."""

    @property
    def administers(self) -> frozenset[Where]:
        """Where this person can make others: in an organisation, everywhere. Nowhere for somebody who is disabled."""
        wide = (Where.ORGANISATION, Where.EVERYWHERE)
        admin = {grant.where for grant in self.grants | self.provided if grant.role is Role.ADMIN}
        return frozenset(admin.intersection(wide)) if self.enabled else frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What the database has.

    `organisations`: code -> name; `shares`: (project, organisation) -> role; `readers`: role of the database -> code of
    an organisation; `projects`: code -> code of the organisation that owns it, None for a project without an owner.
    """

    organisations: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, KnownPerson] = field(default_factory=dict)
    shares: Mapping[tuple[str, str], Role] = field(default_factory=dict)
    readers: Mapping[str, str] = field(default_factory=dict)
    projects: Mapping[str, str | None] = field(default_factory=dict)
    networks: frozenset[str] = frozenset()


def said_of(section: Section, key: str) -> Bilingual:
    """A thing of a section by its key, as a sentence names it."""
    return Bilingual(f"{section.label.ja} {key}", f"{section.label.en} {key}")
