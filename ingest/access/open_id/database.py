"""The tables of signing in by OpenID: what is begun, the persons of a provider, and the roles it gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ingest.access.audit import Action, Entry, append
from ingest.access.open_id.persons import Identity, Place
from ingest.access.open_id.refused import Why
from ingest.access.roles import Role
from ingest.access.secret import digest_of
from ingest.store.database import Database

MOST_OPEN = 10_000
"""Requests that are kept. Anybody may begin one: of more than these the oldest go."""
SERVICE = "service"
"""The actor of what a sign-in changes by itself."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is begun at the provider. `state`, `cookie`: the secrets; the table has their digests."""

    state: str
    cookie: str
    nonce: str
    verifier: str
    goes_to: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that was begun here, as it comes out of the table: once."""

    cookie_digest: bytes
    nonce: str
    verifier: str
    goes_to: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may come in."""

    person_id: int
    login: str
    unknown_places: tuple[Place, ...] = ()
    """Places of `sign_in.open_id.roles` that are not in the tables: no role was given there."""


def remember(connection: Database, request: Request, now: datetime) -> None:
    """Keep what is begun, and forget what is over or too much."""
    with connection.transaction():
        connection.execute(
            "delete from oidc_request where expires_at <= %s or state_digest in"
            " (select state_digest from oidc_request order by expires_at desc offset %s)",
            (now, MOST_OPEN - 1),
        )
        connection.execute(
            "insert into oidc_request (state_digest, browser_digest, nonce, verifier, goes_to, expires_at)"
            " values (%s, %s, %s, %s, %s, %s)",
            (
                digest_of(request.state), digest_of(request.cookie), request.nonce, request.verifier, request.goes_to,
                request.expires_at,
            ),
        )  # fmt: skip


def delete_expired(connection: Database, now: datetime) -> int:
    """Delete what was begun and never finished in time; how many they were."""
    return connection.execute("delete from oidc_request where expires_at <= %s", (now,)).rowcount


def take(connection: Database, state: str) -> Taken | None:
    """Take out what was begun with this state: a second answer finds nothing, whoever brings it."""
    row = connection.execute(
        "delete from oidc_request where state_digest = %s"
        " returning browser_digest, nonce, verifier, goes_to, expires_at",
        (digest_of(state),),  # null, which equals nothing, where it can be no secret of ours
    ).fetchone()
    return Taken(*row) if row else None


def admit(connection: Database, identity: Identity, address: str | None) -> Person | Why:
    """The person of this identity, made if there is none, with the name and the roles of today.

    `address`: from where, for the audit log; None: not kept.
    Returns why not, where somebody is not let in; that is written down too.
    """
    entries: list[Entry] = []
    with connection.transaction():
        found = _find(connection, identity) or _add(connection, identity, entries)
        if isinstance(found, Why):
            append(connection, _refusal(identity, found, identity.login), address)
            return found
        if found.disabled:
            append(connection, _refusal(identity, Why.DISABLED, found.login), address)
            return Why.DISABLED
        connection.execute(
            "update person set name = %s, department = %s where person_id = %s and (name, department) <> (%s, %s)",
            (identity.name, identity.department, found.person_id, identity.name, identity.department),
        )
        unknown = _give_roles(connection, found, identity.roles, entries)
        for entry in entries:  # at the end: other entries wait for this transaction from here on
            append(connection, entry, address)
        return Person(found.person_id, found.login, unknown)


def _refusal(identity: Identity, why: Why, login: str) -> Entry:
    """An admin finds here who was turned away, and by which subject an account could be linked."""
    after = {"why": why.value, "issuer": identity.issuer, "subject": identity.subject}
    return Entry(Action.SIGN_IN_REFUSED, login, after=after)


class _Found(NamedTuple):
    person_id: int
    login: str
    disabled: bool


def _find(connection: Database, identity: Identity) -> _Found | None:
    row = connection.execute(
        "select person_id, login, disabled_at is not null from person where issuer = %s and subject = %s for update",
        (identity.issuer, identity.subject),
    ).fetchone()
    return _Found(*row) if row else None


def _add(connection: Database, identity: Identity, entries: list[Entry]) -> _Found | Why:
    """A new person. A login that somebody has is not given twice, and nobody's account is handed over."""
    if not identity.login:
        return Why.NO_LOGIN
    row = connection.execute(
        "insert into person (login, name, department, issuer, subject) values (%s, %s, %s, %s, %s)"
        " on conflict do nothing returning person_id",
        (identity.login, identity.name, identity.department, identity.issuer, identity.subject),
    ).fetchone()
    if row is None:  # the login is taken; or the same person came in by another browser a moment ago
        return _find(connection, identity) or Why.LOGIN_TAKEN
    after = {"name": identity.name, "issuer": identity.issuer, "subject": identity.subject}
    entries.append(Entry(Action.PERSON_ADDED, identity.login, SERVICE, after=after))
    return _Found(row[0], identity.login, disabled=False)


def _give_roles(
    connection: Database, person: _Found, roles: Mapping[Place, Role], entries: list[Entry]
) -> tuple[Place, ...]:
    """Replace what the provider gave before by `roles`; what an admin gave here stays. Returns places not found."""
    ids = {place: _ids_of(connection, place) for place in roles}
    wanted = {found: roles[place] for place, found in ids.items() if found is not None}
    unknown = tuple(place for place, found in ids.items() if found is None)
    rows = connection.execute(
        "select organisation_id, project_id, role from membership where person_id = %s and source = 'oidc'",
        (person.person_id,),
    )
    if wanted == {(organisation_id, project_id): Role(role) for organisation_id, project_id, role in rows}:
        return unknown
    before = _told(connection, person.person_id)
    connection.execute("delete from membership where person_id = %s and source = 'oidc'", (person.person_id,))
    for (organisation_id, project_id), role in wanted.items():
        connection.execute(
            "insert into membership (person_id, role, organisation_id, project_id, source)"
            " values (%s, %s, %s, %s, 'oidc')",
            (person.person_id, role.value, organisation_id, project_id),
        )
    after = _told(connection, person.person_id)
    entries.append(Entry(Action.MEMBERSHIP_CHANGED, person.login, SERVICE, before=before, after=after))
    return unknown


def _ids_of(connection: Database, place: Place) -> tuple[int | None, int | None] | None:
    """(organisation, project) of a place; (None, None) is everywhere. None if there is no such place."""
    if place.organisation is not None:
        row = connection.execute(
            "select organisation_id from organisation where code = %s", (place.organisation,)
        ).fetchone()
        return (row[0], None) if row else None
    if place.project is not None:
        row = connection.execute("select project_id from project where code = %s", (place.project,)).fetchone()
        return (None, row[0]) if row else None
    return None, None


def _told(connection: Database, person_id: int) -> list[dict[str, str]]:
    """The roles that the provider gave, as the audit log has them."""
    rows = connection.execute(
        "select m.role, o.code, p.code from membership m left join organisation o using (organisation_id)"
        " left join project p on p.project_id = m.project_id"
        " where m.person_id = %s and m.source = 'oidc' order by m.membership_id",
        (person_id,),
    )
    return [
        {name: value for name, value in (("role", role), ("organisation", organisation), ("project", project)) if value}
        for role, organisation, project in rows
    ]


def identity_of_person(connection: Database, person_id: int) -> tuple[str, str] | None:
    """Issuer and subject of a person; None for somebody who is no person of a provider."""
    row = connection.execute(
        "select issuer, subject from person where person_id = %s and issuer is not null", (person_id,)
    ).fetchone()
    return None if row is None else (row[0], row[1])


def link(connection: Database, login: str, issuer: str, subject: str) -> bool:
    """Let a person of the provider be somebody who is here already. False if there is no such login, or it is linked.

    Only an admin may decide it: whoever signs in as `subject` is `login` from now on. Not written down here.
    """
    row = connection.execute(
        "update person set issuer = %s, subject = %s where login = %s and issuer is null"
        " and not exists (select from person where issuer = %s and subject = %s) returning person_id",
        (issuer, subject, login, issuer, subject),
    ).fetchone()
    return row is not None
