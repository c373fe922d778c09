"""The service writes and owns nothing: on every tier it does all its work as a role that can drop no table."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from ingest.access.organisations import set_share
from ingest.access.people import disable_person, reset_person, set_membership
from ingest.access.places import Place
from ingest.access.roles import Role, Scope
from ingest.access.signing_in import Refusal, SignedIn
from ingest.access.tokens import TokenWanted, add_token
from ingest.cli.main import cli
from ingest.settings.model import DatabaseSettings, RetentionSettings
from ingest.store.batch.writer import Writer
from ingest.store.database import open_access_pool
from ingest.store.doctor.roles import too_strong
from ingest.store.retention.retention import run_retention
from ingest.store.rollup import rollup
from ingest.store.timescale import HYPERTABLES, Tier
from ingest.watch.delivery.database.health import read_health
from ingest.watch.problems import Reason
from tests.acceptance.fleet import document, natives, one, publish, register
from tests.access.installation import COMMAND, HOME, LASTS, Installation, why
from tests.deploy.installation import grant, prepare, url
from tests.figures.field import Field
from tests.fixtures.broker import Broker
from tests.fixtures.database import NAMES, installed
from tests.fixtures.postgres import Postgres
from tests.fixtures.service import StartService
from tests.store.rows import T0_US, message, reading

OWNER, WRITER, READER = "noroshi", "noroshi_writer", "grafana"
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=400)

Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module", params=NAMES)
def server(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    postgres = Postgres(installed(request.param))
    try:
        prepare(postgres)
        register(url(postgres, WRITER), document(3))
        yield postgres
    finally:
        postgres.discard()


@pytest.fixture
def writer(server: Postgres) -> Iterator[Connection]:
    with psycopg.connect(url(server, WRITER), autocommit=True) as connection:
        yield connection


def test_it_can_say_how_the_watch_stands(writer: Connection) -> None:
    problems = read_health(writer, fails=False).problems
    assert problems
    assert all([each.reason for each in of_project] == [Reason.NONE] for of_project in problems.values())


@pytest.mark.parametrize(
    "statement",
    [
        "drop table reading_packed",
        "drop table project cascade",
        "drop view reading",
        "alter table reading_packed add column mine integer",
        "alter table device disable trigger all",
        "truncate reading_packed",
        "create table mine (id integer)",
        "create function mine() returns integer language sql as 'select 1'",
        "insert into schema_migration (version, name) values (999, 'mine')",
        "drop function let_go_chunks(text, timestamptz, timestamptz)",
        "copy project to program 'cat'",
        "select pg_read_file('/etc/passwd')",
        "alter role noroshi_writer superuser",
        "set role noroshi",
        "update installation set client_id = 'mine'",
        "delete from installation",
    ],
)
def test_the_writer_changes_no_table_and_makes_none(server: Postgres, writer: Connection, statement: str) -> None:
    if "let_go_chunks" in statement and server.tier is Tier.PLAIN:
        pytest.skip("plain PostgreSQL has no chunks")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        writer.execute(statement.encode())


def test_the_writer_lets_go_only_what_retention_lets_go(server: Postgres, writer: Connection) -> None:
    if server.tier is Tier.PLAIN:
        pytest.skip("plain PostgreSQL has no chunks")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        writer.execute("select let_go_chunks('rollup_hour', '2000-01-01', '2100-01-01')")
    with psycopg.connect(url(server, READER), autocommit=True) as reader:
        reader.execute("set default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("select let_go_chunks('reading_packed', '2000-01-01', '2100-01-01')")


def test_only_the_writer_is_not_too_strong_for_the_service(server: Postgres, writer: Connection) -> None:
    assert too_strong(writer) is None
    with psycopg.connect(url(server, OWNER)) as owner, psycopg.connect(url(server, "postgres")) as superuser:
        assert too_strong(owner) == "noroshi owns the tables: it can drop them"
        assert too_strong(superuser) == "postgres is a superuser"


def test_granting_again_changes_nothing(server: Postgres, writer: Connection) -> None:
    query = b"""
        select relnamespace::regnamespace::text, relname, array(select unnest(relacl)::text order by 1)
        from pg_class where relacl is not null order by 1, 2
    """
    before = writer.execute(query).fetchall()
    grant(server)
    assert writer.execute(query).fetchall() == before


async def test_the_service_stores_keeps_house_and_serves_as_the_writer(
    server: Postgres, mosquitto: Broker, start_service: StartService
) -> None:
    service = start_service(url(server, WRITER), mosquitto.url)
    junk = [("noroshi/v1/farm/dev-0/up", b"junk"), ("noroshi/v1/x/y/up", b"{}")]
    await publish(mosquitto.url, [*natives(200, 3), *junk])
    service.wait_settled(202)
    assert one(url(server, READER), "select count(*) >= 200 from reading")
    assert service.get("/api/v1/devices")[0] == 200
    assert service.get("/")[0] == 200
    output = service.process.output(1000)
    assert "permission denied" not in output
    assert "database_role_too_strong" not in output
    service.terminate()


def test_what_is_late_is_written_between_compressed_rows_by_the_writer(server: Postgres) -> None:
    device = one(url(server, OWNER), "select min(device_id) from device")
    stored = Writer(DatabaseSettings(url=url(server, WRITER)), "test/1", "test")
    try:
        messages = [message(reading(T0_US + n, device_id=device), at_us=T0_US + n, device_id=device) for n in range(50)]
        assert stored.write(messages).total.stored == 50
        compress(server)
        late = [message(reading(T0_US - n, device_id=device), at_us=T0_US - n, device_id=device) for n in range(1, 50)]
        total = stored.write([*late, *messages]).total
        assert (total.stored, total.duplicate) == (49, 50)
    finally:
        stored.close()


def compress(server: Postgres) -> None:
    """What the policy does, as the owner."""
    if server.tier is not Tier.COMMUNITY:
        return
    with psycopg.connect(url(server, OWNER), autocommit=True) as connection:
        for table in HYPERTABLES:
            for (chunk,) in connection.execute("select show_chunks(%s)::text", (table,)).fetchall():
                connection.execute(f"call convert_to_columnstore('{chunk}', if_not_columnstore => true)".encode())


def test_retention_lets_whole_chunks_and_single_rows_go_as_the_writer(server: Postgres, writer: Connection) -> None:
    with psycopg.connect(url(server, OWNER), autocommit=True) as owner:
        field = Field(owner)
        owner.execute("update project set completed_on = '2019-03-20'")
        field.uplinks(field.device("old"), [LONG_AGO + timedelta(days=day) for day in range(30)])
    compress(server)
    rollup.keep(writer)
    found = run_retention(writer, RetentionSettings(raw_months=12, link_months=12, rollup_months=13), NOW)
    assert bool(found.chunks) == (server.tier is not Tier.PLAIN)
    left = writer.execute("select count(*) from uplink where time < %s", (LONG_AGO + timedelta(days=20),)).fetchone()
    assert left == (0,)


@pytest.mark.parametrize(
    "words",
    [
        ("db", "status"),
        ("db", "rollup", "--from", "2026-01-01"),
        ("registry", "export"),
        ("quarantine", "list"),
        ("quarantine", "replay"),
        ("retention", "show"),
    ],
    ids=" ".join,
)
def test_an_operator_needs_no_owner_for_what_is_done_every_day(server: Postgres, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(cli, [*words, "--database", url(server, WRITER)], standalone_mode=False)
    assert done.exception is None, done.exception


def test_reports_and_exports_are_read_by_the_writer(server: Postgres, tmp_path: Path) -> None:
    for words in (
        ("report", "usage", "--project", "farm", "--month", "2026-11", "-o", str(tmp_path / "r.xlsx")),
        ("export", "--project", "farm", "-o", str(tmp_path / "handover")),
    ):
        done = CliRunner().invoke(cli, [*words, "--database", url(server, WRITER)], standalone_mode=False)
        assert done.exception is None, (words, done.exception, done.output)


def test_people_are_added_sign_in_and_are_refused(server: Postgres, writer: Connection) -> None:
    writer.execute("update project set code = 'tea-before' where code = 'tea'")  # of the test of retention
    with open_access_pool(DatabaseSettings(url=url(server, WRITER))) as pool:
        installation = Installation(writer, pool.connection)
        chief = installation.person("chief", installation.at(Role.ADMIN, installation.east))
        other = installation.person("other", installation.at(Role.ADMIN))
        secret, now = installation.sign_in("chief"), installation.clock.now
        assert why(installation.try_in("chief", "wrong")) is Refusal.WRONG
        wanted = TokenWanted("x", [Scope.FIGURES], now + timedelta(days=1))
        token = add_token(writer, COMMAND, chief, wanted, now)[1]
        set_share(writer, COMMAND, "tea", "990001", Role.VIEWER)
        installation.clock.turn(minutes=2)
        caller = installation.access.caller_of_session(secret)
        assert caller is not None
        assert installation.access.choose(caller, installation.east)
        assert installation.access.caller_of_token(token) is not None
        link = reset_person(writer, COMMAND, chief, now, LASTS)
        found = installation.access.use_password_link(link, "seven pots of slow paint", address=HOME, browser="")
        assert isinstance(found, SignedIn)
        set_membership(writer, COMMAND, chief, Place(organisation_id=installation.east), None)
        disable_person(writer, COMMAND, chief, now)
        assert installation.access.caller_of_session(found.secret) is None
        assert other != chief
