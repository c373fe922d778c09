"""An installation with accounts: two cities on one database, people with each role, and their browsers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from ingest.access.access import Access
from ingest.access.authority import By
from ingest.access.links import Purpose, make_link
from ingest.access.organisations import add_organisation
from ingest.access.people import add_person
from ingest.access.places import EVERYWHERE, Grant, Place
from ingest.access.roles import Role, Scope
from ingest.access.tokens import TokenWanted, add_token
from ingest.settings.model import DatabaseSettings
from ingest.settings.sign_in import AuditSettings
from ingest.store.database import open_access_pool
from ingest.web.dependencies import Door
from tests.fixtures.database import Database
from tests.fixtures.ports import free_port
from tests.web.site import running, wired

COMMAND = By.of_command("test")
PASSWORD = "水田の水位は毎朝七時にはかる"
FORWARDED = {"X-Forwarded-For": "203.0.113.7"}
"""Makes a request one from elsewhere: a proxy on this machine passed it on."""

CITIES = {"fukuroi": "fukuroi-shi", "ina": "ina-shi"}
"""The organisation that owns each project of the field."""


@dataclass
class Townhall:
    """A running site with accounts, and the ways to make people and tokens."""

    database: Database
    access: Access
    address: str
    connection: Any
    organisations: dict[str, int]
    projects: dict[str, int]

    def person(self, login: str, *grants: Grant, department: str = "農林課") -> int:
        """A person with these roles and no password."""
        return add_person(self.connection, COMMAND, login, login, department, grants)

    def in_city(self, role: Role, project: str = "fukuroi") -> Grant:
        """A role in the organisation that owns this project."""
        return Grant(role, Place(organisation_id=self.organisations[project]))

    def in_network(self, role: Role, project: str = "fukuroi") -> Grant:
        """A role in the first network of this project."""
        query = "select min(network_id) from network where project_id = %s"
        (network,) = self.connection.execute(query, (self.projects[project],)).fetchone()
        return Grant(role, Place(network_id=network))

    def link(self, person_id: int, purpose: Purpose = Purpose.SESSION, lasts: timedelta = timedelta(hours=1)) -> str:
        """The path of a link."""
        return f"/link/{make_link(self.connection, person_id, purpose, datetime.now(UTC), lasts)}"

    def token(self, person_id: int, *scopes: Scope) -> str:
        """The secret of a token of this person."""
        wanted = TokenWanted("電子黒板", frozenset(scopes), datetime.now(UTC) + timedelta(days=1))
        return add_token(self.connection, COMMAND, person_id, wanted, datetime.now(UTC))[1]

    @contextmanager
    def browser(self, person_id: int | None = None, **headers: str) -> Iterator[httpx.Client]:
        """A browser with cookies of its own; signed in, if it is somebody's. It says where its forms come from."""
        said = {"Accept": "text/html", "Origin": self.address, **headers}
        with httpx.Client(base_url=self.address, timeout=60, headers=said) as client:
            if person_id is not None:
                answer = client.post(self.link(person_id))
                assert answer.status_code == 303, answer.text
            yield client

    def entries(self, action: str) -> list[tuple[str, str]]:
        """Actor and subject of the entries of the audit log with this action, oldest first."""
        query = "select actor, subject from audit_entry where action = %s order by entry_id"
        found: list[tuple[str, str]] = self.connection.execute(query, (action,)).fetchall()
        return found


def csrf_of(client: httpx.Client) -> str:
    """The value that forms of this session carry, from a page that has one."""
    return client.get("/reference").text.partition('name="csrf" value="')[2].partition('"')[0]


@contextmanager
def townhall(
    database: Database, door: Door | None = None, keeping: AuditSettings | None = None, port: int | None = None
) -> Iterator[Townhall]:
    """An installation over a database that has the generated field. `door`, `keeping`: its settings."""
    connection = database.connect()
    organisations, projects = {}, {}
    for project, code in CITIES.items():
        connection.execute("update project set organisation_code = %s where code = %s", (code, project))
        known = connection.execute("select organisation_id from organisation where code = %s", (code,)).fetchone()
        organisations[project] = known[0] if known else add_organisation(connection, COMMAND, code, code)
        found = connection.execute("select project_id from project where code = %s", (project,)).fetchone()
        projects[project] = found[0] if found else 0
    door = door or Door()
    with (
        accounts(database, door, keeping) as access,
        wired(database.url) as deps,
        running(replace(deps, access=access, door=door), port or free_port()) as address,
    ):
        yield Townhall(database, access, address, connection, organisations, projects)


@contextmanager
def accounts(database: Database, door: Door | None = None, keeping: AuditSettings | None = None) -> Iterator[Access]:
    """The accounts of a database."""
    door = door or Door()
    with open_access_pool(DatabaseSettings(url=database.url)) as pool:
        yield Access(pool.connection, door.sign_in, web_url=door.url, audit_settings=keeping)


def port_of(address: str) -> int:
    """The port of a site."""
    return urlsplit(address).port or 80


EVERYBODY = Grant(Role.ADMIN, EVERYWHERE)
"""The role of whoever administers the whole installation."""
