"""Readers of one organisation: made where it may be done, refused where the role is more than that."""

import re
from collections.abc import Iterator

import psycopg
import pytest

from ingest.access.readers.apply import apply_readers
from ingest.errors import CallRefused
from tests.figures.two_towns import SEED
from tests.fixtures.database import Database

READER = "grafana_010006"


@pytest.fixture
def towns(any_database: Database) -> Iterator[Database]:
    any_database.connect().execute(SEED)
    yield any_database
    any_database.close()
    with any_database.postgres.connect(any_database.name) as connection:
        for role in (READER, "some_owner"):
            if connection.execute("select to_regrole(%s)", (role,)).fetchone() != (None,):
                connection.execute(f"drop owned by {role}")
                connection.execute(f"drop role {role}")


def test_a_reader_signs_in_with_its_password_and_sees_its_organisation(towns: Database) -> None:
    (line,) = apply_readers(towns.connect(), {READER: "010006"})
    password = line.rpartition(": ")[2]
    with psycopg.connect(towns.url, user=READER, password=password, autocommit=True) as reader:
        assert reader.execute("select distinct project from figure_device_state").fetchall() == [("here",)]
        assert reader.execute("select current_user, current_setting('search_path')").fetchone() == (
            READER, "wall, public",
        )  # fmt: skip
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reader.execute("create temporary table mine (x int)")
    assert apply_readers(towns.connect(), {READER: "010006"}) == []
    apply_readers(towns.connect(), {READER: "020001"})
    with psycopg.connect(towns.url, user=READER, password=password, autocommit=True) as reader:
        assert reader.execute("select distinct project from figure_device_state").fetchall() == [("there",)]
    apply_readers(towns.connect(), {READER: None})
    with psycopg.connect(towns.url, user=READER, password=password, autocommit=True) as reader:
        assert reader.execute("select project from figure_device_state").fetchall() == []


def test_what_is_shared_with_an_organisation_its_reader_sees_too(towns: Database) -> None:
    connection = towns.connect()
    connection.execute(
        "insert into project_share select p.project_id, o.organisation_id, 'viewer' from project p, organisation o"
        " where p.code = 'there' and o.code = '010006'"
    )
    apply_readers(connection, {READER: "010006"})
    connection.execute(f"set session authorization {READER}")
    connection.execute("set search_path = wall, public")
    seen = connection.execute("select distinct project from figure_device_state order by 1").fetchall()
    assert seen == [("here",), ("there",)]


@pytest.mark.parametrize("role", ["postgres", "noroshi_writer", "noroshi_pages", "grafana", "pg_monitor"])
def test_a_role_of_the_installation_is_no_reader(towns: Database, role: str) -> None:
    with pytest.raises(CallRefused, match=role):
        apply_readers(towns.connect(), {role: "010006"})


@pytest.mark.parametrize(
    ("power", "said"),
    [
        ("superuser", "SUPERUSER"),
        ("bypassrls", "BYPASSRLS"),
        ("createrole", "CREATEROLE"),
        ("in role pg_read_all_data", "member of pg_read_all_data"),
    ],
)
def test_a_role_with_powers_is_no_reader(towns: Database, power: str, said: str) -> None:
    connection = towns.connect()
    connection.execute(f"create role {READER} {power}".encode())
    with pytest.raises(CallRefused, match=said):
        apply_readers(connection, {READER: "010006"})


def test_a_role_with_rights_on_the_tables_is_no_reader(towns: Database) -> None:
    connection = towns.connect()
    connection.execute(f"create role {READER} login")
    connection.execute(f"grant select on reading_packed to {READER}")
    with pytest.raises(CallRefused, match="reading_packed"):
        apply_readers(connection, {READER: "010006"})


def test_who_may_make_no_role_is_told_the_statements(towns: Database) -> None:
    connection = towns.connect()
    connection.execute("create role some_owner login")
    connection.execute("grant select, insert, update, delete on all tables in schema public to some_owner")
    connection.execute("set session authorization some_owner")
    head, *statements = apply_readers(connection, {READER: "010006"})
    assert READER in head
    connection.execute("reset session authorization")
    for statement in statements:
        connection.execute(statement.encode())
    assert apply_readers(connection, {READER: "010006"}) == []
    assert re.search(r"create role \"?grafana_010006", statements[0])
