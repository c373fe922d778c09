"""A gauge with stages, a writer of its readings, and a watcher, for the tests of the engine."""

from datetime import datetime

from ingest.rows import ReadingRow
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from ingest.watch.engine.keep import queue_nothing
from ingest.watch.engine.turn import Turns
from schemas.japan import to_us
from tests.fixtures.database import Database
from tests.store.rows import message
from tests.watch.engine.river import LEVEL, T0, make_river

FLOOD = [(0, 0.5), (10, 1.2), (20, 2.5), (30, 2.4), (40, 1.97), (50, 0.5), (60, 3.1)]
CHRONOLOGY = [(10, 0, 1), (20, 1, 2), (50, 2, 0), (60, 0, 3)]

MINUTE_US = 60_000_000
WINDOW_US = 15 * MINUTE_US
PER = 10
"""Minutes from a reading to the next."""


class Gauge:
    """A gauge with stages at 1, 2 and 3 m, a writer of its readings, and a watcher that may be born again."""

    def __init__(self, database: Database, count: int = 1, began: datetime = T0) -> None:
        self.devices = make_river(database, count)
        self.device = self.devices[0]
        self.database = database
        self.began = began
        self.connection = database.connect()
        self._writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
        for device_id in self.devices:
            for rank in (1, 2, 3):
                self.stage(device_id, rank, float(rank))
        self.turns = self.reborn()

    def stage(self, device_id: int, rank: int, level: float) -> None:
        self.connection.execute(
            "insert into device_stage (device_id, quantity_id, channel, rank, name, name_en, level_m, official)"
            " values (%s, %s, 0, %s, %s, %s, %s, false)",
            (device_id, LEVEL, rank, f"基準{rank}", f"Stage {rank}", level),
        )

    def reborn(self) -> Turns:
        """Another watcher, which remembers nothing, as after a death."""
        self.turns = Turns(self.database.connect(), WINDOW_US, queue_nothing, rest=0)
        self.turns.follow_rules()
        return self.turns

    def row(self, minute: float, value: float, device: int | None = None) -> ReadingRow:
        device_id = self.device if device is None else device
        return to_us(self.began) + round(minute * MINUTE_US), value, device_id, LEVEL, 0, None

    def store(self, *rows: ReadingRow) -> None:
        """One batch: a message for each reading."""
        self._writer.write([message(row, at_us=row[0], device_id=row[2]) for row in rows])

    def send(self, *readings: tuple[float, float]) -> None:
        """One batch of one gauge: (minute, level)."""
        self.store(*(self.row(minute, value) for minute, value in readings))

    def watch(self) -> None:
        """Take turns until nothing is left to do."""
        while self.turns.take():
            pass

    def chronology(self, device: int | None = None) -> list[tuple[float, int, int]]:
        """(minute, rank before, rank) of what is not withdrawn."""
        rows = self.connection.execute(
            "select extract(epoch from at - %s)::float / 60, before_rank, rank from watch_event"
            " where withdrawn_at is null and device_id = %s order by at",
            (self.began, self.device if device is None else device),
        )
        return rows.fetchall()

    def origins(self) -> list[str]:
        """Of all events that are not withdrawn, by time."""
        return [
            row[0]
            for row in self.connection.execute("select origin from watch_event where withdrawn_at is null order by at")
        ]

    def withdrawn(self) -> list[str]:
        return [
            row[0]
            for row in self.connection.execute("select withdrawn_en from watch_event where withdrawn_at > '-infinity'")
        ]

    def incident(self) -> list[tuple[int, bool]]:
        """(rank, open) of each incident."""
        return self.connection.execute(
            "select rank, closed_at is null from watch_incident order by incident_id"
        ).fetchall()  # fmt: skip

    def close(self) -> None:
        self._writer.close()
