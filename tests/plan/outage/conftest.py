"""A valley whose messages a test may let arrive in any order, and whose outages it may find at any moment."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import psycopg
import pytest

from ingest.plan.outage.find import Found, find_outages
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from ingest.store.rollup import rollup
from schemas.quantity import BY_CODE
from tests.figures.field import Field
from tests.fixtures.database import Database
from tests.store.rollup.conftest import us
from tests.store.rows import message

STORED = (
    "reading_packed, uplink_packed, rollup_hour, rollup_day, uplink_hour, uplink_day, rollup_usage_day, rollup_due,"
    " rollup_late, rollup_series, last_uplink, last_reading, tally, delivery, outage_due, gateway_event"
)


class Valley:
    """What a test does with it. Messages go through the writer of the service."""

    def __init__(self, database: Database) -> None:
        self.connection: psycopg.Connection[Any] = database.connect()
        self.field = Field(self.connection)
        self.writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")

    def arrive(self, device: int, times: Iterable[datetime], readings: Mapping[str, float] | None = None) -> None:
        """One message at each of the times, all in one batch. Without `readings`: an air temperature of 20 ℃."""
        stored = {"air_temperature": 20.0} if readings is None else readings
        batch = [
            message(
                *((us(at), value, device, BY_CODE[code].id, 0, None) for code, value in stored.items()),
                at_us=us(at),
                device_id=device,
                project_id=self.field.project_id,
            )
            for at in times
        ]
        if batch:
            self.writer.write(batch)

    def look(self, now: datetime) -> Found:
        """What the background jobs do, as of `now`: close the sums, then find outages."""
        rollup.keep(self.connection, now=now)
        return find_outages(self.connection, now)

    def outages(self) -> set[tuple[int, datetime, datetime | None]]:
        """Device, beginning and end of every outage of a device that is not withdrawn."""
        return set(
            self.connection.execute(
                "select device_id, starts, ends from outage where level = 'device' and withdrawn_at is null"
            ).fetchall()
        )

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of any query."""
        return self.connection.execute(query.encode(), values).fetchall()

    def empty(self) -> None:
        """As after the registry was made: nothing stored, nothing found."""
        self.connection.execute(f"truncate {STORED}".encode())
        self.connection.execute("set session_replication_role = replica")
        self.connection.execute("delete from outage_change")
        self.connection.execute("set session_replication_role = origin")
        self.connection.execute("delete from outage")
        self.connection.execute("update outage_state set seen_until = '-infinity', stops_seen = '-infinity'")
        self.connection.execute(
            "update rollup_state set materialised_until = '-infinity', closing_until = '-infinity',"
            " raw_from = '-infinity'"
        )


@pytest.fixture
def valley(database: Database) -> Iterator[Valley]:
    made = Valley(database)
    yield made
    made.writer.close()
