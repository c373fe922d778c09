"""People and their roles: changed by commands and pages, each change on record in the same transaction.

An admin of the whole installation (and a command) may change everything. An admin of an organisation sees the people
who have a role in it, gives and takes roles in it, its projects and their networks, and changes, disables or resets
only those whose roles all lie there: else a new link for somebody's password would open another organisation to them.
The last enabled admin of the whole installation stays; so does the last admin at all.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import PERSON, By, ChangeRefused, NotThere
from ingest.access.database import accounts
from ingest.access.database import links as link_rows
from ingest.access.database import people as rows
from ingest.access.database import sessions as session_rows
from ingest.access.database.accounts import AccountRow
from ingest.access.database.people import HeldRow, ListedPerson
from ingest.access.links import Purpose, make_link
from ingest.access.logins import MAX_CHARACTERS, names_a_person, normalised_login
from ingest.access.open_id import database as open_id_rows
from ingest.access.organisations import checked_name
from ingest.access.places import Grant, Place, checked_grant, owner_of
from ingest.access.roles import Role
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.mail_address import checked_address
from schemas.misfit import said_by


@dataclass(frozen=True, slots=True)
class Person:
    """A person in a list, with the memberships that may be seen. `manageable`: whether they may be changed."""

    person: ListedPerson
    memberships: tuple[HeldRow, ...]
    manageable: bool


def add_person(
    connection: Database, by: By, login: str, name: str, department: str = "", grants: Sequence[Grant] = ()
) -> int:
    """Add a person who has no password yet, and give their id; `make_password_link` lets them set one.

    An admin of an organisation gives at least one role, in it: else the new person would be nobody's.
    """
    plain, named = normalised_login(login), checked_name(name)
    if not names_a_person(plain):
        raise ChangeRefused(
            Bilingual(
                f"ログイン名は空白と「:」を含まない1〜{MAX_CHARACTERS}字にしてください(service は使えません)",
                f"write a login of 1 to {MAX_CHARACTERS} characters without spaces and colons, and not `service`",
            )
        )
    if not grants:
        by.must_administer_everything()
    with _changing(connection):
        owners = [checked_grant(connection, by, grant) for grant in grants]
        person_id = rows.insert_person(connection, plain, named, department.strip())
        if person_id is None:
            raise ChangeRefused(
                Bilingual(
                    "このログイン名は使えません。別の名にしてください", "this login cannot be used: choose another"
                )
            )
        for grant in grants:
            rows.set_membership(connection, person_id, grant.role, grant.place)
        given = [{"role": grant.role, "where": owner.where} for grant, owner in zip(grants, owners, strict=True)]
        after = {"name": named, "department": department.strip(), "memberships": given}
        codes = {owner.code for owner in owners}
        organisation = codes.pop() if len(codes) == 1 else None
        audit.append(connection, by.entry(Action.PERSON_ADDED, plain, organisation, after=after), by.address)
    return person_id


def change_person(connection: Database, by: By, person_id: int, name: str, department: str) -> None:
    """Change name and department (課)."""
    named, of = checked_name(name), department.strip()
    with _changing(connection):
        account = _manageable(connection, by, person_id)
        before, after = {"name": account.name, "department": account.department}, {"name": named, "department": of}
        if before == after:
            return
        rows.set_names(connection, person_id, named, of)
        _note(connection, by, Action.PERSON_CHANGED, account, before, after)


def change_email(connection: Database, by: By, person_id: int, email: str) -> None:
    """Change the address to which reports and reminders go; empty for none. Raises ChangeRefused for what is none."""
    try:
        address = checked_address(email) if email.strip() else ""
    except ValueError as error:
        raise ChangeRefused(said_by(error)) from None
    with _changing(connection):
        account = _manageable(connection, by, person_id)
        before = rows.email_of(connection, person_id)
        if before == address:
            return
        rows.set_email(connection, person_id, address)
        _note(connection, by, Action.PERSON_CHANGED, account, {"email": before}, {"email": address})


def disable_person(connection: Database, by: By, person_id: int, now: datetime) -> None:
    """Let a person in no more: their sessions and links end, their tokens work no more. Their roles stay on record."""
    with _changing(connection):
        account = _manageable(connection, by, person_id)
        if account.disabled:
            return
        rows.set_disabled(connection, person_id, now)
        session_rows.delete_sessions(connection, person_id)
        link_rows.delete_links(connection, person_id)
        _note(connection, by, Action.PERSON_DISABLED, account, {"disabled": False}, {"disabled": True})


def enable_person(connection: Database, by: By, person_id: int) -> None:
    """Let a disabled person in again, with the roles and the password they had."""
    with _changing(connection):
        account = _manageable(connection, by, person_id)
        if not account.disabled:
            return
        rows.set_disabled(connection, person_id, None)
        _note(connection, by, Action.PERSON_CHANGED, account, {"disabled": True}, {"disabled": False})


def reset_person(connection: Database, by: By, person_id: int, now: datetime, lasts: timedelta) -> str:
    """Take away password, second factor and sessions, and give the secret of a link to set a new password."""
    with _changing(connection):
        account = _manageable(connection, by, person_id)
        accounts.set_password(connection, person_id, None, None)
        accounts.set_totp_key(connection, person_id, None, None)
        ended = session_rows.delete_sessions(connection, person_id)
        secret = make_link(connection, person_id, Purpose.PASSWORD, now, lasts)
        before = {"password": account.password_hash is not None, "second_factor": account.totp_key is not None}
        _note(connection, by, Action.PERSON_RESET, account, before, {"sessions_ended": ended})
    return secret


def make_password_link(connection: Database, by: By, person_id: int, now: datetime, lasts: timedelta) -> str:
    """The secret of a link for a first password. Raises ChangeRefused for somebody who has one: reset them."""
    with _changing(connection):
        account = _manageable(connection, by, person_id)
        if account.password_hash is not None:
            raise ChangeRefused(
                Bilingual(
                    "パスワードは設定済みです。再設定してください", "there is a password already: reset the person"
                )
            )
        secret = make_link(connection, person_id, Purpose.PASSWORD, now, lasts)
        _note(connection, by, Action.PERSON_RESET, account, {"password": False}, {"link": Purpose.PASSWORD})
    return secret


def make_session_link(connection: Database, by: By, person_id: int, now: datetime, lasts: timedelta) -> str:
    """The secret of a link that signs the person in at once. It asks for no second factor: for commands alone."""
    by.must_administer_everything()
    with _changing(connection):
        account = _manageable(connection, by, person_id)
        secret = make_link(connection, person_id, Purpose.SESSION, now, lasts)
        _note(connection, by, Action.PERSON_RESET, account, None, {"link": Purpose.SESSION})
    return secret


def link_person(connection: Database, by: By, person_id: int, issuer: str, subject: str) -> bool:
    """Let the person of a provider be somebody who is here already; False if they are linked so already.

    Whoever signs in there as `subject` is this person from now on. Raises ChangeRefused where one of the two is linked
    to another.
    """
    by.must_administer_everything()
    with _changing(connection):
        account = _manageable(connection, by, person_id)
        held = open_id_rows.identity_of_person(connection, person_id)
        if held == (issuer, subject):
            return False
        if held is not None or not open_id_rows.link(connection, account.login, issuer, subject):
            raise ChangeRefused(
                Bilingual(
                    "この利用者か、認証サービスのその人は、すでに別に結び付いています",
                    "this person, or that one of the provider, is linked to another already",
                )
            )
        _note(connection, by, Action.PERSON_CHANGED, account, None, {"issuer": issuer, "subject": subject})
    return True


def set_membership(connection: Database, by: By, person_id: int, place: Place, role: Role | None) -> None:
    """Give a person a role in a place, in the stead of the one they have there, or (None) take it."""
    with _changing(connection):
        held = rows.list_held(connection, [person_id])
        account = _visible(connection, by, person_id, held)
        owner = owner_of(connection, place) if role is None else checked_grant(connection, by, Grant(role, place))
        if not by.administers(owner.organisation_id):
            raise NotThere(PERSON)
        before = {each.source: each.role for each in held if (each[2:5]) == place}
        if before.get("local") == role:
            if role is None and before:
                raise ChangeRefused(
                    Bilingual(
                        "この権限は認証サービスの所属から来ています。そちらで変えてください",
                        "this role comes from the groups of the sign-in service: change it there",
                    )
                )
            return
        rows.set_membership(connection, person_id, role, place)
        entry = by.entry(
            Action.MEMBERSHIP_CHANGED, account.login, owner.code, owner.project,
            before={"role": before.get("local"), "where": owner.where}, after={"role": role, "where": owner.where},
        )  # fmt: skip
        audit.append(connection, entry, by.address)


def list_people(connection: Database, by: By) -> list[Person]:
    """Those whom they see, by login, with the roles that lie within what they administer."""
    held: dict[int, list[HeldRow]] = {}
    for each in rows.list_held(connection):
        held.setdefault(each.person_id, []).append(each)
    found: list[Person] = []
    for person in rows.list_people(connection):
        memberships = held.get(person.person_id, [])
        seen = tuple(each for each in memberships if by.administers(each.owner))
        if by.organisations is None or seen:
            found.append(Person(person, seen, _lies_within(by, memberships)))
    return found


def find_person(connection: Database, by: By, login: str) -> int:
    """The id of a person they see. Raises NotThere."""
    account = accounts.account_of_login(connection, normalised_login(login))
    if account is None:
        raise NotThere(PERSON)
    return _visible(connection, by, account.person_id, rows.list_held(connection, [account.person_id])).person_id


def list_sessions(connection: Database, by: By, person_id: int) -> list[session_rows.Listed]:
    """The sessions of a person who is theirs to change."""
    _manageable(connection, by, person_id)
    return session_rows.list_sessions(connection, person_id)


def revoke_sessions(connection: Database, by: By, person_id: int, digest: bytes | None = None) -> int:
    """End one session of a person (its digest), or all; how many it were."""
    with connection.transaction():
        account = _manageable(connection, by, person_id)
        if digest is None:
            ended = session_rows.delete_sessions(connection, person_id)
        else:
            ended = int(session_rows.delete_session(connection, person_id, digest))
        if ended:
            _note(connection, by, Action.SESSION_REVOKED, account, None, {"sessions": ended})
    return ended


def may_manage(connection: Database, by: By, person_id: int) -> bool:
    """Whether this person is theirs to change."""
    return _lies_within(by, rows.list_held(connection, [person_id]))


@contextmanager
def _changing(connection: Database) -> Iterator[None]:
    """A transaction that nobody else's change runs beside, and that leaves an admin."""
    with connection.transaction():
        rows.lock(connection)
        before = rows.count_admins(connection)
        yield
        if any(had and not has for had, has in zip(before, rows.count_admins(connection), strict=True)):
            raise ChangeRefused(
                Bilingual(
                    "最後の管理者です。先に別の管理者を登録してください",
                    "this is the last admin: make somebody else an admin first",
                )
            )


def _lies_within(by: By, held: Sequence[HeldRow]) -> bool:
    return by.organisations is None or (bool(held) and all(by.administers(each.owner) for each in held))


def _visible(connection: Database, by: By, person_id: int, held: Sequence[HeldRow]) -> AccountRow:
    account = accounts.account_of_id(connection, person_id)
    if account is None or (by.organisations is not None and not any(by.administers(each.owner) for each in held)):
        raise NotThere(PERSON)
    return account


def _manageable(connection: Database, by: By, person_id: int) -> AccountRow:
    held = rows.list_held(connection, [person_id])
    account = _visible(connection, by, person_id, held)
    if not _lies_within(by, held):
        raise ChangeRefused(
            Bilingual(
                "他の団体か全体にも権限を持つ人です。全体の管理者に頼んでください",
                "this person has roles elsewhere too: ask an admin of the whole installation",
            )
        )
    return account


def _note(
    connection: Database, by: By, action: Action, account: AccountRow, before: object = None, after: object = None
) -> None:
    entry = by.entry(action, account.login, account.organisation, before=before, after=after)
    audit.append(connection, entry, by.address)
