"""A replay of what was set aside whole is stored in batches: nothing is lost, nothing doubled, on every tier."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import psycopg
import pytest

from ingest.account import Outcome
from ingest.message import Received
from ingest.pipeline import replay
from ingest.pipeline.interpret import Interpreter
from ingest.pipeline.replay import REPLAYED_AT_ONCE
from ingest.rows import MessageRows, Origin, QuarantineRow
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.insert import merge
from ingest.store.batch.writer import Writer
from schemas.rejection import RejectionReason
from tests.figures.field import Field
from tests.fixtures.database import Database
from tests.store.rows import SECOND_US, T0_US, one
from tests.store.test_many_parts import a_judge

MESSAGES = 500
EVERY_US = 24 * SECOND_US
"""So that they were received within four hours of the clock."""

OPEN = "select count(*)::int from quarantine where replayed_at is null"
IDENTITY = (
    "select received::int, stored::int, duplicate::int, quarantined::int, readings_offered::int, readings_stored::int,"
    " readings_duplicate::int, readings_conflict::int, readings_quarantined::int"
    " from figure_identity where project = 'tea'"
)
BY_HOUR = (
    "select array_agg(stored::int order by hour) from"
    " (select hour, sum(stored) as stored from tally where writer = 'replay' group by hour) t"
)


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    Field(database.connect()).device("a")
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    yield writer
    writer.close()
    database.close()


def said(number: int, value: float | None = None, **more: Any) -> Received:
    """A message of the device; each is received a second after its time."""
    at_us = T0_US + EVERY_US * number
    readings = {"air_temperature": number / 100 if value is None else value}
    body = orjson.dumps({"ts": at_us // 1000, "readings": readings} | more)
    return Received("noroshi/v1/tea/a/up", body, at_us + SECOND_US)


def too_fast(interpreter: Interpreter, message: Received) -> MessageRows:
    """As the service sets it aside: unread, at the time of its receipt."""
    good = interpreter.interpret(message)
    assert good.uplink is not None
    received_us, device_id = message.received_us, good.uplink.device_id
    origin = Origin(message, good.uplink.message_id, received_us, received_us, device_id, good.project_id)
    row = QuarantineRow.of_whole(origin, RejectionReason.TOO_FAST, "too fast")
    return MessageRows(message, "", good.project_id, None, [], [row], by_receipt=True)


def set_aside(writer: Writer, database: Database, messages: Sequence[Received]) -> None:
    interpreter = a_judge(database)
    writer.write([too_fast(interpreter, message) for message in messages])


def test_what_was_too_fast_is_stored_a_page_and_hour_at_a_time(
    writer: Writer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_aside(writer, database, [said(number) for number in range(MESSAGES)])
    placed: list[int] = []

    def place(connection: psycopg.Connection[Any], batch: Sequence[MessageRows]) -> Outcome:
        placed.append(len(batch))
        return merge(connection, batch)

    monkeypatch.setattr(replay, "merge", place)
    got = replay.replay(database.connect(), a_judge(database), reason="too_fast")
    assert (got.tried, got.stored, got.readings_stored, one(database, OPEN)) == (MESSAGES, MESSAGES, MESSAGES, 0)
    assert sum(placed) == MESSAGES
    assert len(placed) <= MESSAGES // REPLAYED_AT_ONCE + 1 + 4
    assert one(database, IDENTITY) == (MESSAGES, MESSAGES, 0, 0, MESSAGES, MESSAGES, 0, 0, 0)
    received = (
        "select array_agg(n::int order by h)"
        " from (select date_trunc('hour', received_at) as h, count(*) as n from uplink group by 1) t"
    )
    assert one(database, BY_HOUR) == one(database, received)


def test_what_was_stored_meanwhile_and_what_says_otherwise_are_told_apart(writer: Writer, database: Database) -> None:
    first, again, other = said(0), said(1), said(0, value=7.5)
    set_aside(writer, database, [first, again, other])
    writer.write([a_judge(database).interpret(again)])
    got = replay.replay(database.connect(), a_judge(database))
    assert (got.tried, got.stored, got.duplicate, got.refused, one(database, OPEN)) == (3, 2, 1, 0, 0)
    assert one(database, "select value from reading order by time limit 1") == 0
    assert one(database, "select value from reading_conflict") == 7.5
    assert one(database, IDENTITY) == (4, 3, 1, 0, 4, 2, 1, 1, 0)


def test_a_replay_that_is_killed_goes_on_where_its_last_page_ended(
    writer: Writer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_aside(writer, database, [said(number) for number in range(MESSAGES)])
    connection, killer = database.connect(), database.connect()
    interpret, tried = Interpreter.interpret, itertools.count(1)

    def deadly(self: Interpreter, message: Received) -> MessageRows:
        if next(tried) == REPLAYED_AT_ONCE + 50:
            killer.execute("select pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,))
        return interpret(self, message)

    monkeypatch.setattr(Interpreter, "interpret", deadly)
    with pytest.raises(psycopg.OperationalError):
        replay.replay(connection, a_judge(database))
    assert one(database, OPEN) == MESSAGES - REPLAYED_AT_ONCE
    got = replay.replay(database.connect(), a_judge(database))
    assert (got.tried, got.stored) == (MESSAGES - REPLAYED_AT_ONCE, MESSAGES - REPLAYED_AT_ONCE)
    assert one(database, IDENTITY) == (MESSAGES, MESSAGES, 0, 0, MESSAGES, MESSAGES, 0, 0, 0)


def test_the_one_message_the_database_refuses_stays_open_and_hurts_no_other(writer: Writer, database: Database) -> None:
    set_aside(writer, database, [said(number, link={"rssi": -90 - number}) for number in range(20)])
    connection = database.connect()
    connection.execute("alter table uplink_packed add constraint no_message check (rssi_centi <> -9700)")
    for _ in range(2):
        got = replay.replay(connection, a_judge(database))
        assert (got.refused, one(database, OPEN)) == (1, 1)
    assert one(database, "select reason, count(*)::int from quarantine where replayed_at is null group by 1") == (
        "too_fast", 1,
    )  # fmt: skip
    assert one(database, IDENTITY) == (20, 19, 0, 1, 19, 19, 0, 0, 0)
    connection.execute("alter table uplink_packed drop constraint no_message")
    assert replay.replay(connection, a_judge(database)).stored == 1
    assert one(database, IDENTITY) == (20, 20, 0, 0, 20, 20, 0, 0, 0)
