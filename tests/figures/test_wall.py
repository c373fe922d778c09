"""The wall between organisations, tried by plain SQL as every role behind it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ingest.errors import StoreUnfit
from ingest.store.timescale import Tier
from ingest.store.wall import Wall, refuse_behind_wall, take_pages_role
from tests.figures.two_towns import SEED, Foreign
from tests.fixtures.database import Database, fresh_database
from tests.fixtures.postgres import Postgres

OWN, FOREIGN = "here", "there"
READER = "wall_reader"

MEASURED = {
    "uplink_packed", "reading_packed", "uplink", "reading", "reading_counted", "rollup_hour", "rollup_day",
    "uplink_hour", "uplink_day", "rollup_usage_day", "rollup_stretch",
    "quarantine", "tally", "last_reading", "last_uplink",
    "gateway_event", "gateway_heard", "reading_conflict", "rollup_due", "rollup_late", "rollup_series",
    "plan_freezing",
}  # fmt: skip
"""Tables and views that no role behind the wall may read but through it."""


@pytest.fixture(scope="module")
def town(postgres: Postgres) -> Iterator[Database]:
    """A database with two organisations, each with rows in every table that knows a project, and a reader of one."""
    database = fresh_database(postgres)
    connection = database.connect()
    connection.execute(SEED)
    connection.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(READER)))
    connection.execute(f"create role {READER} login in role noroshi_walled")
    connection.execute(
        "insert into access_reader select %s, organisation_id from organisation where code = '010006'", (READER,)
    )
    yield database
    database.close()
    with database.postgres.connect(database.name) as last:
        last.execute(f"drop owned by {READER}")
        last.execute(f"drop role {READER}")
    database.drop()


@pytest.fixture
def reader(town: Database) -> psycopg.Connection[Any]:
    """As Grafana would come: the role itself, with the wall before everything else."""
    connection = town.connect()
    connection.execute(f"set session authorization {READER}")
    connection.execute("set search_path = wall, public")
    return connection


def pages(town: Database, projects: str | None, networks: str = "") -> psycopg.Connection[Any]:
    """As a request of the pages; None: before anything was said of it."""
    connection = town.connect()
    take_pages_role(connection)
    if projects is not None:
        Wall()(connection, projects, networks)
    return connection


def number(town: Database, code: str) -> int:
    row = town.connect().execute("select project_id from project where code = %s", (code,)).fetchone()
    assert row is not None
    return int(row[0])


def relations(connection: psycopg.Connection[Any]) -> list[str]:
    """Everything that a query finds by its name alone, and may read."""
    found = connection.execute(
        "select c.relname from pg_class c where c.relkind in ('r', 'p', 'v') and pg_table_is_visible(c.oid)"
        " and c.relnamespace in (select oid from pg_namespace where nspname in ('public', 'wall', 'wall_pages'))"
        " and has_table_privilege(c.oid, 'select') order by 1"
    ).fetchall()
    return [name for (name,) in found]


def rows(connection: psycopg.Connection[Any], relation: str) -> list[dict[str, Any]]:
    query = sql.SQL("select to_jsonb(x) from {} x").format(sql.Identifier(relation))
    return [row for (row,) in connection.execute(query).fetchall()]


def test_every_relation_a_reader_finds_has_rows_of_its_organisation_and_of_no_other(
    town: Database, reader: psycopg.Connection[Any]
) -> None:
    foreign = Foreign(town)
    found = {name: rows(reader, name) for name in relations(reader)}
    assert {name: told for name, many in found.items() for row in many if (told := foreign.within(row))} == {}
    whole = town.connect()
    hidden = [
        name for name, many in found.items()
        if not many and name in relations(whole) and any(not foreign.within(row) for row in rows(whole, name))
    ]  # fmt: skip
    assert hidden == []
    assert len(found) > 60


@pytest.mark.parametrize("projects", ["own", "nothing"])
def test_every_relation_a_request_finds_has_rows_of_its_projects_and_of_no_other(town: Database, projects: str) -> None:
    foreign = Foreign(town)
    connection = pages(town, str(number(town, OWN)) if projects == "own" else "")
    for name in relations(connection):
        many = rows(connection, name)
        assert [told for row in many if (told := foreign.within(row))] == [], name
        if projects == "nothing":
            assert [
                row
                for row in many
                if {"project", "project_id", "device", "device_id"} & set(row)
                and any(row.get(key) for key in ("project", "project_id", "device", "device_id"))
            ] == [], name


def test_before_a_request_says_what_it_may_see_it_sees_nothing(town: Database) -> None:
    connection = pages(town, None)
    for name in (
        "project",
        "device",
        "reading",
        "uplink",
        "quarantine",
        "tally",
        "figure_device_state",
        "rollup_hourly",
    ):
        assert rows(connection, name) == [], name


def test_who_may_see_everything_sees_what_the_owner_sees(town: Database) -> None:
    connection, owner = pages(town, "*"), town.connect()
    for name in relations(connection):
        if name in ("figure_job_lane", "figure_job") or name not in relations(owner):
            continue
        # rollup_late comes apart into its devices.
        assert len(rows(connection, name)) == len(rows(owner, name)) or name == "rollup_late", name


def test_a_request_of_an_installer_sees_the_network_and_no_other(town: Database) -> None:
    connection = town.connect()
    row = connection.execute("select network_id from network where name = 'here'").fetchone()
    assert row is not None
    behind = pages(town, "", str(row[0]))
    assert {each["device"] for each in rows(behind, "figure_device_state")} == {"dev_1_here", "dev_2_here"}
    assert [each["code"] for each in rows(behind, "network")] == ["net_here"]
    assert [each["code"] for each in rows(behind, "project")] == ["here"]
    assert rows(behind, "tally") == [] or {each["project_id"] for each in rows(behind, "tally")} == {number(town, OWN)}


ARGUMENTS = {
    "text[]": "array['there', 'dev_1_there', 'net_there', 'soil_moisture', 'own_there']",
    "text": "'there'",
    "timestamp with time zone": "now()",
    "date": "current_date",
    "integer": "100",
    "smallint": "1::smallint",
    "double precision": "1",
}


def test_no_figure_computed_for_a_reader_answers_about_another_organisation(
    town: Database, reader: psycopg.Connection[Any]
) -> None:
    foreign = Foreign(town)
    functions = (
        town.connect()
        .execute(
            "select p.oid::regprocedure::text, array(select format_type(t, null) from unnest(p.proargtypes) t)"
            " from pg_proc p where pronamespace in ('wall'::regnamespace, 'public'::regnamespace)"
            " and proretset and provolatile = 's' and proname ~ '^(figure|rows_of|rollup)_'"
            " and proname not in ('figure_active', 'figure_use', 'figure_report_people', 'figure_report_audit',"
            " 'figure_takeover_access', 'figure_takeover_token', 'figure_takeover_export')"
        )
        .fetchall()
    )
    tried = 0
    for name, types in functions:
        if not all(each in ARGUMENTS for each in types):
            continue
        values = [ARGUMENTS[each] for each in types]
        ranges = [index for index, each in enumerate(types) if each == "timestamp with time zone"]
        if len(ranges) > 1:
            values[ranges[0]] = "now() - interval '2 days'"
        whole = name.partition("(")[0]
        with reader.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            got = cursor.execute(f"select * from {whole}({', '.join(values)})".encode()).fetchall()
        assert [told for row in got if (told := foreign.within(row))] == [], name
        tried += 1
    assert tried > 40


@pytest.mark.parametrize("statement", [
    *(f"select 1 from public.{name} limit 1" for name in sorted(MEASURED)),
    "select 1 from public.figure_device_state", "select 1 from person", "select 1 from api_token",
    "select 1 from audit_entry", "select 1 from web_session", "select 1 from access_reader", "select 1 from membership",
    "select wall.enter('*', '')", "select wall.enter_reader()", "set role noroshi_pages",
    "select 1 from wall_pages.reading", "create table public.mine (x int)",
    "update project set name = ''", "delete from device", "insert into project (code, name) values ('x', 'x')",
    "select audit_append('a', '', null, null, 'x', '', null, null, null)", "select audit_forget(now())",
    "select 1 from figure_use(now() - interval '1 day', now(), 1)", "select 1 from figure_report_people('tea')",
    "select 1 from figure_report_audit('tea', now() - interval '1 day', now())",
    "select 1 from figure_takeover_access('tea')", "select 1 from figure_takeover_token('tea')",
    "select 1 from figure_takeover_export('tea')",
])  # fmt: skip
def test_a_reader_is_refused(reader: psycopg.Connection[Any], statement: str) -> None:
    with pytest.raises(
        (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable, psycopg.errors.UndefinedObject)
    ):
        reader.execute(statement.encode())


@pytest.mark.parametrize("name", ["projects", "networks", "devices", "gateways"])
def test_settings_of_the_pages_mean_nothing_to_a_reader(reader: psycopg.Connection[Any], name: str) -> None:
    for setting, value in ((f"noroshi.{name}", "{(,)}"), ("noroshi.everything", "on")):
        reader.execute("select set_config(%s, %s, false)", (setting, value))
    for relation in ("device", "reading", "gateway", "figure_device_state", "quarantine", "network", "project"):
        many = reader.execute(sql.SQL("select * from {} x where x::text ~ 'there'").format(sql.Identifier(relation)))
        assert many.fetchall() == [], relation


def test_settings_are_not_believed_within_a_figure_either(reader: psycopg.Connection[Any]) -> None:
    found = reader.execute(
        "select project from figure_months(array[set_config('noroshi.projects', '{(,)}', false), 'there'],"
        " current_date - 9, current_date, now())"
    ).fetchall()
    assert found == []


def test_a_reader_learns_nothing_of_other_roles(reader: psycopg.Connection[Any], town: Database) -> None:
    other = town.connect()
    other.execute(
        "insert into access_reader select 'somebody', organisation_id from organisation where code = '020001'"
    )
    other.execute("drop role if exists somebody")
    other.execute("create role somebody nologin in role noroshi_walled")
    try:
        row = reader.execute("select wall.projects_of('somebody')::text, wall.devices_of('somebody')::text").fetchone()
        assert row == ("{}", "{}")
    finally:
        other.execute("delete from access_reader where role_name = 'somebody'")
        other.execute("drop role somebody")


@pytest.mark.parametrize("relation", ["reading", "uplink", "device", "quarantine", "gateway_event", "reading_counted"])
def test_a_condition_of_a_reader_meets_no_hidden_row(reader: psycopg.Connection[Any], relation: str) -> None:
    """An error, or a message, would tell what a hidden row holds."""
    key = "gateway_id" if relation == "gateway_event" else "device_id"
    seen = {row[0] for row in reader.execute(f"select distinct {key} from {relation}".encode())}
    assert seen
    within = ", ".join(str(each) for each in sorted(seen))
    reader.execute(f"select 1 from {relation} where 1 / (case when {key} in ({within}) then 1 else 0 end) = 1".encode())


def test_every_table_that_knows_a_project_stands_behind_the_wall(town: Database) -> None:
    """A new table with such a column: a policy in 30_policies.sql, or a view in 20_tables.sql, or no right at all."""
    found = (
        town.connect()
        .execute(
            "select c.relname, c.relrowsecurity,"
            " has_table_privilege('noroshi_walled', c.oid, 'select')"
            " or has_table_privilege('noroshi_pages', c.oid, 'select')"
            " from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')"
        )
        .fetchall()
    )
    open_to_all = {name for name, walled, granted in found if granted and not walled}
    assert open_to_all == {
        "profile", "figure_setting", "figure_state_name", "figure_version", "rollup_state", "outage_state",
        "housekeeping_run", "schema_migration", "notice", "signing_key", "audit_verdict", "watch_run",
    }  # fmt: skip


def test_who_writes_is_not_behind_the_wall(town: Database) -> None:
    owner = town.connect()
    owner.execute("drop role if exists wall_writer")
    owner.execute("create role wall_writer login")
    try:
        owner.execute("grant noroshi_pages to wall_writer with inherit false, set true")
        owner.execute("grant select on all tables in schema public to wall_writer")
        owner.execute("grant usage on schema public to wall_writer")
        writer = town.connect()
        writer.execute("set session authorization wall_writer")
        assert len(rows(writer, "project")) == 2
        assert len({row["project"] for row in rows(writer, "figure_device_state")}) == 2
        take_pages_role(writer)
        assert rows(writer, "project") == []
        Wall()(writer, str(number(town, OWN)), "")
        assert [row["code"] for row in rows(writer, "project")] == [OWN]
    finally:
        town.close()
        with town.postgres.connect(town.name) as last:
            last.execute("drop owned by wall_writer")
            last.execute("drop role wall_writer")


def test_without_the_role_only_who_sees_everything_is_answered(town: Database) -> None:
    connection = town.connect()  # has not taken the role
    Wall()(connection, "*", "")
    with pytest.raises(StoreUnfit, match="noroshi_pages"):
        Wall()(connection, "1", "")


def test_what_is_seen_is_not_kept_for_the_next_request(town: Database) -> None:
    connection, wall = pages(town, "*"), Wall()
    assert len(rows(connection, "project")) == 2
    wall(connection, str(number(town, OWN)), "")
    assert len(rows(connection, "project")) == 1
    wall(connection, "", "")
    assert rows(connection, "project") == []


def test_a_service_that_would_stand_behind_the_wall_is_refused_at_its_start(town: Database) -> None:
    """It would see an empty registry, and set every message aside."""
    owner = town.connect()
    owner.execute("drop role if exists wall_service")
    owner.execute("create role wall_service login")
    try:
        service = town.connect()
        service.execute("set session authorization wall_service")
        refuse_behind_wall(service)
        owner.execute("grant noroshi_pages to wall_service with inherit false, set true")
        refuse_behind_wall(service)
        owner.execute("grant noroshi_pages to wall_service with inherit true")
        with pytest.raises(StoreUnfit, match="wall_service"):
            refuse_behind_wall(service)
        refuse_behind_wall(owner)
    finally:
        town.close()
        with town.postgres.connect(town.name) as last:
            last.execute("drop role wall_service")


def test_no_part_of_a_large_table_is_read_past_the_wall(town: Database, reader: psycopg.Connection[Any]) -> None:
    """TimescaleDB gives a role its rights on the chunks of a table too, and no policy would hold there."""
    if town.tier is Tier.PLAIN:
        pytest.skip("plain PostgreSQL has no chunks")
    chunks = (
        town.connect()
        .execute("select format('%I.%I', chunk_schema, chunk_name) from timescaledb_information.chunks")
        .fetchall()
    )
    assert len(chunks) > 3
    for (chunk,) in chunks:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(f"select 1 from {chunk} limit 1".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            pages(town, "*").execute(f"select 1 from {chunk} limit 1".encode())
