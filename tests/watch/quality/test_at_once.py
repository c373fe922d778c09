"""A look at many series at once writes what looks at one after the other would write, whatever arrives when."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import psycopg
import pytest

from ingest.watch.progress import database as progress
from ingest.watch.quality import keep
from ingest.watch.quality.checks import Reading
from ingest.watch.quality.database import series as database_of_series
from ingest.watch.quality.defaults import expect
from ingest.watch.quality.flags import Flag, days_of, judge_moments, judge_stuck
from schemas.quantity import BY_CODE
from schemas.watch_quality import QualitySeries, QualityTest, WatchQuality
from tests.figures.field import jst
from tests.fixtures.database import Database
from tests.store.rollup.conftest import us
from tests.store.rows import message
from tests.watch.quality.conftest import Stations
from tests.watch.quality.one_by_one import look_one_by_one

START = jst(2026, 6, 1)
MINUTE = timedelta(minutes=1)
DAYS, DEVICES, CHANNELS = 4, 5, 2
TEMPERATURE: dict[str, Any] = {
    "quantity": "air_temperature", "spike": [1, 3], "rate_per_h": [20, 60], "stuck_h": [3, 8],
    "range": {"06-02..06-03": [-5, 0, 6, 9]},
}  # fmt: skip
DRIFT: dict[str, Any] = {
    "quantity": "air_temperature", "devices": ["t-1", "t-2"], "neighbours": ["t-3", "t-4", "t-0"], "drift": [0.3, 0.6],
    "drift_days": 2,
}  # fmt: skip
DOCUMENT = WatchQuality(series=tuple(QualitySeries.model_validate(each) for each in (TEMPERATURE, DRIFT)))
FLAGS = "select device_id, quantity_id, channel, test, starts, ends, readings, grade, detail from watch_flag"
TOLD = {
    "sums": "select distinct device_id, hour from rollup_due",
    "stages": "select device_id, quantity_id, starts, ends from watch_note where quantity_id is not null",
}
Values = Mapping[tuple[int, int, datetime], float]
"""By device, channel and time."""


class Side:
    """The stations of one database, and one way to look at them."""

    def __init__(self, stations: Stations) -> None:
        self.stations = stations
        self.devices = [stations.field.device(f"t-{number}", interval_s=600) for number in range(DEVICES)]
        self.quantity = BY_CODE["air_temperature"].id
        stations.connection.execute(
            "insert into watch_selected select device_id, %s from device where code in ('t-1', 't-3')", (self.quantity,)
        )

    def arrive(self, values: Values) -> None:
        """Readings, each in a message of its own."""
        batch = [
            message(
                (us(at), value, self.devices[device], self.quantity, channel, None), at_us=us(at),
                device_id=self.devices[device], project_id=self.stations.field.project_id,
            )
            for (device, channel, at), value in values.items()
        ]  # fmt: skip
        if batch:
            self.stations.writer.write(batch)

    def annul(self, device: int, starts: datetime, ends: datetime) -> None:
        """As the command does it."""
        for query in (
            "insert into correction (device_id, kind, starts, ends, who, why) values (%s, 'annul', %s, %s, 'x', 'x')",
            "select rollup_touch(%s, %s, %s)",
        ):
            self.stations.connection.execute(query, (self.devices[device], starts, ends))

    def turn(self, turn: "Turn") -> list[tuple[Any, ...]]:
        """Let happen what happens, and look; the events."""
        self.stations.quality = turn.document
        self.arrive(turn.arrives)
        if turn.gone is not None:
            device, starts = turn.gone
            self.annul(device, starts, starts + 200 * MINUTE)
        return [(each.subject, each.at, each.rank) for each in self.stations.look(turn.now)]

    def stored(self) -> dict[str, list[tuple[Any, ...]]]:
        """The flags, and all that was told of them."""
        return {
            name: sorted(self.stations.ask(query), key=lambda row: tuple(map(str, row)))
            for name, query in {"flags": FLAGS, **TOLD}.items()
        }


def made(chance: Random) -> dict[tuple[int, int, datetime], float]:
    """Noise with flat stretches, of every series."""
    values: dict[tuple[int, int, datetime], float] = {}
    for device in range(DEVICES):
        for channel in range(CHANNELS if device < 2 else 1):
            height, minute = 0.0, chance.randrange(30)
            while minute < DAYS * 1440:
                length = chance.choice([1, 1, 1, 40])
                height = chance.choice([1.0, 1.2, 1.4, 1.6, 5.0, 9.5])
                for _ in range(length):
                    minute += chance.choice([5, 10, 10, 10, 30, 200])
                    values[device, channel, START + minute * MINUTE] = height
    return values


def naive(values: Values, device: int, channel: int) -> list[tuple[str, Flag]]:
    """All flags but those of drift, of all readings of a series at once."""
    found = sorted((at, value) for (own, its, at), value in values.items() if (own, its) == (device, channel))
    readings = [Reading(at, value) for at, value in found]
    expected = expect("air_temperature", DOCUMENT.series[:1])
    days = days_of(readings[0].at, readings[-1].at + MINUTE)
    flags = judge_moments(readings, expected, *days) + judge_stuck(readings, expected, *days)
    return sorted(((flag.test.value, flag) for flag in flags), key=lambda each: (each[0], each[1].starts))


@dataclass
class Turn:
    """What happens before a look."""

    now: datetime
    document: WatchQuality
    arrives: dict[tuple[int, int, datetime], float] = field(default_factory=dict)
    gone: tuple[int, datetime] | None = None


def turns_of(chance: Random, values: Values, *, changes: bool) -> list[Turn]:
    """Readings arrive in any order, late and twice. `changes`: some are annulled, and the document changes."""
    turns = [Turn(START + timedelta(hours=hours), DOCUMENT) for hours in (0, 5, 26, 27, 60, 90, 150)]
    for key, value in values.items():
        possible = [turn for turn in turns if turn.now > key[2]]
        for _ in range(chance.choice([1, 1, 2])):
            turn = possible[0] if chance.random() < 0.7 else chance.choice(possible)
            turn.arrives[key] = value
    if changes:
        turns[4].document = DOCUMENT.model_copy(update={"series": DOCUMENT.series[:1], "untrusted_h": 3})
        for turn in turns[4:]:
            turn.gone = chance.randrange(DEVICES), START + chance.randrange(5000) * MINUTE
    return turns


@pytest.fixture
def sides(new_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Side, Side]]:
    monkeypatch.setattr(progress, "STEP", timedelta(days=2))
    monkeypatch.setattr(progress, "AT_ONCE", 7)
    # Small, so that one look takes several of each.
    monkeypatch.setattr(keep, "PIECES_AT_ONCE", 3)
    monkeypatch.setattr(database_of_series, "ROWS_AT_ONCE", 50)
    made = Side(Stations(new_database())), Side(Stations(new_database(), look_one_by_one))
    yield made
    for side in made:
        side.stations.writer.close()


@pytest.mark.parametrize("seed", range(4))
def test_a_look_writes_what_looks_at_one_series_after_the_other_would_write(
    sides: tuple[Side, Side], seed: int
) -> None:
    chance = Random(seed)
    values = made(chance)
    for turn in turns_of(chance, values, changes=seed % 2 == 0):
        at_once, one_by_one = (side.turn(turn) for side in sides)
        assert at_once == one_by_one, turn.now
        stored, wanted = (side.stored() for side in sides)
        for name in wanted:
            assert stored[name] == wanted[name], (name, turn.now)
    assert {flag[3] for flag in sides[0].stored()["flags"]} == {each.value for each in QualityTest}


@pytest.mark.parametrize("seed", [7, 8])
def test_the_flags_of_all_series_do_not_depend_on_when_readings_arrive_or_how_often(
    sides: tuple[Side, Side], seed: int
) -> None:
    chance = Random(seed)
    values = made(chance)
    for turn in turns_of(chance, values, changes=False):
        sides[0].turn(turn)
    flags = sides[0].stored()["flags"]
    for device, number in enumerate(sides[0].devices):
        for channel in {its for own, its, _ in values if own == device}:
            kept = [
                (each[3], Flag(QualityTest(each[3]), *each[4:]))
                for each in flags
                if (each[0], each[2]) == (number, channel) and each[3] != "drift"
            ]
            assert kept == naive(values, device, channel)


def test_any_number_of_series_takes_the_same_few_statements(
    new_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = [0]
    for kind in (psycopg.Cursor, psycopg.ServerCursor):
        execute = kind.execute

        def count(cursor: Any, *values: Any, execute: Any = execute, **more: Any) -> Any:
            counted[-1] += 1
            return execute(cursor, *values, **more)

        monkeypatch.setattr(kind, "execute", count)
    looks = []
    for devices in (1, 40):
        stations = Stations(new_database())
        numbers = [stations.field.device(f"t-{number}", interval_s=600) for number in range(devices)]
        stations.look(START)
        for number in numbers:
            values = {START + minute * MINUTE: 1.0 + 9 * (minute % 20 == 10) for minute in range(0, 100, 10)}
            stations.arrive(number, "river_level", values)
        counted.append(0)
        stations.look(START + timedelta(hours=2))
        assert stations.ask("select count(distinct device_id) from watch_flag") == [(devices,)]
        looks.append(counted[-1])
        stations.writer.close()
    assert looks[0] == looks[1]
