"""The SQL of what somebody signs in with: passwords and second factors."""

from datetime import datetime
from typing import NamedTuple

from ingest.store.database import Database


class AccountRow(NamedTuple):
    """What is needed to let somebody in, and to write it down.

    `organisation`: the code of the one organisation they belong to; None for none or several.
    """

    person_id: int
    login: str
    name: str
    department: str
    disabled: bool
    password_hash: str | None
    totp_key: str | None
    organisation: str | None


_ACCOUNT = """
select p.person_id, p.login, p.name, p.department, p.disabled_at is not null, p.password_hash, p.totp_key,
       (select case when count(distinct o.code) = 1 then min(o.code) end
        from membership m join organisation o using (organisation_id) where m.person_id = p.person_id)
from person p
"""


def account_of_login(connection: Database, login: str) -> AccountRow | None:
    """The account with this login, disabled or not."""
    row = connection.execute(f"{_ACCOUNT} where p.login = %s", (login,)).fetchone()
    return None if row is None else AccountRow(*row)


def account_of_id(connection: Database, person_id: int) -> AccountRow | None:
    """The account with this id, disabled or not."""
    row = connection.execute(f"{_ACCOUNT} where p.person_id = %s", (person_id,)).fetchone()
    return None if row is None else AccountRow(*row)


def organisation_of(connection: Database, person_id: int) -> str | None:
    """The code of the one organisation a person belongs to; None for none or several."""
    account = account_of_id(connection, person_id)
    return None if account is None else account.organisation


def lock_account(connection: Database, seen: AccountRow) -> bool:
    """Hold an account until the end of the transaction; False if it was changed or disabled since it was read.

    Else a password that is reset while it is being checked would still begin a session.
    """
    row = connection.execute(
        "select password_hash is not distinct from %s and totp_key is not distinct from %s and disabled_at is null"
        " from person where person_id = %s for update",
        (seen.password_hash, seen.totp_key, seen.person_id),
    ).fetchone()
    return row is not None and bool(row[0])


def set_password(connection: Database, person_id: int, password_hash: str | None, at: datetime | None) -> None:
    """Store the hash of a password, or that there is none."""
    connection.execute(
        "update person set password_hash = %s, password_set_at = %s where person_id = %s",
        (password_hash, at, person_id),
    )


def set_hash(connection: Database, person_id: int, before: str, after: str) -> None:
    """Store another hash of the same password, unless the password was changed meanwhile."""
    connection.execute(
        "update person set password_hash = %s where person_id = %s and password_hash = %s", (after, person_id, before)
    )


def set_totp_key(connection: Database, person_id: int, key: str | None, step: int | None) -> bool:
    """Store the key of a second factor with the step just used, or that there is none.

    False if there was a key already: it is never replaced, only removed.
    """
    return bool(
        connection.execute(
            "update person set totp_key = %(key)s, totp_step = %(step)s"
            " where person_id = %(id)s and (%(key)s::text is null or totp_key is null)",
            {"key": key, "step": step, "id": person_id},
        ).rowcount
    )


def use_totp_step(connection: Database, person_id: int, key: str, step: int) -> bool:
    """Note that a code was used; False if it, or a later one, was used before."""
    return bool(
        connection.execute(
            "update person set totp_step = %(step)s where person_id = %(id)s and totp_key = %(key)s"
            " and coalesce(totp_step, -1) < %(step)s",
            {"step": step, "id": person_id, "key": key},
        ).rowcount
    )
