"""A tilt meter that has sent nothing yet, of one axis or two, is one rule, and a crossing is told once."""

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
- code: tilt
  hazard: slope
  devices: [g-0]
  measure: {kind: tilt_rate, hours: 1}
  stages:
  - {rank: 1, name: 市設定基準1, value: 0.5}
  - {rank: 2, name: 市設定基準2, value: 1.0}
channels:
- {code: hook, kind: webhook, url: "https://hook.example.jp/a"}
notify:
- {to: [hook], min_rank: 1}
"""
TILTED = [2.0] * 7 + [2.6, 3.2, 3.2]
"""Its first readings ever, ten minutes apart; the last is of now. Both axes say the same."""
WANTED = [(70, 0, 1), (80, 1, 2)]
X, Y = "slope_tilt_x", "slope_tilt_y"
SENDS = [(X,), (Y,), (X, Y)]


class TiltMeter(Undecided):
    """A tilt meter. Its last reading is of now."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, DOCUMENT, minutes_ago=90)

    def tilted(self, sends: tuple[str, ...]) -> list[list[ReadingRow]]:
        """Its messages."""
        return [self.rows(10 * place, dict.fromkeys(sends, value)) for place, value in enumerate(TILTED)]


@pytest.fixture
def meter(any_database: Database) -> Iterator[TiltMeter]:
    meter = TiltMeter(any_database)
    yield meter
    meter.close()


@pytest.mark.parametrize("sends", SENDS)
@pytest.mark.parametrize("die", [False, True])
def test_a_crossing_of_its_first_hours_is_told_once(meter: TiltMeter, sends: tuple[str, ...], *, die: bool) -> None:
    """Whatever it sends, also if the watcher dies between, and when it is known what it sends."""
    for rows in meter.tilted(sends):
        meter.store(*rows)
        if die:
            meter.reborn()
        meter.watch()
    assert meter.chronology() == WANTED
    assert meter.incident() == [(2, True)]
    told = meter.told()
    meter.sums_are_told(sends)
    meter.reborn()
    meter.watch()
    assert meter.chronology() == WANTED
    assert meter.incident() == [(2, True)]
    assert meter.told() == told
    assert told == [(1, "rise"), (2, "rise")]


@pytest.mark.parametrize("sends", SENDS)
def test_a_stage_is_left_whatever_it_sends(meter: TiltMeter, sends: tuple[str, ...]) -> None:
    for minute, value in ((-40, 2.0), (20, 3.2), (80, 3.2), (90, 3.2)):
        meter.store(*meter.rows(minute, dict.fromkeys(sends, value)))
        meter.watch()
    assert meter.chronology() == [(20, 0, 2), (80, 2, 0)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sends", SENDS)
def test_in_whatever_order_its_readings_come_the_chronology_is_the_same(
    meter: TiltMeter, seed: int, sends: tuple[str, ...]
) -> None:
    """Both axes of one time may come in two batches. The watcher dies."""
    chance = random.Random(seed)
    readings = [row for rows in meter.tilted(sends) for row in rows]
    chance.shuffle(readings)
    while readings:
        meter.store(*(readings.pop() for _ in range(min(chance.randint(1, 3), len(readings)))))
        if chance.random() < 0.7:
            meter.watch()
        if chance.random() < 0.3:
            meter.reborn()
        if chance.random() < 0.2:
            meter.sums_are_told(sends)
    meter.watch()
    assert meter.chronology() == WANTED
    assert meter.incident()[-1] == (2, True)


@pytest.mark.parametrize("sends", SENDS)
def test_a_replay_finds_what_was_recorded(meter: TiltMeter, sends: tuple[str, ...]) -> None:
    for rows in meter.tilted(sends):
        meter.store(*rows)
        meter.watch()
    meter.sums_are_told(sends)
    with meter.database.connect() as connection:
        found = replay(connection, meter.began, meter.began + timedelta(hours=2))
    assert [(each.verdict, each.rank) for each in found.crossings] == [("same", 1), ("same", 2)]


@pytest.mark.parametrize("sends", SENDS)
def test_its_events_are_about_what_it_sends(meter: TiltMeter, sends: tuple[str, ...]) -> None:
    for rows in meter.tilted(sends):
        meter.store(*rows)
    meter.watch()
    shown = meter.connection.execute("select distinct quantity, silent from figure_watch_now").fetchall()
    assert shown == [(sends[0], False)]
