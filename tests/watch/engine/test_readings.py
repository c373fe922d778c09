"""Readings of many series in one question: what figure_sound has of each, series by series."""

from datetime import timedelta
from typing import Any

import pytest

from ingest.watch.engine.database import readings
from ingest.watch.engine.database.readings import Stretch, read_series, stream_series
from ingest.watch.stages.rule import Series
from schemas.japan import to_us
from schemas.quantity import BY_CODE
from schemas.reading import Quality
from tests.figures.field import Field, jst
from tests.fixtures.database import Database

DAY = jst(2026, 9, 12)
LEVEL = BY_CODE["river_level"].id
STEP = timedelta(minutes=10)
DEVICES, EACH = 60, 60


@pytest.fixture
def field(database: Database) -> Field:
    """Gauges of which some have remarks, failed readings, an annulled one, or another one's flag."""
    made = Field(database.connect())
    for number in range(DEVICES):
        device = made.device(f"g{number}", interval_s=600)
        for step in range(EACH):
            remark = Quality.RANGE if (number, step % 9) == (1, 0) else Quality.TIME_ABSENT if number == 2 else None
            made.reading(device, DAY + step * STEP, "river_level", number + step / 100, quality=remark)
        for day in range(-2, 10):  # of every gauge, as of a year
            flag(made, device, DAY + timedelta(days=day, minutes=95), DAY + timedelta(days=day, minutes=120), "spike")
        if number == 3:
            flag(made, device, DAY - STEP, DAY + 10 * STEP, "stuck")
            flag(made, device, DAY + 30 * STEP, DAY + 40 * STEP, "drift", grade=3)
    made.connection.execute(
        "insert into correction (device_id, kind, starts, ends, who, why)"
        " select device_id, 'annul', %s, %s, 'a', 'b' from device where code = 'g4'",
        (DAY, DAY + 5 * STEP),
    )
    made.connection.execute("analyze")
    return made


def flag(field: Field, device: int, starts: object, ends: object, test: str, *, grade: int = 4) -> None:
    field.connection.execute(
        "insert into watch_flag (device_id, quantity_id, channel, test, starts, ends, readings, grade)"
        " values (%s, %s, 0, %s, %s, %s, 1, %s)",
        (device, LEVEL, test, starts, ends, grade),
    )


def stretches(field: Field) -> list[Stretch]:
    """Of every gauge some hours, of one twice, of one that does not exist."""
    rows = field.connection.execute("select device_id from device order by device_id desc").fetchall()
    spans = [
        Stretch(Series(device, LEVEL, 0), DAY + number % 4 * STEP, DAY + (20 + number % 50) * STEP)
        for number, (device,) in enumerate(rows)
    ]
    return [*spans, spans[3]._replace(until=DAY + 7 * STEP), Stretch(Series(-1, LEVEL, 0), DAY, DAY + 50 * STEP)]


def by_the_view(field: Field, wanted: list[Stretch]) -> list[tuple[int, int, float]]:
    """One question to figure_sound for each stretch."""
    found = []
    for n, (series, since, until) in enumerate(wanted):
        rows = field.connection.execute(
            "select time, value from figure_sound where (device_id, quantity_id, channel) = (%s, %s, %s)"
            " and time >= %s and time < %s",
            (*series, since, until),
        )
        found += [(n, to_us(time), value) for time, value in rows]
    return found


def test_many_series_have_what_the_view_has_of_each(field: Field) -> None:
    wanted = stretches(field)
    expected = by_the_view(field, wanted)
    assert len(expected) > DEVICES * EACH / 2
    assert sorted(read_series(field.connection, wanted)) == sorted(expected)
    assert read_series(field.connection, []) == []


def test_streamed_they_come_one_stretch_after_the_other(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "FETCHED", 7)
    wanted = stretches(field)
    with field.connection.transaction():
        found = [*stream_series(field.connection, wanted)]
        assert [*stream_series(field.connection, [])] == []
    assert [n for n, _, _ in found] == sorted(n for n, _, _ in found)
    assert sorted(found) == sorted(by_the_view(field, wanted))


def plan_of(field: Field, query: str, values: dict[str, Any]) -> dict[str, Any]:
    row = field.connection.execute(f"explain (format json) {query}".encode(), values).fetchone()
    assert row is not None
    plan: dict[str, Any] = row[0][0]["Plan"]
    return plan


def test_the_server_goes_series_by_series(field: Field) -> None:
    """Left free it would join all series at once, and sort the whole table or hold each reading against every flag."""
    plan = plan_of(field, readings._READINGS, readings._asked(stretches(field)))
    outer, inner = plan["Plans"]
    assert (plan["Node Type"], outer["Node Type"], outer["Alias"]) == ("Nested Loop", "Function Scan", "wanted")
    assert "wanted.device_id" in str(inner)


def test_the_planner_knows_that_hardly_any_reading_has_a_remark(field: Field) -> None:
    """Else it reckons with one reading in 200, and takes ways that are right for a handful."""
    plan = plan_of(field, "select from figure_sound r where r.device_id > %(least)s", {"least": 0})
    assert plan["Plan Rows"] > DEVICES * EACH / 5
