"""A batch that comes again whole, as after every failover: found quickly, however little the statistics know."""

from collections.abc import Iterable
from typing import Any

import psutil
import psycopg
import pytest

from ingest.rows import MessageRows
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from ingest.store.timescale import HYPERTABLES, Tier
from tests.fixtures.database import Database
from tests.store.rows import SECOND_US, T0_US, message, reading

MESSAGES = 2_500
QUANTITIES = (20, 21, 22, 23)
MOST_CPU_S = 2.0
"""A search of the whole batch for each row of it takes several times as much; what it takes now is below half of it."""

MINUTE_US = 60 * SECOND_US
DAY_US = 1440 * MINUTE_US

SHAPES = {
    "many devices at one time": [(n, n) for n in range(MESSAGES)],
    "one device through days": [(1, n * MINUTE_US) for n in range(MESSAGES)],
    "ten devices through most of a year": [(n % 10, n // 10 * DAY_US) for n in range(MESSAGES)],
}
"""Device and time since the first, by message."""


def batch(shape: str, shift: float = 0.0) -> list[MessageRows]:
    places = enumerate(SHAPES[shape])
    return [of(1 + device, T0_US + after_us, 18.5 + shift, b"m%d" % n) for n, (device, after_us) in places]


def of(device_id: int, at_us: int, value: float, payload: bytes) -> MessageRows:
    readings = (reading(at_us, value, device_id, quantity_id) for quantity_id in QUANTITIES)
    return message(*readings, at_us=at_us, device_id=device_id, payload=payload)


def give_history(connection: psycopg.Connection[Any]) -> None:
    """Days of others before, which the statistics know; of what comes now they know nothing."""
    connection.execute(
        "insert into reading_packed (time, device_id, amount, quantity_id, channel, per)"
        " select to_timestamp(%s / 1e6 - 86400 * 3) + n * interval '2 s', 1 + n %% 100, 5, 20, 0, 1"
        " from generate_series(1, 50000) n",
        (T0_US,),
    )
    connection.execute("analyze")


def compress(connection: psycopg.Connection[Any], tables: Iterable[str] = HYPERTABLES) -> None:
    for table in tables:
        for (chunk,) in connection.execute("select show_chunks(%s)::text", (table,)).fetchall():
            connection.execute(f"call convert_to_columnstore('{chunk}')".encode())


def cpu_s(writer: Writer) -> float:
    """Of the server's process behind the writer."""
    assert writer._connection is not None
    times = psutil.Process(writer._connection.info.backend_pid).cpu_times()
    return float(times.user + times.system)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_batch_that_comes_again_is_found_without_searching_all_of_it_for_each_row(
    database: Database, shape: str
) -> None:
    connection = database.connect()
    give_history(connection)
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    try:
        writer.write(batch(shape))
        for compressed in (False, True) if database.tier is Tier.COMMUNITY else (False,):
            if compressed:
                compress(connection)
            for shift in (0.0, 1.0):
                before_s = cpu_s(writer)
                total = writer.write(batch(shape, shift)).total
                found = total.readings_conflict if shift else total.readings_duplicate
                assert (total.stored, total.duplicate, found) == (0, MESSAGES, MESSAGES * len(QUANTITIES))
                assert cpu_s(writer) - before_s < MOST_CPU_S, (shape, compressed, shift)
    finally:
        writer.close()


def test_statistics_of_the_empty_temporary_tables_mislead_nobody(database: Database) -> None:
    give_history(database.connect())
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    try:
        writer.write(batch("many devices at one time"))
        assert writer._connection is not None
        writer._connection.execute("analyze incoming_reading, incoming_uplink")
        writer._connection.commit()
        before_s = cpu_s(writer)
        assert writer.write(batch("many devices at one time")).total.duplicate == MESSAGES
        assert cpu_s(writer) - before_s < MOST_CPU_S
    finally:
        writer.close()


def test_messages_our_clock_no_longer_believes_are_found_by_the_index(database: Database) -> None:
    give_history(database.connect())
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    try:
        stored = batch("many devices at one time")
        writer.write(stored)
        again = batch("many devices at one time")
        for one in again:
            assert one.uplink is not None
            one.claimed_us = one.uplink.time_us
            one.uplink = one.uplink._replace(time_us=one.uplink.time_us + DAY_US)
        before_s = cpu_s(writer)
        assert writer.write(again).total.duplicate == MESSAGES
        assert cpu_s(writer) - before_s < MOST_CPU_S
    finally:
        writer.close()
