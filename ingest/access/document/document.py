"""A document and the database: what it has, what would change, and carrying that out wholly or not at all."""

from collections.abc import Callable, Mapping

from ingest.access import audit
from ingest.access.document import database
from ingest.access.document.changes import AccessChanges, compare
from ingest.access.document.entries import entries_of
from ingest.access.document.model import Document, Grant, Known, PersonEntry, Where
from ingest.access.roles import Role
from ingest.errors import CallRefused
from ingest.registry.problem import Place, Problem
from ingest.store.database import Database, translated
from schemas.bilingual import Bilingual, joined

ApplyReaders = Callable[[Database, Mapping[str, str | None]], list[str]]
"""Lets roles of the database see the projects of an organisation (None: of none); returns what is left to be done."""


def known(connection: Database) -> Known:
    """What the database has."""
    with translated(), connection.transaction():
        return database.read_known(connection)


def project_codes(connection: Database) -> dict[int, str]:
    """The codes of all projects by their ids."""
    with translated(), connection.transaction():
        return database.read_project_codes(connection)


def plan(connection: Database, document: Document) -> AccessChanges:
    """What applying the document would change, and what is in the way. Writes nothing."""
    return compare(document, known(connection))


def make_first_admin(connection: Database, login: str, name: str, actor: str) -> str | None:
    """Make the first admin, of everything; if there is an admin already, change nothing and return their login.

    Somebody with this login who is no admin yet becomes one, and keeps their name and other roles.
    """
    with translated(), connection.transaction():
        database.lock(connection)
        people = database.read_known(connection).people
        admin = min((person.login for person in people.values() if person.administers), default=None)
        if admin is None:
            place = Place("access init", 1)
            old = people.get(login)
            kept = [grant for grant in (old.grants if old else ()) if grant.where is not Where.EVERYWHERE]
            grants = dict.fromkeys((*kept, Grant(Role.ADMIN, Where.EVERYWHERE)), place)
            entry = PersonEntry(place, login, None if old else name, enabled=True, grants=grants)
            apply(connection, Document(people={login: entry}), actor)
        return admin


def apply(
    connection: Database, document: Document, actor: str, apply_readers: ApplyReaders | None = None
) -> tuple[AccessChanges, list[str]]:
    """Carry a document out, wholly or not at all: what was done, and what `apply_readers` says is left to do.

    Raises CallRefused if it has problems. `actor`: who does it, for the audit log.
    """
    with translated(), connection.transaction():
        database.lock(connection)
        before = database.read_known(connection)
        changes = compare(document, before)
        refuse(changes.problems)
        _write(connection, changes)
        left: list[str] = []
        if changes.readers and apply_readers is not None:
            left = apply_readers(connection, {each.role_name: each.new for each in changes.readers})
        for entry in entries_of(changes, before, actor):
            audit.append(connection, entry)
        return changes, left


def _write(connection: Database, changes: AccessChanges) -> None:
    for each in changes.organisations:
        database.store_organisation(connection, each.code, each.new)
    for person in changes.people:
        login = person.new.login
        database.store_person(connection, person.new)
        for grant in person.taken:
            database.take(connection, login, grant)
        for grant in person.given:
            database.give(connection, login, grant)
        if not person.new.enabled:
            database.end_sessions(connection, login)
    for share in changes.shares:
        database.store_share(connection, share.project, share.organisation, share.new)


def refuse(problems: list[Problem]) -> None:
    """Raises CallRefused with all problems, if there are any."""
    if problems:
        count = len(problems)
        nothing = Bilingual(
            f"誤りが {count} 件あります。何も書き込みませんでした。",
            f"{count} {'mistake' if count == 1 else 'mistakes'}. Nothing was written.",
        )
        raise CallRefused(joined([*(problem.said for problem in problems), nothing]))
