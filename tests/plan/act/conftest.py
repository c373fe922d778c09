"""A database with two towns whose things are told apart; every test in a transaction that is taken back."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from ingest.figures.project import ProjectRef
from tests.figures.two_towns import SEED
from tests.fixtures.database import FIRST, Database, Servers, fresh_database


@pytest.fixture(scope="module")
def towns(servers: Servers) -> Iterator[Database]:
    database = fresh_database(servers.get(FIRST))
    connection = database.connect()
    connection.execute(SEED.encode())
    # What the seed has of plans is no document, and rows of it cannot be deleted as a rule.
    connection.execute(
        "set session_replication_role = replica; delete from plan_version; reset session_replication_role"
    )
    yield database
    database.drop()


@pytest.fixture
def connection(towns: Database) -> Iterator[psycopg.Connection[Any]]:
    opened = towns.connect(autocommit=False)
    opened.execute("select 1")  # from here on everything is within one transaction
    yield opened
    opened.rollback()
    towns.close()


@pytest.fixture
def here(connection: psycopg.Connection[Any]) -> ProjectRef:
    row = connection.execute("select project_id, code, name from project where code = 'here'").fetchone()
    assert row is not None
    return ProjectRef(*row)


@pytest.fixture
def there(connection: psycopg.Connection[Any]) -> ProjectRef:
    row = connection.execute("select project_id, code, name from project where code = 'there'").fetchone()
    assert row is not None
    return ProjectRef(*row)
