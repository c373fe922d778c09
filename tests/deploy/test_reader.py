"""Grafana reads, and only what it needs."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.deploy.installation import grant, prepare, url
from tests.fixtures.database import FIRST, installed
from tests.fixtures.postgres import Postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    postgres = Postgres(installed(FIRST))
    try:
        prepare(postgres)
        yield postgres
    finally:
        postgres.discard()


@pytest.fixture
def reader(server: Postgres) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url(server, "grafana"), autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("role", ["noroshi", "grafana"])
def test_neither_role_is_a_superuser(server: Postgres, role: str) -> None:
    with server.connect() as connection:
        row = connection.execute(
            "select rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = %s", (role,)
        ).fetchone()
    assert row == (False, False, False)


@pytest.mark.parametrize(
    "statement",
    [
        "delete from reading",
        "insert into project (code, name) values ('x', 'x')",
        "create table mine (id integer)",
        "update registry_state set version = 0",
    ],
)
def test_the_reader_changes_nothing_even_if_it_asks_for_a_writing_transaction(
    reader: psycopg.Connection[Any], statement: str
) -> None:
    reader.execute("set default_transaction_read_only = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(statement.encode())


def test_what_was_set_aside_can_be_counted_and_not_read(reader: psycopg.Connection[Any]) -> None:
    assert reader.execute("select count(*) from figure_quarantine_open").fetchone() == (0,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("select payload from quarantine")


def test_a_series_of_what_counts_can_be_read(reader: psycopg.Connection[Any]) -> None:
    assert reader.execute("select * from figure_readings('p', 'd', 'q', now(), now(), 1)").fetchall() == []


def test_granting_again_is_harmless(server: Postgres) -> None:
    grant(server)


def test_a_stranger_does_not_get_in(server: Postgres) -> None:
    with server.connect() as connection:
        connection.execute("create role stranger login")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(url(server, "stranger"))


def test_both_roles_have_the_password_they_were_given(server: Postgres) -> None:
    with server.connect() as connection:
        rows = connection.execute(
            "select rolname, rolpassword like 'SCRAM-SHA-256$%' from pg_authid where rolname in ('grafana', 'noroshi')"
        ).fetchall()
    assert sorted(rows) == [("grafana", True), ("noroshi", True)]
