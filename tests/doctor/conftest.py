"""Roles as an installation has them, made for one test."""

import itertools
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from psycopg import sql

from tests.fixtures.database import Database

_numbers = itertools.count(1)

MakeRole = Callable[..., str]


@pytest.fixture
def roles() -> Iterator[MakeRole]:
    """`roles(database, "createdb", grants=[…])`: a role that may log in; `{}` in a grant is its name."""
    made: list[tuple[Database, str]] = []

    def make(database: Database, *powers: str, grants: tuple[str, ...] = ()) -> str:
        name = f"doctor_{next(_numbers)}"
        connection = database.connect()
        connection.execute(f"create role {name} login {' '.join(powers)}".encode())
        made.append((database, name))
        for grant in grants:
            connection.execute(grant.replace("{}", name).encode())
        return name

    yield make
    for database, name in reversed(made):
        connection = database.connect()
        connection.execute(sql.SQL("drop owned by {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


@pytest.fixture
def make_role(database: Database, roles: MakeRole) -> MakeRole:
    """The same in the database of the tier."""
    return partial(roles, database)
