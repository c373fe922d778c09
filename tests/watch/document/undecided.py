"""A device of which nobody knows what it sends, with somebody who is told."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ingest.access.authority import By
from ingest.rows import ReadingRow
from ingest.watch.delivery.queue import queue_deliveries
from ingest.watch.document.read import read_text
from ingest.watch.document.versions import apply
from ingest.watch.engine.turn import Turns
from schemas.quantity import BY_CODE
from tests.fixtures.database import Database
from tests.watch.engine.gauge import WINDOW_US, Gauge


class Undecided(Gauge):
    """The device g-0 with a document; its first reading ever is so many minutes ago."""

    def __init__(self, database: Database, document: str, minutes_ago: int) -> None:
        began = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=minutes_ago)
        super().__init__(database, began=began)
        self.connection.execute("delete from device_stage")
        apply(self.connection, By.of_command("tanaka"), read_text("w.yaml", document.encode()))
        self.reborn()
        self.watch()

    def reborn(self) -> Turns:
        self.turns = Turns(self.database.connect(), WINDOW_US, queue_deliveries, rest=0)
        self.turns.follow_rules()
        return self.turns

    def rows(self, minute: float, values: Mapping[str, float]) -> list[ReadingRow]:
        """A message: values by the code of the quantity."""
        time_us, _, device, _, channel, quality = self.row(minute, 0)
        return [(time_us, value, device, BY_CODE[code].id, channel, quality) for code, value in values.items()]

    def sums_are_told(self, sends: Sequence[str]) -> None:
        """The hour is over, and the sums of readings say what it sends."""
        for code in sends:
            self.connection.execute(
                "insert into last_reading (device_id, quantity_id, channel, time, value) values (%s, %s, 0, now(), 0)"
                " on conflict do nothing",
                (self.device, BY_CODE[code].id),
            )
        self.connection.execute("update registry_state set version = version + 1")
        assert self.turns.follow_rules()
        self.watch()

    def told(self) -> list[tuple[int, str]]:
        """Rank and effect of each message to the webhook."""
        return self.connection.execute(
            "select e.rank, d.effect from watch_delivery d join watch_event e using (event_id)"
            " where d.channel = 'hook' order by d.delivery_id"
        ).fetchall()
