"""An installation with two municipalities, people of both, and a clock that the test turns."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from argon2 import PasswordHasher

from ingest.access.access import Access, Connect
from ingest.access.authority import By
from ingest.access.caller import Caller
from ingest.access.passwords import Passwords
from ingest.access.people import add_person
from ingest.access.places import EVERYWHERE, Grant, Place
from ingest.access.roles import Role
from ingest.access.signing_in import Refusal, Refused, SignedIn
from ingest.settings.sign_in import SignInSettings

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "green tractor behind the school"
COMMAND = By.of_command("root")
HOME = "192.0.2.10"
BROWSER = "Mozilla/5.0 (X11; Linux)"
LASTS = timedelta(hours=72)


@dataclass
class Clock:
    """What time it is."""

    now: datetime = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


class CountedPasswords(Passwords):
    """Counts what is hashed."""

    def __init__(self) -> None:
        super().__init__(CHEAP)
        self.checked = 0

    def matches(self, stored: str | None, password: str, *, stranger: bool = False) -> bool:
        self.checked += 1
        return super().matches(stored, password, stranger=stranger)


@dataclass
class Installation:
    """`east` and `west` are organisations; each has a project with a network."""

    connection: psycopg.Connection[Any]
    connect: Connect
    settings: SignInSettings = field(default_factory=SignInSettings)
    clock: Clock = field(default_factory=Clock)
    passwords: CountedPasswords = field(default_factory=CountedPasswords)

    def __post_init__(self) -> None:
        self.access = self.again()
        connection = self.connection
        for code, name in (("222160", "東市"), ("990001", "西町")):
            connection.execute("insert into organisation (code, name) values (%s, %s)", (code, name))
        for project, owner in (("tea", "222160"), ("rice", "990001"), ("fish", "990001"), ("loose", None)):
            connection.execute(
                "insert into project (code, name, organisation_code) values (%s, %s, %s)"
                " on conflict (code) do update set organisation_code = excluded.organisation_code",
                (project, project, owner),
            )
            connection.execute(
                "insert into network (code, project_id, kind, name)"
                " select %s, project_id, 'lorawan', code from project where code = %s",
                (f"{project}-net", project),
            )

    def again(self) -> Access:
        """The accounts as another process has them: nothing is remembered but what the database has."""
        return Access(self.connect, self.settings, self.clock, self.passwords)

    @property
    def east(self) -> int:
        return int(self.one("select organisation_id from organisation where code = '222160'"))

    @property
    def west(self) -> int:
        return int(self.one("select organisation_id from organisation where code = '990001'"))

    def project(self, code: str) -> int:
        return int(self.one("select project_id from project where code = %s", code))

    def network(self, code: str) -> int:
        return int(self.one("select network_id from network where code = %s", code))

    def one(self, statement: str, *values: object) -> Any:
        row = self.connection.execute(statement, values).fetchone()
        assert row is not None
        return row[0]

    def person(self, login: str, *grants: Grant, password: str | None = PASSWORD) -> int:
        """Somebody with these roles who can sign in."""
        person_id = add_person(self.connection, COMMAND, login, f"{login} さん", "農業振興課", grants)
        if password is not None:
            stored = CHEAP.hash(password)
            self.connection.execute("update person set password_hash = %s where person_id = %s", (stored, person_id))
        return person_id

    def try_in(
        self, login: str, password: str = PASSWORD, code: str = "", address: str = HOME, browser: str = BROWSER
    ) -> SignedIn | Refused:
        return self.access.sign_in(login, password, code, address=address, browser=browser)

    def sign_in(self, login: str, code: str = "", address: str = HOME) -> str:
        """The secret of a new session."""
        found = self.try_in(login, code=code, address=address)
        assert isinstance(found, SignedIn), found
        return found.secret

    def caller(self, login: str) -> Caller:
        """Somebody who has just signed in."""
        found = self.access.caller_of_session(self.sign_in(login))
        assert found is not None
        return found

    def by(self, login: str) -> By:
        return By.of_caller(self.caller(login), HOME)

    def entries(self, action: str) -> list[tuple[Any, ...]]:
        """(actor, organisation, subject, before, after) of the audit log."""
        return self.connection.execute(
            "select actor, organisation, subject, before::jsonb, after::jsonb from audit_entry"
            " where action = %s order by entry_id",
            (action,),
        ).fetchall()

    def at(self, role: Role, organisation_id: int | None = None) -> Grant:
        return Grant(role, EVERYWHERE if organisation_id is None else Place(organisation_id=organisation_id))


def why(found: object) -> Refusal | None:
    """Why somebody was not let in; None if they were."""
    return found.why if isinstance(found, Refused) else None
