"""One generated field for all tests of the web room, its pages over HTTP, and a browser."""

from collections.abc import Iterator

import httpx
import pytest

from ingest.web.app import WebDependencies
from tests.fixtures.browser import browser_page, chromium
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.fixtures.ports import free_port
from tests.web.field import sow
from tests.web.site import running, wired

__all__ = ["browser_page", "chromium"]


@pytest.fixture(scope="session")
def field(servers: Servers) -> Iterator[Database]:
    """A database with 120 devices and a day of their readings."""
    database = fresh_database(servers.get(FIRST))
    with database.connect(autocommit=False) as connection:
        sow(connection)
    yield database
    database.drop()


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
