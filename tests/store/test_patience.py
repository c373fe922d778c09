"""How long the writer waits: not for ever for a silent server, and not in vain for a batch that takes too long."""

import time

import pytest

from ingest.errors import StoreUnavailable
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from tests.fixtures.database import Database
from tests.fixtures.proxy import ProxyTo
from tests.store.rows import SECOND_US, T0_US, message, reading

BATCH = [
    message(reading(T0_US + n * SECOND_US), at_us=T0_US + n * SECOND_US, payload=b"n%06d" % n + bytes(64))
    for n in range(100)
]
# Larger than the buffers on the way: the client waits to send. The other waits for an answer.
LARGE = [
    message(
        *(reading(T0_US + (n * 1_000 + m) * SECOND_US, quantity_id=21) for m in range(1_000)),
        at_us=T0_US + n * SECOND_US, payload=b"large%d" % n,
    )
    for n in range(300)
]  # fmt: skip


@pytest.mark.parametrize("batch", [BATCH, LARGE], ids=["while it waits for an answer", "while it sends"])
def test_a_connection_that_went_silent_is_given_up_and_the_batch_stored_over_a_new_one(
    any_database: Database, proxy_to: ProxyTo, batch: list[object]
) -> None:
    server = any_database.postgres.port
    proxy = proxy_to(server)
    url = any_database.url.replace(f":{server}/", f":{proxy.port}/")
    patient = DatabaseSettings(url=url, statement_timeout_s=60, silence_margin_s=10)
    hasty = patient.model_copy(update={"statement_timeout_s": 1, "silence_margin_s": 0.2})
    writer = Writer(hasty, "test/1", "test")
    writer.write([message(reading(device_id=9), device_id=9)])
    proxy.strand()
    started_s = time.monotonic()
    with pytest.raises(StoreUnavailable, match="no sign of life"):
        writer.write(batch)  # type: ignore[arg-type]
    assert time.monotonic() - started_s < 30, "the network alone would take minutes"
    writer._settings = patient
    assert writer.write(batch).total.stored == len(batch)  # type: ignore[arg-type]
    assert any_database.connect().execute("select sum(stored)::int from tally").fetchone() == (len(batch) + 1,)
    writer.close()


def test_the_fate_of_a_commit_without_an_answer_is_read_from_its_rows(
    any_database: Database, proxy_to: ProxyTo
) -> None:
    """The server has committed; what it said about it never arrives, and the connection looks alive for ever."""
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
        connection.execute("select 1")  # answered by nobody, as the COMMIT would be

    connection.commit = commit_unheard  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable, match="no sign of life"):
        writer.write(BATCH)
    total = writer.write(BATCH).total
    assert (total.stored, total.duplicate) == (100, 0)
    found = any_database.connect().execute("select sum(stored)::int, sum(duplicate)::int from tally").fetchone()
    assert found == (101, 0)
    writer.close()


def test_a_batch_that_takes_too_long_is_stored_in_pieces_the_next_time(any_database: Database) -> None:
    """Otherwise it would be cut off again at the same point, for ever, and nothing behind it would be stored."""
    any_database.connect().execute(
        "create function dawdle() returns trigger language plpgsql as"
        " $$ begin perform pg_sleep(0.02); return new; end $$;"
        "create trigger dawdle before insert on reading_packed for each row execute function dawdle()"
    )
    writer = Writer(DatabaseSettings(url=any_database.url, statement_timeout_s=1), "test/1", "test")
    for _ in range(3):
        try:
            outcome = writer.write(BATCH)
            break
        except StoreUnavailable as error:
            assert "57014" in str(error)  # noqa: PT017  the last attempt must not end here
    assert (outcome.total.stored, outcome.total.duplicate, outcome.splits) == (100, 0, 0)
    assert any_database.connect().execute("select sum(stored)::int from tally").fetchone() == (100,)
    writer.close()
