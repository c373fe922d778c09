"""Compares a document with what the database has: what would change, and what cannot be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.access.document.model import (
    Document,
    Grant,
    Known,
    KnownPerson,
    PersonEntry,
    ReaderEntry,
    Section,
    ShareEntry,
    Where,
)
from ingest.access.roles import Role
from ingest.registry.problem import Place, Problem
from schemas.bilingual import Bilingual, quoted


class OrganisationChange(NamedTuple):
    """An organisation that is new (`old` None) or gets another name."""

    code: str
    old: str | None
    new: str


class PersonChange(NamedTuple):
    """A person who is new (`old` None) or changes."""

    old: KnownPerson | None
    new: KnownPerson

    @property
    def given(self) -> list[Grant]:
        """The roles that come, in order."""
        return sorted(self.new.grants - (self.old.grants if self.old else frozenset()))

    @property
    def taken(self) -> list[Grant]:
        """The roles that go, in order."""
        return sorted(self.old.grants - self.new.grants) if self.old else []


class ShareChange(NamedTuple):
    """A share that begins (`old` None), changes, or ends (`new` None)."""

    project: str
    organisation: str
    old: Role | None
    new: Role | None


class ReaderChange(NamedTuple):
    """A role of the database that sees the projects of another organisation from now on; None: of none."""

    role_name: str
    old: str | None
    new: str | None


@dataclass(slots=True)
class AccessChanges:
    """What would change. With `problems` nothing does."""

    organisations: list[OrganisationChange] = field(default_factory=list)
    people: list[PersonChange] = field(default_factory=list)
    shares: list[ShareChange] = field(default_factory=list)
    readers: list[ReaderChange] = field(default_factory=list)
    unchanged: dict[Section, int] = field(default_factory=lambda: dict.fromkeys(Section, 0))
    problems: list[Problem] = field(default_factory=list)

    @property
    def changes_something(self) -> bool:
        """Whether anything would be written."""
        return bool(self.organisations or self.people or self.shares or self.readers)


def compare(document: Document, known: Known) -> AccessChanges:
    """What applying the document would change. What it does not name stays."""
    changes = AccessChanges(problems=[*document.problems])
    organisations = {
        **known.organisations,
        **{code: entry.name or "" for code, entry in document.organisations.items()},
    }
    _compare_organisations(document, known, changes)
    for person in document.people.values():
        _check_grants(person, organisations, known, changes.problems)
        _compare_person(person, known, changes)
    for share in document.shares.values():
        _compare_share(share, organisations, known, changes)
    for reader in document.readers.values():
        _compare_reader(reader, organisations, known, changes)
    _check_admin_stays(known, changes)
    return changes


def _compare_organisations(document: Document, known: Known, changes: AccessChanges) -> None:
    for code, entry in document.organisations.items():
        old = known.organisations.get(code)
        new = entry.name or old
        if not new:
            changes.problems.append(Problem(_name_needed(Section.ORGANISATIONS), entry.place, quoted(code)))
        elif new == old:
            changes.unchanged[Section.ORGANISATIONS] += 1
        else:
            changes.organisations.append(OrganisationChange(code, old, new))


def _name_needed(section: Section) -> Bilingual:
    return Bilingual(f"新しい{section.label.ja}には名前(name)が要ります", f"a new {section.label.en} needs a name")


def _compare_person(entry: PersonEntry, known: Known, changes: AccessChanges) -> None:
    old = known.people.get(entry.login)
    name = entry.name or (old.name if old else "")
    if not name:
        changes.problems.append(Problem(_name_needed(Section.PEOPLE), entry.place, quoted(entry.login)))
        return
    before = old or KnownPerson(entry.login, name)
    new = KnownPerson(
        entry.login,
        name,
        before.department if entry.department is None else entry.department,
        before.email if entry.email is None else entry.email,
        before.enabled if entry.enabled is None else entry.enabled,
        before.grants if entry.grants is None else frozenset(entry.grants),
        before.provided,
    )
    if new == old:
        changes.unchanged[Section.PEOPLE] += 1
    else:
        changes.people.append(PersonChange(old, new))


def _check_grants(entry: PersonEntry, organisations: Mapping[str, str], known: Known, problems: list[Problem]) -> None:
    there: Mapping[Where, Mapping[str, object] | frozenset[str]] = {
        Where.ORGANISATION: organisations, Where.PROJECT: known.projects, Where.NETWORK: known.networks,
    }  # fmt: skip
    for grant, place in (entry.grants or {}).items():
        if grant.where in there and grant.code not in there[grant.where]:
            problems.append(_unknown(grant.where, grant.code, place))


def _unknown(where: Where, code: str, place: Place) -> Problem:
    match where:
        case Where.ORGANISATION:
            message = Bilingual(
                f"団体 {code} がまだありません。organisations に書き足してください",
                f"there is no organisation {code} yet: add it under organisations",
            )
        case Where.PROJECT:
            message = Bilingual(
                f"台帳に事業 {code} がありません。先に noroshi registry apply で登録してください",
                f"the registry has no project {code}: enter it first, by noroshi registry apply",
            )
        case _:
            message = Bilingual(
                f"台帳に通信網 {code} がありません。先に noroshi registry apply で登録してください",
                f"the registry has no network {code}: enter it first, by noroshi registry apply",
            )
    return Problem(message, place, quoted(where))


def _compare_share(entry: ShareEntry, organisations: Mapping[str, str], known: Known, changes: AccessChanges) -> None:
    problems = [*_share_problems(entry, organisations, known)]
    old = known.shares.get((entry.project, entry.organisation))
    if problems:
        changes.problems += problems
    elif old == entry.role:
        changes.unchanged[Section.SHARES] += 1
    else:
        changes.shares.append(ShareChange(entry.project, entry.organisation, old, entry.role))


def _share_problems(entry: ShareEntry, organisations: Mapping[str, str], known: Known) -> Iterator[Problem]:
    if entry.project not in known.projects:
        yield _unknown(Where.PROJECT, entry.project, entry.place)
    elif known.projects[entry.project] == entry.organisation:
        own = Bilingual(
            f"事業 {entry.project} は団体 {entry.organisation} 自身のものです。共有は要りません",
            f"the project {entry.project} is the organisation's own ({entry.organisation}): it needs no share",
        )
        yield Problem(own, entry.place, quoted("organisation"))
    if entry.organisation not in organisations:
        yield _unknown(Where.ORGANISATION, entry.organisation, entry.place)


def _compare_reader(entry: ReaderEntry, organisations: Mapping[str, str], known: Known, changes: AccessChanges) -> None:
    old = known.readers.get(entry.role_name)
    if entry.organisation is not None and entry.organisation not in organisations:
        changes.problems.append(_unknown(Where.ORGANISATION, entry.organisation, entry.place))
    elif old == entry.organisation:
        changes.unchanged[Section.READERS] += 1
    else:
        changes.readers.append(ReaderChange(entry.role_name, old, entry.organisation))


def _check_admin_stays(known: Known, changes: AccessChanges) -> None:
    """Refuse a change after which nobody administers any more: anything, or the whole installation."""
    after = {**known.people, **{change.new.login: change.new for change in changes.people}}
    before = [person.administers for person in known.people.values()]
    left = [person.administers for person in after.values()]
    everywhere = any(Where.EVERYWHERE in each for each in before) > any(Where.EVERYWHERE in each for each in left)
    if everywhere or any(before) > any(left):
        nobody = Bilingual(
            "これでは全体を管理できる人がいなくなります。有効な管理者を一人は残してください",
            "nobody could administer this installation any more: leave one enabled admin at least",
        )
        changes.problems.append(Problem(nobody))
