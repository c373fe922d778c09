"""What is stored of watched series is noted in the same transaction, and only that."""

from collections.abc import Iterator

import pytest

from ingest.rows import ReadingRow
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.watched import unpack_watched
from ingest.store.batch.writer import Writer
from schemas.reading import Quality
from tests.fixtures.database import Database
from tests.store.rows import SECOND_US, T0_US, message, reading


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    yield writer
    writer.close()


def select(database: Database, *series: tuple[int, int]) -> None:
    """Watch these series. The devices of these tests are in no registry."""
    connection = database.connect()
    with connection.transaction():
        connection.execute("set local session_replication_role = replica")
        connection.execute("delete from watch_selected")
        for device_id, quantity_id in series:
            connection.execute("insert into watch_selected values (%s, %s)", (device_id, quantity_id))
        connection.execute("update watch_selection set version = version + 1")


def notes(database: Database) -> list[tuple[list[ReadingRow], bool]]:
    rows = database.connect().execute("select readings, exact from watch_note order by note_id").fetchall()
    return [(unpack_watched(bytes(packed)), exact) for packed, exact in rows]


def test_only_what_is_watched_is_noted(writer: Writer, database: Database) -> None:
    writer.write([message(reading())])
    assert notes(database) == []
    select(database, (1, 20))
    flagged = (T0_US + SECOND_US, -3.5, 1, 20, 2, int(Quality.RANGE))
    other = reading(device_id=2)
    writer.write(
        [
            message(flagged, reading(quantity_id=21), at_us=T0_US + SECOND_US),
            message(other, device_id=2, at_us=T0_US),
        ]
    )
    assert notes(database) == [([flagged], True)]


def test_another_selection_counts_from_the_next_batch_on(writer: Writer, database: Database) -> None:
    select(database, (1, 20))
    writer.write([message(reading())])
    select(database, (1, 21))
    later = T0_US + SECOND_US
    writer.write([message(reading(later), reading(later, quantity_id=21), at_us=later)])
    assert [[row[3] for row in readings] for readings, _ in notes(database)] == [[20], [21]]


def test_what_came_late_is_noted_apart(writer: Writer, database: Database) -> None:
    """Nobody is called for it, so it may wait for what is of now."""
    select(database, (1, 20))
    late, live = reading(T0_US - 20 * 60 * SECOND_US), reading()
    writer.write([message(late, live)])
    assert notes(database) == [([live], True), ([late], True)]
    flags = database.connect().execute("select late from watch_note order by note_id").fetchall()
    assert flags == [(False,), (True,)]


def test_what_was_merged_is_not_taken_at_its_word(writer: Writer, database: Database) -> None:
    """The second value of the same time is a conflict: it is noted, and the note says to look it up."""
    select(database, (1, 20))
    writer.write([message(reading())])
    writer.write([message(reading(value=19.0), reading(quantity_id=21))])
    assert [exact for _, exact in notes(database)] == [True, False]


def test_nothing_is_noted_of_a_batch_that_was_not_committed(writer: Writer, database: Database) -> None:
    select(database, (1, 20))
    database.connect().execute(
        "create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;"
        " create trigger refuse before insert on watch_note for each row execute function refuse()"
    )
    with pytest.raises(Exception, match="no"):
        writer.write([message(reading())])
    stored = database.connect().execute("select count(*) from reading").fetchone()
    assert stored == (0,), "a reading without its note would never be watched"


def test_a_correction_is_noted_as_a_span(database: Database) -> None:
    connection = database.connect()
    with connection.transaction():
        connection.execute("alter table correction disable trigger all")
        connection.execute("alter table correction enable trigger watch_note_correction")
        connection.execute(
            "insert into correction (kind, device_id, quantity_id, starts, ends, who, why)"
            " values ('annul', 1, 20, '2026-06-01', '2026-06-02', 'x', 'y')"
        )
    span = connection.execute("select device_id, quantity_id, ends - starts = '1 day', readings from watch_note")
    assert span.fetchall() == [(1, 20, True, None)]
