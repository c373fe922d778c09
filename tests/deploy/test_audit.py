"""The audit log as the role of the service has it: it is added to and read, and nobody changes or deletes an entry."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from ingest.access.audit import Action, Entry, append, read_entries
from ingest.access.audit_log.chain import Verification
from ingest.access.audit_log.entry import Wanted
from ingest.access.audit_log.retention import Forgotten, forget_old, note_checkpoint
from ingest.access.audit_log.verify import verify
from ingest.settings.sign_in import AuditSettings
from tests.deploy.installation import prepare, url
from tests.fixtures.database import NAMES, installed
from tests.fixtures.postgres import Postgres

OWNER, WRITER, READER = "noroshi", "noroshi_writer", "grafana"

Connection = psycopg.Connection[Any]

CHANGES = (
    "update audit_entry set actor = 'x'",
    "update audit_entry set hash = ''",
    "delete from audit_entry",
    "truncate audit_entry",
)
FORGERY = (
    *CHANGES,
    "insert into audit_entry select 99, now(), 'x', '', null, null, 'x', 'x', null, null, hash, hash from audit_entry",
    "update audit_address set address = 'x'",
    "delete from audit_address",
    "insert into audit_address values (99, now(), 'x')",
    "update audit_anchor set entry_id = 99",
    "delete from audit_anchor",
    "insert into audit_anchor values (true, 0, '', now())",
    "alter table audit_entry disable trigger audit_stays",
    "drop trigger audit_stays on audit_entry",
    "drop table audit_entry",
    "create or replace function audit_stays() returns trigger language plpgsql as 'begin return old; end'",
    "alter function audit_forget(timestamptz) owner to noroshi_writer",
)
"""What a forger with the password of the service may try."""


@pytest.fixture(scope="module", params=NAMES)
def server(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    postgres = Postgres(installed(request.param))
    try:
        prepare(postgres)
        yield postgres
    finally:
        postgres.discard()


@pytest.fixture
def writer(server: Postgres) -> Iterator[Connection]:
    with psycopg.connect(url(server, WRITER), autocommit=True) as connection:
        append(connection, Entry(Action.SIGNED_IN, "sato", "sato"), "192.0.2.1")
        yield connection
    assert faults(server) == []


def faults(server: Postgres) -> list[str]:
    with psycopg.connect(url(server, WRITER)) as connection:
        return [fault.said.en for fault in verify(connection, datetime.now(UTC), (), Verification())]


@pytest.mark.parametrize("statement", FORGERY)
def test_the_writer_changes_nothing(writer: Connection, statement: str) -> None:
    writer.execute("set noroshi.audit_retention = 'on'")  # no setting that a forger makes up is believed
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        writer.execute(statement.encode())


@pytest.mark.parametrize("statement", CHANGES)
def test_the_owner_changes_nothing_by_mistake(server: Postgres, writer: Connection, statement: str) -> None:
    before = read_entries(writer, Wanted())
    with psycopg.connect(url(server, OWNER), autocommit=True) as owner:
        owner.execute("set noroshi.audit_retention = 'on'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only added to"):
            owner.execute(statement.encode())
    assert read_entries(writer, Wanted()) == before


@pytest.mark.parametrize(
    "call",
    [
        "audit_append('x', '', null, null, 'x', 'x', null, null, null)",
        "audit_forget('2020-01-01')",
        "audit_forget_addresses(now())",
    ],
)
def test_a_reader_has_none_of_the_functions_and_sees_no_entry(server: Postgres, writer: Connection, call: str) -> None:
    assert writer.execute("select count(*) > 0 from audit_entry").fetchone() == (True,)
    with psycopg.connect(url(server, READER), autocommit=True) as reader:
        reader.execute("set default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(f"select {call}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("select * from audit_entry")


def test_the_functions_use_no_tables_of_the_caller(writer: Connection) -> None:
    """A temporary table of the same name stands first in the path of a careless function."""
    count = len(read_entries(writer, Wanted()))
    writer.execute("create temporary table audit_entry (like public.audit_entry)")
    writer.execute("create temporary table audit_anchor (like public.audit_anchor)")
    append(writer, Entry(Action.SIGNED_OUT, "sato"))
    writer.execute("drop table pg_temp.audit_entry; drop table pg_temp.audit_anchor")
    assert len(read_entries(writer, Wanted())) == count + 1


def test_the_writer_forgets_by_the_functions_alone(server: Postgres, writer: Connection) -> None:
    assert forget_old(writer, AuditSettings()) == Forgotten(0, 0)
    for until in ("now()", "null", "'infinity'"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            writer.execute(f"select audit_forget({until})".encode())
    link = note_checkpoint(writer)
    assert link is not None
    with psycopg.connect(url(server, WRITER)) as connection:
        assert list(verify(connection, datetime.now(UTC), (link,), Verification())) == []


def test_two_who_append_at_once_wait_for_each_other(server: Postgres, writer: Connection) -> None:
    count = len(read_entries(writer, Wanted()))

    def many(who: int) -> None:
        with psycopg.connect(url(server, WRITER), autocommit=True) as connection:
            for number in range(50):
                with connection.transaction():
                    append(connection, Entry(Action.PAGE_SEEN, f"{number}", f"person-{who}"))
                    if number % 10 == 0:
                        raise psycopg.Rollback

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(many, range(4)))
    entries = read_entries(writer, Wanted(limit=1000))
    assert len(entries) == count + 4 * 45
    times = [entry.at for entry in entries]
    assert times == sorted(times, reverse=True), "times rise with the numbers"


def test_appending_while_old_entries_go_keeps_the_chain(server: Postgres, writer: Connection) -> None:
    for number in range(20):
        append(writer, Entry(Action.PAGE_SEEN, str(number)))
    age(server)

    def add(number: int) -> None:
        with psycopg.connect(url(server, WRITER), autocommit=True) as connection:
            append(connection, Entry(Action.PAGE_SEEN, f"meanwhile {number}"))

    with psycopg.connect(url(server, WRITER)) as forgetting, ThreadPoolExecutor(3) as threads:
        gone = forgetting.execute("select audit_forget('2020-01-01')").fetchone()
        waiting = [threads.submit(add, number) for number in range(3)]
        assert not waiting[0].done()
        forgetting.commit()
        for each in waiting:
            each.result(timeout=60)
    assert gone is not None
    assert gone[0] >= 21
    entries = read_entries(writer, Wanted())
    assert {entry.subject for entry in entries} == {"meanwhile 0", "meanwhile 1", "meanwhile 2"}
    assert writer.execute("select count(*) from audit_address").fetchone() == (0,)


def age(server: Postgres) -> None:
    """Make all entries old, with hashes that fit: only the owner can, without the triggers."""
    with psycopg.connect(url(server, OWNER), autocommit=True) as owner:
        owner.execute("""
            do $$
            declare
                each record;
                link bytea = (select hash from audit_anchor);
            begin
                alter table audit_entry disable trigger user;
                for each in select * from audit_entry order by entry_id loop
                    update audit_entry e set at = '2001-01-01', previous = link, hash = sha256(convert_to(audit_text(
                        e.entry_id, '2001-01-01', e.actor, e.department, e.organisation, e.project, e.action,
                        e.subject, e.before, e.after, link), 'UTF8'))
                    where e.entry_id = each.entry_id returning hash into link;
                end loop;
                alter table audit_entry enable trigger user;
            end
            $$
        """)


def test_an_entry_waits_for_one_that_is_not_finished_and_times_out_as_asked(
    server: Postgres, writer: Connection
) -> None:
    with psycopg.connect(url(server, WRITER)) as slow:
        append(slow, Entry(Action.SIGNED_IN, "slow"))
        writer.execute("set lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            append(writer, Entry(Action.SIGNED_IN, "quick"))
        slow.rollback()
    assert append(writer, Entry(Action.SIGNED_IN, "quick")) == read_entries(writer, Wanted())[0].entry_id
