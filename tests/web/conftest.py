"""One generated field for all tests of the web room, its pages over HTTP, and a browser."""

from collections.abc import Iterator

import httpx
import pytest

from ingest.web.app import WebDependencies
from tests.fixtures.browser import browser_page, chromium
from tests.fixtures.database import FIRST, Database, fresh_database, installed
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import Postgres
from tests.web.field import sow
from tests.web.site import running, wired

__all__ = ["browser_page", "chromium"]


@pytest.fixture(scope="session")
def field() -> Iterator[Database]:
    """A database with 120 devices and a day of their readings.

    Its server is its own: other tests stop the shared one, and the pools of this session would find it gone.
    """
    server = Postgres(installed(FIRST))
    try:
        database = fresh_database(server)
        with database.connect(autocommit=False) as connection:
            sow(connection)
        yield database
        database.close()
    finally:
        server.discard()


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
