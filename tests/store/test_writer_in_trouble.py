"""What a writer does when its connection, its server or its predecessor is in trouble."""

import psycopg
import pytest

from ingest.errors import StoreUnavailable
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.insert import copy_new
from ingest.store.batch.writer import Writer, take_over
from tests.fixtures.database import Database
from tests.store.rows import junk, message, one, reading


def test_a_lost_answer_to_commit_neither_loses_nor_doubles(database: Database) -> None:
    """The connection breaks after COMMIT was sent; the writer asks what became of the transaction."""
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    batch = [message(reading()), junk()]
    writer.write([message(reading(device_id=9), device_id=9)])
    connection = writer._connection
    assert connection is not None
    commit = connection.commit

    def commit_and_break() -> None:
        commit()
        connection.close()
        raise psycopg.OperationalError("the connection was lost")

    connection.commit = commit_and_break  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable):
        writer.write(batch)
    total = writer.write(batch).total
    assert (total.stored, total.quarantined, total.duplicate) == (1, 1, 0)
    assert one(database, "select sum(stored)::int, sum(duplicate)::int, sum(quarantined)::int from tally") == (2, 0, 1)
    writer.close()


def test_a_transaction_that_was_rolled_back_is_written_again(database: Database) -> None:
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    writer.write([message(reading(device_id=9), device_id=9)])
    connection = writer._connection
    assert connection is not None

    def break_before_commit() -> None:
        connection.close()
        raise psycopg.OperationalError("the connection was lost")

    connection.commit = break_before_commit  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable):
        writer.write([message(reading())])
    assert writer.write([message(reading())]).total.stored == 1
    assert one(database, "select count(*) from uplink") == 2
    writer.close()


@pytest.mark.parametrize(
    "trouble",
    [
        "alter table reading_packed rename to reading_elsewhere",
        "alter database {name} set default_transaction_read_only = on",
        "alter table uplink_packed drop column link cascade",
    ],
)
def test_an_error_that_is_not_the_datas_fault_is_later_not_never(database: Database, trouble: str) -> None:
    database.connect().execute(trouble.format(name=database.name))
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    with pytest.raises(StoreUnavailable):
        writer.write([message(reading())])
    assert one(database, "select count(*) from quarantine") == 0


def test_a_server_that_is_away_is_named_with_its_setting() -> None:
    writer = Writer(DatabaseSettings(url="postgresql://noroshi:secret@127.0.0.1:1/none"), "test/1", "test")
    with pytest.raises(
        StoreUnavailable, match=r"database\.url: no connection to postgresql://noroshi@127\.0\.0\.1:1/none"
    ):
        writer.write([message(reading())])


def test_whoever_takes_over_sees_what_the_predecessor_committed_and_cuts_it_off(database: Database) -> None:
    """The COMMIT of a killed service may still be on its way: nothing may be read before it is settled."""
    old = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    old.write([junk(packet_id=1)])
    other = Writer(DatabaseSettings(url=database.url), "other/1", "other")
    other.write([junk(b"of another", packet_id=1)])
    assert old._connection is not None
    old._connection.execute("insert into delivery values ('test', 2, 7, now())")  # an open transaction
    with database.connect(autocommit=False) as successor:
        assert sorted(take_over(successor, "test")[0]) == [1]
    with pytest.raises(StoreUnavailable):
        old.write([junk(b"too late", packet_id=3)])
    assert other.write([junk(b"undisturbed", packet_id=2)]).total.quarantined == 1
    assert one(database, "select count(*) from delivery where client_id = 'test' and packet_id > 0") == 1
    old.close()
    other.close()


def test_a_connection_the_server_takes_for_alive_does_not_block_the_next_attempt(database: Database) -> None:
    """After a frozen link the server's process waits for us with the rows of the batch locked."""
    writer = Writer(DatabaseSettings(url=database.url, statement_timeout_s=5), "test/1", "test")
    batch = [message(reading())]
    writer.write([message(reading(device_id=9), device_id=9)])
    half_open = writer._connection
    assert half_open is not None
    copy_new(half_open, batch)  # and neither COMMIT nor a broken connection ever reaches the server
    writer._connection = None
    assert writer.write(batch).total.stored == 1
    writer.close()
    half_open.close()
