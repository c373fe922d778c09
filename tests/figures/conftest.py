"""A field on every tier. One database for each tier, every test in a transaction that is taken back."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.figures.field import Field
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.fixtures.postgres import Postgres


@pytest.fixture(scope="session")
def figures_database(postgres: Postgres) -> Iterator[Database]:
    """Migrated and empty, on every installation in turn."""
    fresh = fresh_database(postgres)
    yield fresh
    fresh.drop()


@pytest.fixture
def field(figures_database: Database) -> Iterator[Field]:
    connection = figures_database.connect(autocommit=False)
    yield Field(connection)
    connection.rollback()
    figures_database.close()


@pytest.fixture(scope="session")
def empty_database(servers: Servers) -> Iterator[Database]:
    fresh = fresh_database(servers.get(FIRST))
    yield fresh
    fresh.drop()


@pytest.fixture
def connection(empty_database: Database) -> Iterator[psycopg.Connection[Any]]:
    """For what neither depends on the tier nor on what is stored; what a test changes is taken back."""
    opened = empty_database.connect(autocommit=False)
    yield opened
    opened.rollback()
    empty_database.close()
