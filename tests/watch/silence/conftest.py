"""A field whose silence is watched, in a transaction that is taken back. `now` is that of the transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from ingest.store.database import Database as Connection
from ingest.watch.engine.keep import keep_events
from ingest.watch.model import Event, StoredEvent
from ingest.watch.rules import Rules
from ingest.watch.silence.look import look
from schemas.watch import WatchDocument
from tests.figures.field import Field
from tests.fixtures.database import FIRST, Database, Servers, fresh_database


def tell_nobody(_connection: Connection, _stored: Sequence[StoredEvent], _now: datetime) -> None:
    """Queue nothing."""


class Watched(NamedTuple):
    """A field, the moment at which it is looked at, and its document."""

    field: Field
    now: datetime
    document: dict[str, Any]

    def ago(self, minutes: float) -> datetime:
        """A moment before now."""
        return self.now - timedelta(minutes=minutes)

    def rules(self) -> Rules:
        """Rules with the document of the project, if it says anything."""
        if not self.document:
            return Rules()
        document = WatchDocument.model_validate({"project": "tea", "silence": self.document})
        return Rules(documents={self.field.project_id: document})

    def look(self) -> list[Event]:
        """What is new by one look; it is kept, as the engine does."""
        events = [*look(self.field.connection, self.rules(), self.now)]
        keep_events(self.field.connection, events, self.now, queue=tell_nobody)
        return events

    def open(self) -> dict[str, int]:
        """The open incidents by subject, with their ranks."""
        rows = self.field.connection.execute("select subject, rank from watch_incident where closed_at is null")
        return dict(rows.fetchall())

    def heard(self, device: int, minutes: float, **more: Any) -> None:
        """The device spoke so many minutes ago."""
        self.field.uplink(device, self.ago(minutes), **more)

    def run(self, query: str, *values: object) -> None:
        """Change something in the database."""
        self.field.connection.execute(query.encode(), values)


@pytest.fixture(scope="session")
def watch_database(servers: Servers) -> Iterator[Database]:
    fresh = fresh_database(servers.get(FIRST))
    yield fresh
    fresh.drop()


@pytest.fixture
def watched(watch_database: Database) -> Iterator[Watched]:
    connection = watch_database.connect(autocommit=False)
    row = connection.execute("select now()").fetchone()
    assert row is not None
    yield Watched(Field(connection), row[0], {})
    connection.rollback()
    watch_database.close()
