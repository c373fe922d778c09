"""What comes late meets chunks that are compressed already: stored once all the same, and never refused for good."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from ingest.rows import MessageRows
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from ingest.store.schema.migrate import upgrade
from ingest.store.timescale import HYPERTABLES, Tier
from tests.fixtures.database import Database
from tests.store.rows import SECOND_US, T0_US, message, reading

DEVICES = 4
EACH = 50


@pytest.fixture
def compressed(database: Database) -> Iterator[tuple[Database, Writer]]:
    """Four devices with fifty messages each, all of them in the columnstore."""
    if database.tier is not Tier.COMMUNITY:
        pytest.skip("only TimescaleDB of the community licence has a columnstore")
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    writer.write(stored())
    compress(database)
    yield database, writer
    writer.close()


def of(device_id: int, number: int, value: float = 18.5, late_us: int = 0) -> MessageRows:
    at_us = T0_US + number * 60 * SECOND_US + late_us
    return message(reading(at_us, value, device_id), at_us=at_us, device_id=device_id)


def stored() -> list[MessageRows]:
    return [of(device, number) for device in range(1, DEVICES + 1) for number in range(EACH)]


def compress(database: Database, tables: Iterable[str] = HYPERTABLES) -> None:
    connection = database.connect()
    for table in tables:
        for (chunk,) in connection.execute("select show_chunks(%s)::text", (table,)).fetchall():
            connection.execute(f"call convert_to_columnstore('{chunk}')".encode())


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    return database.connect().execute(query.encode()).fetchall()


def test_a_duplicate_of_a_compressed_row_is_a_duplicate(compressed: tuple[Database, Writer]) -> None:
    database, writer = compressed
    total = writer.write(stored()).total
    assert (total.stored, total.duplicate, total.readings_duplicate) == (0, DEVICES * EACH, DEVICES * EACH)
    assert rows(database, "select count(*) from uplink") == [(DEVICES * EACH,)]
    assert rows(database, "select count(*) from reading") == [(DEVICES * EACH,)]


def test_another_value_for_a_compressed_row_is_a_conflict(compressed: tuple[Database, Writer]) -> None:
    database, writer = compressed
    total = writer.write([of(1, 7, value=19.5)]).total
    assert (total.stored, total.readings_conflict, total.readings_stored) == (1, 1, 0)
    assert rows(database, "select value from reading_conflict") == [(19.5,)]
    assert rows(database, "select count(*), max(value) from reading") == [(DEVICES * EACH, 18.5)]


def test_what_is_new_is_stored_between_compressed_rows(compressed: tuple[Database, Writer]) -> None:
    _, writer = compressed
    between = [of(device, number, late_us=SECOND_US) for device in range(1, DEVICES + 1) for number in range(EACH)]
    mixed = [one for pair in zip(stored(), between, strict=True) for one in pair]
    total = writer.write(mixed).total
    assert (total.stored, total.duplicate) == (DEVICES * EACH, DEVICES * EACH)
    assert (total.readings_stored, total.readings_duplicate) == (DEVICES * EACH, DEVICES * EACH)


def test_an_old_backfill_is_not_refused_because_it_decompresses_too_much(compressed: tuple[Database, Writer]) -> None:
    """SQLSTATE 53400 would come again with each attempt. Without filtering, as in older versions, rows are unpacked."""
    database, writer = compressed
    for setting in ("enable_dml_decompression_tuple_filtering = off",
                    "max_tuples_decompressed_per_dml_transaction = 10"):  # fmt: skip
        database.connect().execute(f"alter database {database.name} set timescaledb.{setting}".encode())
    writer.close()
    total = writer.write(stored()).total
    assert (total.stored, total.duplicate) == (0, DEVICES * EACH)


def test_a_batch_of_messages_has_one_filter_and_not_two(compressed: tuple[Database, Writer]) -> None:
    database, _ = compressed
    settings = "timescaledb_information.hypertable_columnstore_settings where hypertable = 'uplink_packed'::regclass"
    ((index,),) = rows(database, f"select index from {settings}")
    assert [one["column"] for one in index if one["type"] == "bloom"] == [["time", "message_id"]]
    upgrade(database.connect())
    assert rows(database, f"select index from {settings}") == [(index,)]
    chosen = "alter table uplink_packed set (timescaledb.sparse_index = 'bloom(message_id)')"
    database.connect().execute(chosen.encode())
    upgrade(database.connect())
    ((index,),) = rows(database, f"select index from {settings}")
    assert [one["column"] for one in index if one["type"] == "bloom"] == ["message_id"]
