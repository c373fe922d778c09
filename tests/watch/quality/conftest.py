"""Stations whose readings a test may let arrive in any order, and whose quality it may look at at any moment."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from ingest.store.database import Database as Connection
from ingest.store.rollup import rollup
from ingest.watch.model import Event
from ingest.watch.progress import database as progress
from ingest.watch.quality.database.series import Series
from ingest.watch.quality.expectations import Documents
from ingest.watch.quality.flags import Flag
from ingest.watch.quality.look import look
from schemas.quantity import BY_CODE
from schemas.watch_quality import QualityTest, WatchQuality
from tests.figures.field import Field
from tests.fixtures.database import Database
from tests.store.rollup.conftest import us
from tests.store.rows import message

Look = Callable[[Connection, Documents, datetime], Sequence[Event]]


class Document:
    """A watch document of which only the part about quality is there."""

    def __init__(self, quality: WatchQuality | None) -> None:
        self.quality = quality


class Stations:
    """What a test does with them. Messages go through the writer of the service."""

    def __init__(self, database: Database, look: Look = look) -> None:
        self.connection: psycopg.Connection[Any] = database.connect()
        self.field = Field(self.connection)
        self.writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
        self.quality: WatchQuality | None = None
        self._look = look

    def document_of(self, _project_id: int, /) -> Document:
        """The rules, as the quality watch asks for them."""
        return Document(self.quality)

    def expect(self, **body: object) -> None:
        """From now on the document says this."""
        self.quality = WatchQuality.model_validate({"series": [body]} if body else {})

    def arrive(self, device: int, quantity: str, values: Mapping[datetime, float]) -> None:
        """One message of one reading for each of the times, all in one batch."""
        batch = [
            message(
                (us(at), value, device, BY_CODE[quantity].id, 0, None),
                at_us=us(at), device_id=device, project_id=self.field.project_id,
            )
            for at, value in values.items()
        ]  # fmt: skip
        if batch:
            self.writer.write(batch)

    def look(self, now: datetime) -> list[Event]:
        """What runs in the background, as of `now`: the sums are closed, then quality is looked at until it is done."""
        rollup.keep(self.connection, now=now)
        events: list[Event] = []
        for step in range(200):
            with self.connection.transaction():
                events += self._look(self.connection, self, now + step * timedelta(seconds=61))
            row = self.connection.execute(
                "select p.done_until >= least(s.materialised_until, %s - interval '2 hours')"
                " and not exists (select from watch_touched where watcher = 'quality')"
                " from watch_progress p, rollup_state s where p.name = 'quality'",
                (now,),
            ).fetchone()
            if row and row[0]:
                return events
        raise AssertionError("the quality watch does not come to an end")

    def flags(self, device: int, quantity: str) -> list[Flag]:
        """The flags of a series, by time and test."""
        rows = self.connection.execute(
            "select test, starts, ends, readings, grade, detail from watch_flag"
            " where (device_id, quantity_id, channel) = (%s, %s, 0) order by starts, test",
            Series(device, BY_CODE[quantity].id, 0)[:2],
        ).fetchall()
        return [Flag(QualityTest(test), *rest) for test, *rest in rows]

    def ask(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of any query."""
        return self.connection.execute(query.encode(), values).fetchall()


def series(starts: datetime, values: Iterable[float], minutes: int = 10) -> dict[datetime, float]:
    """Values at even times."""
    return {starts + number * timedelta(minutes=minutes): value for number, value in enumerate(values)}


@pytest.fixture
def stations(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stations]:
    monkeypatch.setattr(progress, "STEP", timedelta(days=2))
    made = Stations(database)
    yield made
    made.writer.close()
