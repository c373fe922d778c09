"""What the service may do to each table, tried verb by verb as its own role, on every tier."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from ingest.store.schema.migrate import grants, upgrade
from ingest.store.timescale import Tier
from tests.acceptance.fleet import document, register
from tests.deploy.installation import DEPLOY, prepare, url
from tests.fixtures.database import NAMES, installed
from tests.fixtures.postgres import Postgres
from tests.store.rows import T0_US, junk, message, reading

Connection = psycopg.Connection[Any]
Denied = psycopg.errors.InsufficientPrivilege

ON_RECORD = ("uplink_packed", "reading_packed", "reading_conflict", "gateway_event", "tally", "correction",
             "retention_run")  # fmt: skip
"""What was measured, counted, corrected and deleted is only ever added to."""

GIVEN = dict(re.findall(r"\['(\w+)', '([^']+)'\]", grants("writer")))

TABLES_OF_OURS = """
select relname::text, relkind from pg_class c
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e') order by 1
"""


@pytest.fixture(scope="module", params=NAMES)
def server(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    postgres = Postgres(installed(request.param))
    try:
        prepare(postgres)
        register(url(postgres, "noroshi_writer"), document(2))
        writer = Writer(DatabaseSettings(url=url(postgres, "noroshi_writer")), "test/1", "test")
        writer.write([message(reading()), junk()])
        writer.write([message(reading(T0_US, 19.5), payload=b"other")])
        writer.close()
        yield postgres
    finally:
        postgres.discard()


@pytest.fixture
def writer(server: Postgres) -> Iterator[Connection]:
    with psycopg.connect(url(server, "noroshi_writer"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def owner(server: Postgres) -> Iterator[Connection]:
    with psycopg.connect(url(server, "noroshi"), autocommit=True) as connection:
        yield connection


def may(connection: Connection, statement: sql.Composed) -> bool:
    """Whether the server would do it; nothing is done."""
    try:
        with connection.transaction():
            connection.execute(statement)
            raise psycopg.Rollback
    except Denied:
        return False
    return True


def verbs(connection: Connection, table: str) -> set[str]:
    """What may be done to a table: every verb there is, tried on no row."""
    name = sql.Identifier(table)
    column = sql.Identifier(columns(connection, table)[0])
    tried = {
        "select": sql.SQL("select from {} where false").format(name),
        "insert": sql.SQL("insert into {} overriding system value select * from {} where false").format(name, name),
        "update": sql.SQL("update {} set {} = {} where false").format(name, column, column),
        "delete": sql.SQL("delete from {} where false").format(name),
        "truncate": sql.SQL("truncate {}").format(name),
        "alter": sql.SQL("alter table {} add column mine integer").format(name),
        "trigger": sql.SQL("alter table {} disable trigger user").format(name),
        "index": sql.SQL("create index on {} ({})").format(name, column),
        "drop": sql.SQL("drop table {} cascade").format(name),
    }
    return {verb for verb, statement in tried.items() if may(connection, statement)}


def columns(connection: Connection, table: str) -> list[str]:
    """Those that can be written, by place."""
    query = """
        select attname::text from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped
          and attidentity <> 'a' order by attnum
    """
    return [name for (name,) in connection.execute(query, (table,))]


def test_every_table_is_in_the_list_of_what_the_service_may_do(owner: Connection) -> None:
    tables = {name for name, kind in owner.execute(TABLES_OF_OURS) if kind != "v"}
    assert tables - {"schema_migration", "figure_version"} == set(GIVEN)


def test_the_service_may_do_to_each_table_what_the_list_says_and_nothing_else(
    owner: Connection, writer: Connection
) -> None:
    for name, kind in owner.execute(TABLES_OF_OURS).fetchall():
        if kind == "v":
            writer.execute(sql.SQL("select from {} limit 0").format(sql.Identifier(name)))
            continue
        listed = GIVEN.get(name, "select")
        wanted = {verb.strip() for verb in re.sub(r"update \(.*?\)", "", listed).split(",")} - {""}
        assert verbs(writer, name) == wanted, name


def test_no_column_of_what_is_on_record_can_be_changed(writer: Connection) -> None:
    for table in (*ON_RECORD, "quarantine"):
        for column in columns(writer, table):
            change = sql.SQL("update {} set {} = {} where false").format(
                sql.Identifier(table), sql.Identifier(column), sql.Identifier(column)
            )
            assert may(writer, change) == ((table, column) == ("quarantine", "replayed_at")), (table, column)


def test_no_chunk_is_a_way_around_its_table(server: Postgres, owner: Connection, writer: Connection) -> None:
    if server.tier is Tier.PLAIN:
        pytest.skip("plain PostgreSQL has no chunks")
    chunks = [chunk for (chunk,) in owner.execute("select show_chunks('reading_packed')::text")]
    assert chunks
    for chunk in chunks:
        for words in ("delete from {} where false", "update {} set amount = 1 where false", "truncate {}"):
            with pytest.raises(Denied):
                writer.execute(words.format(chunk).encode())


@pytest.mark.parametrize(
    "statement",
    [
        "select account_note(now(), 1, 'test/1', -1, 0, 0, 0, 0, 0, 0, 0, 0)",
        "select account_note(now(), 1, 'test/1', 0, 0, -1, 0, 0, 0, 0, 0, 0)",
        "select retention_delete(null, 1, '2000-01-01', '2100-01-01')",
        "set role noroshi",
    ],
)
def test_a_function_refuses_what_it_is_not_there_for(writer: Connection, statement: str) -> None:
    with pytest.raises(Denied):
        writer.execute(statement.encode())


def announce(writer: Connection, project: int, kind: str, table: str, before: datetime) -> int:
    row = writer.execute(
        "insert into retention_run (project_id, kind, table_name, before) values (%s, %s, %s, %s)"
        " returning retention_run_id",
        (project, kind, table, before),
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_nothing_is_deleted_that_a_period_still_keeps(owner: Connection, writer: Connection) -> None:
    now = datetime.now(UTC)
    (project,) = owner.execute("select min(project_id) from project").fetchone() or (0,)
    (device,) = owner.execute("select min(device_id) from device").fetchone() or (0,)
    delete = "select retention_delete(%s, %s, '2000-01-01', %s)"
    old = now - timedelta(days=60)
    run = announce(writer, project, "raw", "reading_packed", old)
    with pytest.raises(Denied):  # the subsidy demands it: the project is not even completed
        writer.execute(delete, (run, device, old))
    owner.execute("update project set completed_on = '2010-01-01'")
    try:
        with pytest.raises(Denied):  # not of this project
            writer.execute(delete, (run, device + 1000, old))
        with pytest.raises(Denied):  # more than was announced
            writer.execute(delete, (run, device, now))
        young = announce(writer, project, "raw", "reading_packed", now)
        with pytest.raises(Denied):  # of last week
            writer.execute(delete, (young, device, now))
        wrong = announce(writer, project, "raw", "project", old)
        with pytest.raises(Denied):  # no table of retention
            writer.execute(delete, (wrong, device, old))
        assert writer.execute(delete, (run, device, old)).fetchone() is not None
    finally:
        owner.execute("update project set completed_on = null")


def test_a_correction_is_revoked_once_and_its_maker_cannot_be_changed(owner: Connection, writer: Connection) -> None:
    (device,) = owner.execute("select min(device_id) from device").fetchone() or (0,)
    made = writer.execute(
        "insert into correction (kind, device_id, who, why) values ('annul', %s, 'A', 'B') returning correction_id",
        (device,),
    ).fetchone()
    assert made is not None
    assert writer.execute("select count(*) from corrected_device").fetchone() == (1,)
    assert len(writer.execute("select * from correction_revoke(%s, 'C', 'D')", made).fetchall()) == 1
    assert writer.execute("select * from correction_revoke(%s, 'E', 'F')", made).fetchall() == []
    assert writer.execute("select count(*) from corrected_device").fetchone() == (0,)


def test_a_temporary_table_of_the_caller_stands_in_for_none_of_ours(owner: Connection, writer: Connection) -> None:
    writer.execute("create temporary table tally as select * from public.tally")
    before = owner.execute("select sum(stored) from tally").fetchone()
    writer.execute("select account_note(now(), 1, 'elsewhere', 3, 0, 0, 0, 0, 0, 0, 0, 0)")
    after = owner.execute("select sum(stored) from tally").fetchone()
    assert before is not None
    assert after == (before[0] + 3,)


def test_an_upgrade_takes_back_what_an_earlier_program_granted(owner: Connection, writer: Connection) -> None:
    owner.execute("grant all on all tables in schema public to noroshi_writer")
    assert "delete" in verbs(writer, "reading_packed")
    upgrade(owner)
    assert verbs(writer, "reading_packed") == {"select", "insert"}


@pytest.mark.parametrize("name", ["writer", "reader"])
def test_the_file_an_operator_runs_is_the_one_the_program_runs(name: str) -> None:
    assert (DEPLOY / f"timescaledb/{name}.sql").read_text(encoding="utf-8") == grants(name)
