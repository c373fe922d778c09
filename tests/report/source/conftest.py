"""A town for each test, in a database of its own."""

import pytest

from tests.fixtures.database import Database
from tests.plan.check.town import Town


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)
