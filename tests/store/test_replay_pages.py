"""A replay goes through the quarantine page by page, however much lies there, on every tier."""

from collections.abc import Iterator

import orjson
import pytest

from ingest.pipeline import replay
from ingest.pipeline.replay import REPLAYED_AT_ONCE, Place, Replayed, begin_replay, replay_page
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from schemas.quantity import BY_CODE
from tests.figures.field import Field
from tests.fixtures.database import Database
from tests.store.rows import T0_US, junk, one
from tests.store.test_many_parts import PLAIN, a_judge, interpreted

OPEN = "select count(*)::int from quarantine where replayed_at is null"


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    Field(database.connect()).device("a")
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    yield writer
    writer.close()
    database.close()


def unknown(number: int, parts: int = 60) -> bytes:
    readings = {"air_temperature": 18.5} | {f"x{n}": 1 for n in range(parts)}
    return orjson.dumps({"ts": T0_US // 1000 + number, "readings": readings})


def test_a_page_is_small_and_no_message_is_read_twice_where_a_page_ends_within_it(
    writer: Writer, database: Database
) -> None:
    messages = 2 * REPLAYED_AT_ONCE // 60 + 3
    writer.write([interpreted(database, unknown(number)) for number in range(messages)])
    place: Place | None = begin_replay(database.connect())
    result, pages = Replayed(), 0
    while place is not None:
        before = result.tried
        place = replay_page(database.connect(), a_judge(database), place, result)
        pages += 1
        assert result.tried - before <= REPLAYED_AT_ONCE
    assert (pages, result.tried, result.refused) == (3, messages, messages)
    wiser = a_judge(database, {**BY_CODE, "x0": PLAIN[0], "x59": PLAIN[1]})
    gained = replay.replay(database.connect(), wiser, reason="unknown_quantity")
    assert (gained.tried, gained.improved, gained.readings_stored) == (messages, messages, 2 * messages)
    assert one(database, OPEN) == messages * 58


def test_what_is_set_aside_during_a_replay_is_not_of_it(writer: Writer, database: Database) -> None:
    count = REPLAYED_AT_ONCE + 5
    writer.write([junk(f"x{n}".encode(), T0_US + n) for n in range(count)])
    result = Replayed()
    place = replay_page(database.connect(), a_judge(database), begin_replay(database.connect()), result)
    writer.write([junk(f"y{n}".encode(), T0_US + n) for n in range(count)])
    while place is not None:
        place = replay_page(database.connect(), a_judge(database), place, result)
    assert (result.tried, one(database, OPEN)) == (count, 2 * count)


def test_a_page_is_of_the_topics_that_were_asked_for(writer: Writer, database: Database) -> None:
    writer.write([junk(b"x", T0_US)])
    for topics, tried in ((["noroshi/v1/p/1/up"], 1), (["%/p/1/%"], 1), (["%/p/2/%"], 0), ([], 0)):
        result = Replayed()
        place = begin_replay(database.connect())
        assert replay_page(database.connect(), a_judge(database), place, result, topics=topics) is None
        assert result.tried == tried
