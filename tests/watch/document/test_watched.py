"""A document that is applied is watched: rain, rise and both together, the same after every death of the watcher."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.access.authority import By
from ingest.rows import ReadingRow
from ingest.watch.document.read import read_text
from ingest.watch.document.versions import apply
from schemas.quantity import BY_CODE
from tests.fixtures.database import Database
from tests.watch.engine.gauge import Gauge

RULES = """\
project: river
rules:
- code: rise
  hazard: river
  devices: [g-0]
  quantity: river_level
  measure: {kind: rise, hours: 1}
  stages:
  - {rank: 1, name: 市設定基準1, value: 0.5}
  - rank: 2
    name: 市設定基準2
    value: 1.0
    with: {any: [{devices: [g-1], measure: {kind: rain_1h}, at_least: 20}]}
- code: rain
  hazard: rain
  devices: [g-1]
  measure: {kind: rain_1h}
  stages:
  - {rank: 1, name: 市設定基準1, value: 20}
- code: since
  hazard: rain
  devices: [g-1]
  measure: {kind: rain_cumulative, dry_hours: 2}
  stages:
  - {rank: 1, name: 市設定基準1, value: 25}
"""
RAIN = BY_CODE["rain_amount"].id
LEVELS = [0.0] * 20 + [0.3, 0.6, 1.2, 1.3, 1.3, 1.2, 1.2, 1.2, 1.2, 1.1] + [1.0] * 10
FALLEN = [0.0] * 18 + [2, 5, 8, 9, 3] + [0.0] * 17
WANTED = {
    "rise": [(210, 1), (220, 2), (260, 1), (280, 0)],
    "rain": [(210, 1), (260, 0)],
    "since": [(220, 1), (340, 0)],
}


class Valley:
    """A level and a rain gauge, ten minutes apart, under the rules above and no stages of the registry."""

    def __init__(self, database: Database) -> None:
        self.gauge = Gauge(database, count=2, began=datetime.now(UTC) - timedelta(days=20))
        self.connection = self.gauge.connection
        self.connection.execute("delete from device_stage")
        apply(self.connection, By.of_command("tanaka"), read_text("w.yaml", RULES.encode()))
        self.gauge.reborn()
        self.rows: list[ReadingRow] = []
        for place, (level, fallen) in enumerate(zip(LEVELS, FALLEN, strict=True)):
            self.rows.append(self.gauge.row(10 * place, level))
            time_us, _, device_id, _, *rest = self.gauge.row(10 * place, fallen, self.gauge.devices[1])
            self.rows.append((time_us, fallen, device_id, RAIN, *rest))  # type: ignore[arg-type]

    def events(self) -> dict[str, list[tuple[int, int]]]:
        found: dict[str, list[tuple[int, int]]] = {}
        query = (
            "select rule, extract(epoch from at - %s)::integer / 60, rank from watch_event"
            " where withdrawn_at is null order by at"
        )
        for rule, minute, rank in self.connection.execute(query, (self.gauge.began,)).fetchall():
            found.setdefault(rule, []).append((minute, rank))
        return found


@pytest.fixture
def valley(any_database: Database) -> Iterator[Valley]:
    valley = Valley(any_database)
    yield valley
    valley.gauge.close()


def watch(valley: Valley, rows: list[ReadingRow], at_once: int, *, die: bool = False) -> dict[str, Any]:
    for first in range(0, len(rows), at_once):
        valley.gauge.store(*rows[first : first + at_once])
        if die:
            valley.gauge.reborn()
        valley.gauge.watch()
    return valley.events()


def test_rules_of_a_document_are_watched_as_readings_come(valley: Valley) -> None:
    assert watch(valley, valley.rows, 2) == WANTED
    row = valley.connection.execute("select distinct details ->> 'compared' from watch_event where rule = 'since'")
    assert row.fetchall() == [("rain_cumulative(dry_hours=2)",)]


def test_a_watcher_that_dies_before_each_batch_says_the_same(valley: Valley) -> None:
    assert watch(valley, valley.rows, 8, die=True) == WANTED


def test_readings_in_any_order_say_the_same_in_the_end(valley: Valley) -> None:
    rows = [*valley.rows]
    random.Random(7).shuffle(rows)
    assert watch(valley, rows, 10) == WANTED
