"""A fixture: an installation over a real database, by the pool that the process of the pages uses."""

from collections.abc import Iterator

import pytest

from ingest.settings.model import DatabaseSettings
from ingest.store.database import open_access_pool
from tests.access.installation import Installation
from tests.fixtures.database import Database


@pytest.fixture
def installation(any_database: Database) -> Iterator[Installation]:
    with open_access_pool(DatabaseSettings(url=any_database.url, connect_timeout_s=30), max_size=8) as pool:
        yield Installation(any_database.connect(), pool.connection)
