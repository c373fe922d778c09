"""What gateways say about themselves is stored once and counted once, on every tier."""

from collections.abc import Iterator

import pytest

from ingest.account import Account
from ingest.errors import StoreUnavailable
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from tests.fixtures.database import Database
from tests.fixtures.proxy import ProxyTo
from tests.store.rows import SECOND_US, T0_US, gateway_message, junk, message, reading


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    yield writer
    writer.close()


def test_every_column_arrives_as_it_was_given(writer: Writer, database: Database) -> None:
    given = gateway_message()
    total = writer.write([given]).total
    assert total == Account(stored=1, payload_bytes=len(given.message.payload))
    stored = database.connect().execute("select * from gateway_event").fetchone()
    assert stored is not None
    assert given.gateway is not None
    assert stored[0].timestamp() * 1e6 == T0_US
    assert stored[2:] == (*given.gateway[2:-1], {"tx_per_status": {"OK": 2}})


def test_a_mixed_batch_is_counted_by_what_each_message_is(writer: Writer) -> None:
    total = writer.write([message(reading()), gateway_message(), junk(), gateway_message(b"other")]).total
    assert (total.stored, total.quarantined, total.duplicate, total.readings_offered) == (3, 1, 0, 1)


def test_the_same_report_again_is_a_duplicate_whatever_comes_with_it(writer: Writer, database: Database) -> None:
    writer.write([gateway_message(), message(reading())])
    later = gateway_message(at_us=T0_US + 30 * SECOND_US)
    total = writer.write([gateway_message(), later, later, message(reading()), junk()]).total
    assert (total.stored, total.duplicate, total.quarantined) == (1, 3, 1)
    assert database.connect().execute("select count(*) from gateway_event").fetchone() == (2,)


def test_a_report_the_database_refuses_is_set_aside_as_a_whole_and_hurts_no_other(
    writer: Writer, database: Database
) -> None:
    bad = gateway_message(b"too many", received=2**40)
    total = writer.write([message(reading()), bad, gateway_message()]).total
    assert (total.stored, total.quarantined) == (2, 1)
    kept = database.connect().execute("select reason, payload, device_id from quarantine").fetchone()
    assert kept == ("database_refused", b"too many", None)


def test_the_fate_of_a_commit_without_an_answer_is_read_from_the_gateway_s_row(
    any_database: Database, proxy_to: ProxyTo
) -> None:
    server = any_database.postgres.port
    proxy = proxy_to(server)
    url = any_database.url.replace(f":{server}/", f":{proxy.port}/")
    writer = Writer(DatabaseSettings(url=url, statement_timeout_s=1, silence_margin_s=0.2), "test/1", "test")
    writer.write([message(reading(device_id=9), device_id=9)])
    connection = writer._connection
    assert connection is not None
    commit = connection.commit

    def commit_unheard() -> None:
        commit()
        proxy.strand()
        connection.execute("select 1")

    connection.commit = commit_unheard  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable):
        writer.write([gateway_message()])
    total = writer.write([gateway_message()]).total
    assert (total.stored, total.duplicate) == (1, 0)
    writer.close()
