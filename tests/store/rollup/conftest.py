"""A database whose rollups a test may close at any time: two devices of a project, written to by the real writer."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from ingest.store.rollup import rollup
from tests.figures.field import Field
from tests.fixtures.database import Database
from tests.store.rollup.reference import Key, Reading, Sums
from tests.store.rows import message

COLUMNS = (
    "device_id, quantity_id, count, minimum, maximum, total, first, last, increase, implausible,"
    " provisional, direction, east, north, durations"
)
TABLES = (
    "reading_packed, uplink_packed, rollup_hour, rollup_day, uplink_hour, uplink_day, rollup_usage_day, rollup_due,"
    " rollup_late, rollup_series, rollup_state, last_uplink, last_reading, tally, delivery"
)


class Rollups:
    """What a test does with them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.connection: psycopg.Connection[Any] = database.connect()
        self.field = Field(self.connection)
        self.devices = (self.field.device("a", interval_s=600), self.field.device("b", interval_s=3600))
        self.interval_s = dict(zip(self.devices, (600, 3600), strict=True))
        self.writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")

    def empty(self) -> None:
        """As after the migration, but for the registry."""
        self.connection.execute(f"truncate {TABLES}".encode())
        self.connection.execute("insert into rollup_state default values")

    def write(self, readings: Iterable[Reading]) -> None:
        """Through the writer of the service, one message each, all in one batch."""
        batch = [
            message((us(r.time), r.value, r.device, r.quantity, 0, None), at_us=us(r.time), device_id=r.device)
            for r in readings
        ]
        if batch:
            self.writer.write(batch)

    def keep(self, now: datetime) -> rollup.Kept:
        """What the housekeeping does, as of `now`."""
        return rollup.keep(self.connection, now=now)

    def hourly(self) -> dict[Key, Sums]:
        """Every row of rollup_hourly."""
        return self._rows("hour", "rollup_hourly")

    def daily(self) -> dict[Key, Sums]:
        """Every row of rollup_daily."""
        return self._rows("day", "rollup_daily")

    def _rows(self, bucket: str, view: str) -> dict[Key, Sums]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(f"select {bucket} as bucket, {COLUMNS} from {view}".encode()).fetchall()
        found = {(row.pop("bucket"), row.pop("device_id"), row.pop("quantity_id")): row for row in rows}
        assert len(found) == len(rows)  # no hour twice
        return found

    def due(self) -> int:
        """Units that wait to be computed."""
        return rollup.standing(self.connection).due_units

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of any query."""
        return self.connection.execute(query.encode()).fetchall()


def us(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond


@pytest.fixture
def rollups(database: Database) -> Iterator[Rollups]:
    made = Rollups(database)
    yield made
    made.writer.close()
