"""Roles and rights: the service's own, readers', and what PostgreSQL gives everybody."""

import psycopg
import pytest

from ingest.store.doctor.roles import too_strong
from tests.doctor.call import EVERYBODY, WRITER, as_role, examine
from tests.doctor.conftest import MakeRole
from tests.fixtures.database import Database

FIGURES = """
do $$ declare f name; begin
    for f in select viewname from pg_views where schemaname = 'public' and viewname like 'figure\\_%' loop
        execute format('grant select on %I to {}', f);
    end loop;
end $$
"""


def test_a_superuser_is_warned_of_and_an_owner_noted(database: Database, make_role: MakeRole) -> None:
    assert examine(database, "roles").of("warning") == ["postgres is a superuser"]
    owner = make_role("createrole", "createdb", grants=(*WRITER, "alter table reading_packed owner to {}"))
    found = examine(database, "roles", role=owner)
    assert found.of("note")[:2] == [f"{owner} has CREATEROLE, CREATEDB", f"{owner} owns the tables"]
    assert (found.code, found.of("warning")) == (0, [])
    database.connect().execute("alter table reading_packed owner to postgres")


def test_a_role_that_cannot_store_is_bad_and_the_tables_named(database: Database, make_role: MakeRole) -> None:
    role = make_role(grants=(*WRITER, "revoke insert on quarantine, tally from {}"))
    assert examine(database, "roles", role=role).of("bad") == [f"{role} may not read and write quarantine, tally"]


@pytest.mark.parametrize(
    ("grant", "told"),
    [
        ("grant update on reading_packed to {}", "reading_packed: UPDATE"),
        ("grant delete on correction to {}", "correction: DELETE"),
        ("grant update (stored) on tally to {}", "tally: UPDATE (stored)"),
        ("grant update (payload) on quarantine to {}", "quarantine: UPDATE (payload)"),
        ("grant truncate on retention_run to {}", "retention_run: TRUNCATE"),
        ("grant trigger on uplink_packed to {}", "uplink_packed: TRIGGER"),
        ("grant insert on schema_migration to {}", "schema_migration: INSERT"),
        ("grant insert on uplink to {}", "uplink: INSERT"),
        ("grant create on schema public to {}", "public: CREATE"),
    ],
)
def test_a_service_that_may_change_what_was_measured_is_told(
    any_database: Database, roles: MakeRole, grant: str, told: str
) -> None:
    role = roles(any_database, grants=(*WRITER, grant))
    assert f"{role} may do more than the service needs ({told})" in examine(any_database, "roles", role=role).of(
        "warning"
    )
    with psycopg.connect(as_role(any_database, role)) as connection:
        assert told in (too_strong(connection) or "")


def test_rights_of_an_earlier_program_are_told_until_writer_sql_was_run(
    any_database: Database, roles: MakeRole
) -> None:
    old = (
        "grant usage on schema public to {}",
        "grant select, insert, update, delete on all tables in schema public to {}",
    )
    role = roles(any_database, grants=old)
    (said,) = examine(any_database, "roles", role=role).of("warning")
    assert "access_reader: UPDATE" in said
    any_database.connect().execute(WRITER[0].replace("{}", role).encode())
    assert examine(any_database, "roles", role=role).of("warning") == []


def test_a_service_that_cannot_lock_is_bad(any_database: Database, roles: MakeRole) -> None:
    connection = any_database.connect()
    connection.execute("revoke execute on function pg_advisory_xact_lock(integer, integer) from public")
    connection.execute(f"revoke temporary on database {any_database.name} from public".encode())
    role = roles(any_database, grants=WRITER)
    found = examine(any_database, "roles", role=role).of("bad")
    assert found == [f"{role} may not use pg_advisory_*, TEMPORARY of the server"]


@pytest.mark.parametrize(
    ("grant", "told"),
    [
        ("grant insert on device to {}", "may write device too"),
        ("grant update (name) on device to {}", "may write device too"),
        ("grant pg_read_all_stats to {}", "reads, and has pg_read_all_stats too"),
        ("grant pg_monitor to {}", "reads, and has pg_monitor, pg_read_all_settings"),
        ("grant pg_write_all_data to {}", "reads, and has pg_write_all_data too"),
        ("grant pg_execute_server_program to {}", "reads, and has pg_execute_server_program too"),
        ("grant pg_read_all_data to {}", "may read what was set aside"),
        ("grant postgres to {}", "reads, and has "),
        ("alter role {} superuser", "reads, and has SUPERUSER too"),
        ("alter role {} createrole", "reads, and has CREATEROLE too"),
    ],
)
def test_a_reader_that_is_more_than_one_is_told(any_database: Database, roles: MakeRole, grant: str, told: str) -> None:
    reader = roles(any_database, grants=(FIGURES, grant))
    assert [said for said in examine(any_database, "roles").of("warning") if f"{reader} {told}" in said]


def test_a_reader_by_membership_is_examined_like_one_by_grant(any_database: Database, roles: MakeRole) -> None:
    group = roles(any_database, grants=(FIGURES,))
    member = roles(any_database, grants=(f"grant {group} to " + "{}", "grant pg_read_all_stats to {}"))
    everything = roles(any_database, grants=("grant pg_read_all_data to {}",))
    warned = examine(any_database, "roles").of("warning")
    assert f"{member} reads, and has pg_read_all_stats too" in warned
    assert f"{everything} may read what was set aside" in warned


def test_what_postgresql_gives_everybody_is_told_and_a_warning_where_somebody_reads(
    any_database: Database, roles: MakeRole
) -> None:
    assert any(said.startswith(EVERYBODY) for said in examine(any_database, "roles").of("note"))
    any_database.connect().execute("grant create on schema public to public")
    reader = roles(any_database, grants=(FIGURES,))
    found = examine(any_database, "roles")
    (said,) = [said for said in found.of("warning") if said.startswith(EVERYBODY)]
    assert "CREATE public" in said
    assert "postgres" in said
    assert f"nothing holds {reader}: no connection limit, temp_file_limit" in found.of("note")
    connection = any_database.connect()
    connection.execute(f"alter role {reader} connection limit 20".encode())
    connection.execute(f"alter role {reader} set temp_file_limit = '2GB'".encode())
    assert not any("nothing holds" in said for said in examine(any_database, "roles").of("note"))


def test_a_reader_without_the_newest_figure_is_told(database: Database, make_role: MakeRole) -> None:
    reader = make_role(grants=(FIGURES, "grant select (device_id, time) on quarantine to {}"))
    assert not any(reader in said for said in examine(database, "roles").of("warning"))
    database.connect().execute("create view figure_newest as select 1")
    assert f"{reader} may not read figure_newest" in examine(database, "roles").of("warning")


@pytest.mark.parametrize("grant", ["grant select on quarantine to {}", "grant select (payload) on quarantine to {}"])
def test_a_reader_of_what_was_set_aside_is_told(database: Database, make_role: MakeRole, grant: str) -> None:
    reader = make_role(grants=(FIGURES, grant))
    assert f"{reader} may read what was set aside" in examine(database, "roles").of("warning")


def test_rights_of_everybody_are_told_and_writing_is_bad(database: Database) -> None:
    connection = database.connect()
    connection.execute("grant select on figure_device_state to public")
    assert "everybody (PUBLIC) has rights on our tables" in examine(database, "roles").of("warning")
    connection.execute("grant delete on device to public")
    assert examine(database, "roles").of("bad") == ["everybody (PUBLIC) has rights on our tables"]


def test_another_role_that_writes_is_noted(database: Database, make_role: MakeRole) -> None:
    other = make_role(grants=("grant insert on device to {}",))
    assert f"{other} may write device too" in examine(database, "roles").of("note")
