"""A rain gauge that has sent nothing yet is watched from its first reading on, and a crossing is told once."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from ingest.rows import ReadingRow
from ingest.watch.replay.replay import replay
from tests.fixtures.database import Database
from tests.watch.document.undecided import Undecided

DOCUMENT = """\
project: river
rules:
- code: rain
  hazard: rain
  devices: [g-0]
  measure: {kind: rain_1h}
  hysteresis: 1
  stages:
  - {rank: 1, name: 市設定基準1, value: 10}
  - {rank: 2, name: 市設定基準2, value: 20}
channels:
- {code: hook, kind: webhook, url: "https://hook.example.jp/a"}
notify:
- {to: [hook], min_rank: 1}
"""
FALLEN = [0.0, 2.0, 5.0, 8.0, 9.0, 3.0, 0.0]
"""Its first readings ever, ten minutes apart; the last is of now. Of the first one nobody knows since when it fell."""
WANTED = [(30, 0, 1), (40, 1, 2)]
SENDS = [("rain_total",), ("rain_amount",), ("rain_total", "rain_amount")]


class RainGauge(Undecided):
    """A gauge of rain. Its last reading is of now."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, DOCUMENT, minutes_ago=60)

    def fallen(self, sends: tuple[str, ...], *, from_: int = 0) -> list[list[ReadingRow]]:
        """Its messages. `from_`: the running total is sent from this one on."""
        messages, total = [], 812.0
        for place, mm in enumerate(FALLEN):
            total += mm
            values = {"rain_total": total, "rain_amount": mm}
            sent = {code: values[code] for code in sends if code == "rain_amount" or place >= from_}
            messages.append(self.rows(10 * place, sent))
        return messages


@pytest.fixture
def gauge(any_database: Database) -> Iterator[RainGauge]:
    gauge = RainGauge(any_database)
    yield gauge
    gauge.close()


@pytest.mark.parametrize("sends", SENDS)
@pytest.mark.parametrize("die", [False, True])
def test_a_crossing_of_its_first_hour_is_told_once(gauge: RainGauge, sends: tuple[str, ...], *, die: bool) -> None:
    """Whatever it sends, also if the watcher dies between, and when it is known what it sends."""
    for rows in gauge.fallen(sends):
        gauge.store(*rows)
        if die:
            gauge.reborn()
        gauge.watch()
    assert gauge.chronology() == WANTED
    assert gauge.incident() == [(2, True)]
    told = gauge.told()
    gauge.sums_are_told(sends)
    gauge.reborn()
    gauge.watch()
    assert gauge.chronology() == WANTED
    assert gauge.incident() == [(2, True)]
    assert gauge.told() == told
    assert len(told) == 1


@pytest.mark.parametrize("sends", SENDS)
def test_it_is_told_within_the_first_minutes(gauge: RainGauge, sends: tuple[str, ...]) -> None:
    """Two readings, and 12 mm fell between them."""
    at = {code: [value, value + 12.0] for code, value in (("rain_total", 812.0), ("rain_amount", 0.0))}
    for place, minute in enumerate((58, 60)):
        gauge.store(*gauge.rows(minute, {code: at[code][place] for code in sends}))
        gauge.watch()
    assert gauge.chronology() == [(60, 0, 1)]
    assert gauge.told() == [(1, "rise")]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("sends", SENDS)
def test_in_whatever_order_its_readings_come_the_chronology_is_the_same(
    gauge: RainGauge, seed: int, sends: tuple[str, ...]
) -> None:
    """Total and amount of one time may come in two batches; the total begins with any message. The watcher dies."""
    chance = random.Random(seed)
    readings = [row for rows in gauge.fallen(sends, from_=seed if len(sends) > 1 else 0) for row in rows]
    chance.shuffle(readings)
    while readings:
        gauge.store(*(readings.pop() for _ in range(min(chance.randint(1, 3), len(readings)))))
        if chance.random() < 0.7:
            gauge.watch()
        if chance.random() < 0.3:
            gauge.reborn()
        if chance.random() < 0.2:
            gauge.sums_are_told(sends)
    gauge.watch()
    assert gauge.chronology() == WANTED
    assert [open_ for _, open_ in gauge.incident()].count(True) == 1
    assert gauge.incident()[-1] == (2, True)


@pytest.mark.parametrize("sends", SENDS)
def test_a_replay_finds_what_was_recorded(gauge: RainGauge, sends: tuple[str, ...]) -> None:
    for rows in gauge.fallen(sends):
        gauge.store(*rows)
        gauge.watch()
    gauge.sums_are_told(sends)
    with gauge.database.connect() as connection:
        found = replay(connection, gauge.began, gauge.began + timedelta(hours=2))
    assert [(each.verdict, each.rank) for each in found.crossings] == [("same", 1), ("same", 2)]


@pytest.mark.parametrize("sends", SENDS)
def test_its_events_are_about_what_it_sends(gauge: RainGauge, sends: tuple[str, ...]) -> None:
    for rows in gauge.fallen(sends):
        gauge.store(*rows)
    gauge.watch()
    shown = gauge.connection.execute("select distinct quantity, silent from figure_watch_now").fetchall()
    assert shown == [(sends[0], False)]
