"""Grafana reads, and only what it needs."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from ingest.doctor.finding import Severity
from tests.deploy.installation import close, grant, prepare, url
from tests.doctor.call import doctor
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


def test_the_client_id_is_nobodys_business_here(reader: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("select client_id from installation")


def test_a_series_of_what_counts_can_be_read(reader: psycopg.Connection[Any]) -> None:
    assert reader.execute("select * from figure_readings('p', 'd', 'q', now(), now(), 1)").fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "select lo_create(0)",
        "select lo_from_bytea(0, 'x')",
        "select pg_advisory_lock(20047, hashtext('noroshi-ingest'))",
        "select pg_try_advisory_lock_shared(1)",
        "select pg_logical_emit_message(false, 'x', 'x')",
        "create temporary table mine (id integer)",
        "copy (select 1) to program 'cat'",
        "select pg_read_file('/etc/passwd')",
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
        "set temp_file_limit = -1",
        "alter role grafana connection limit -1",
        "select account_note(now(), 1, 'x', 1, 0, 0, 0, 0, 0, 0, 0, 0)",
        "select retention_book(1, 1)",
    ],
)
def test_the_reader_fills_blocks_and_ends_nothing(
    server: Postgres, reader: psycopg.Connection[Any], statement: str
) -> None:
    reader.execute("set default_transaction_read_only = off")
    with server.connect(), pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(statement.encode())


@pytest.mark.parametrize("other", ["postgres", "template1"])
def test_the_reader_gets_into_no_other_database(server: Postgres, other: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(server.url(other).replace("postgres@", "grafana@"))


@pytest.mark.parametrize("role", ["noroshi_writer", "noroshi", "postgres"])
def test_the_doctor_finds_nothing_open_to_everybody_or_to_the_reader(server: Postgres, role: str) -> None:
    found = doctor("roles", database=url(server, role))
    assert found.of("bad") == []
    assert not any("PUBLIC" in said or "grafana" in said for severity in Severity for said in found.of(severity)
                   if severity != "ok")  # fmt: skip
    if role == "noroshi_writer":
        assert found.of("ok") == ["we are noroshi_writer; others with rights: grafana, noroshi_pages, noroshi_walled"]


@pytest.mark.parametrize(
    ("undo", "told"),
    [
        ("grant execute on function pg_catalog.lo_create(oid) to public", "lo_*"),
        ("grant execute on function pg_catalog.pg_advisory_lock(bigint) to public", "pg_advisory_*"),
        ("grant temporary on database noroshi to public", "TEMPORARY"),
        ("grant connect on database postgres to public", "postgres"),
        ("grant create on schema public to public", "CREATE public"),
    ],
)
def test_the_doctor_says_that_server_sql_was_not_run_until_it_was(server: Postgres, undo: str, told: str) -> None:
    with server.connect("noroshi") as connection:
        connection.execute(undo.encode())
    try:
        told_of = doctor("roles", database=url(server, "noroshi_writer")).of("warning")
        assert told_of[-1] == f"everybody who may log in (PUBLIC) may use {told}"
    finally:
        close(server)
    assert doctor("roles", database=url(server, "noroshi_writer")).severities == {"ok"}


def test_server_sql_does_nothing_where_the_roles_have_other_names(server: Postgres) -> None:
    with server.connect("noroshi") as connection:
        connection.execute("grant temporary on database noroshi to public")
        connection.execute("alter role noroshi_writer rename to somebody")
    try:
        with pytest.raises(subprocess.CalledProcessError):
            close(server)
        with server.connect("noroshi") as connection:
            assert connection.execute("select has_database_privilege('somebody', 'noroshi', 'temp')").fetchone() == (
                True,
            )
    finally:
        with server.connect("noroshi") as connection:
            connection.execute("alter role somebody rename to noroshi_writer")
        close(server)


def test_a_reader_loads_the_server_with_twenty_connections_and_no_more(server: Postgres) -> None:
    """Other tests of this file hold one too."""
    count = "select count(*) from pg_stat_activity where usename = 'grafana'"
    with ExitStack() as stack, server.connect() as connection:
        while connection.execute(count).fetchone() != (20,):
            stack.enter_context(psycopg.connect(url(server, "grafana")))
        with pytest.raises(psycopg.OperationalError, match="too many connections"):
            psycopg.connect(url(server, "grafana"))


def test_what_a_reader_can_lift_by_set_is_lifted_and_writes_nothing_all_the_same(
    reader: psycopg.Connection[Any],
) -> None:
    """PostgreSQL cannot prevent it: docs/security.md says so."""
    for change in ("default_transaction_read_only = off", "statement_timeout = 0", "work_mem = '64MB'"):
        reader.execute(f"set {change}".encode())
    assert reader.execute("show temp_file_limit").fetchone() == ("2GB",)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), reader.transaction():
        reader.execute("lock table rollup_hour in row share mode")


def test_the_reader_sees_no_statement_of_others(server: Postgres, reader: psycopg.Connection[Any]) -> None:
    with psycopg.connect(url(server, "noroshi_writer")) as other:
        other.execute("select 'a secret of the service'")
        seen = reader.execute("select usename, query from pg_stat_activity where pid = %s", (other.info.backend_pid,))
        assert seen.fetchall() == [("noroshi_writer", "<insufficient privilege>")]


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


def test_the_links_of_the_dashboards_lead_to_where_the_installation_says_its_pages_are(server: Postgres) -> None:
    def pages_url() -> str:
        with psycopg.connect(url(server, "grafana"), autocommit=True) as connection:  # it holds from the next one on
            row = connection.execute("select figure_pages_url()").fetchone()
        assert row is not None
        return str(row[0])

    assert pages_url() == "http://127.0.0.1:8080"
    grant(server, {"PAGES_URL": "https://noroshi.example.jp/"})
    assert pages_url() == "https://noroshi.example.jp"
    grant(server)  # an upgrade that is not told keeps it
    assert pages_url() == "https://noroshi.example.jp"
