"""One generated field for all tests of the web room, its pages over HTTP, and a browser."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from ingest.web.app import WebDependencies
from tests.fixtures.browser import browser_page, chromium
from tests.fixtures.database import FIRST, Database, fresh_database, installed
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import Postgres
from tests.web.field import SMALL, FieldSize, sow
from tests.web.site import running, wired

__all__ = ["browser_page", "chromium"]


@pytest.fixture(scope="session")
def field_server() -> Iterator[Postgres]:
    """A server of its own: other tests stop the shared one, and the pools of this session would find it gone."""
    server = Postgres(installed(FIRST))
    yield server
    server.discard()


@pytest.fixture(scope="session")
def field(field_server: Postgres) -> Iterator[Database]:
    """A database with 120 devices and a day of their readings."""
    with sown(field_server) as database:
        yield database


@pytest.fixture(scope="session")
def small_field(field_server: Postgres) -> Iterator[Database]:
    """The same with 24 devices, some in each city: for those who ask for all sums of all devices a hundred times."""
    with sown(field_server, FieldSize(devices=24)) as database:
        yield database


@contextmanager
def sown(server: Postgres, size: FieldSize = SMALL) -> Iterator[Database]:
    database = fresh_database(server)
    with database.connect(autocommit=False) as connection:
        sow(connection, size)
    yield database
    database.close()


@pytest.fixture(scope="session")
def deps(field: Database) -> Iterator[WebDependencies]:
    with wired(field.url) as dependencies:
        yield dependencies


@pytest.fixture(scope="session")
def site(deps: WebDependencies) -> Iterator[str]:
    """The address of a really running server."""
    with running(deps, free_port()) as address:
        yield address


@pytest.fixture
def client(site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site, timeout=60) as client:
        yield client
