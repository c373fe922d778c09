"""A series thinned out to what a screen can show, on every tier."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from ingest.figures.device import series
from tests.figures.field import Field, jst

START = jst(2026, 11, 5)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def test_a_gauge_keeps_mean_and_extremes_of_each_bucket(field: Field) -> None:
    device = field.device("a")
    for minute, value in ((0, 10.0), (20, 20.0), (40, 60.0), (60, 5.0), (180, 7.0)):
        field.reading(device, START + minute * MINUTE, "air_temperature", value, quality=1 if minute == 40 else None)
    field.reading(device, START + 240 * MINUTE, "air_temperature", 99.0)  # the end does not belong to it
    points = series(field.connection, "tea", "a", "air_temperature", start=START, end=START + 4 * HOUR, points=4)
    assert [(point.time - START) / HOUR for point in points] == [0, 1, 3]  # the empty hour stays a gap
    first = points[0]
    assert (first.value, first.low, first.high, first.samples, first.flagged) == (30.0, 10.0, 60.0, 3, 1)


@pytest.mark.parametrize(
    ("values", "mean"),
    [((350.0, 10.0), 0.0), ((80.0, 100.0), 90.0), ((270.0, 300.0, 330.0), 300.0), ((0.0, 180.0), None)],
)
def test_a_direction_is_a_vector_mean(field: Field, values: tuple[float, ...], mean: float | None) -> None:
    device = field.device("a")
    for minute, value in enumerate(values):
        field.reading(device, START + minute * MINUTE, "wind_direction", value)
    (point,) = series(field.connection, "tea", "a", "wind_direction", start=START, end=START + HOUR, points=1)
    assert (point.low, point.high) == (None, None)
    if mean is None:
        assert point.value is None
    else:
        assert point.value is not None
        assert (point.value - mean + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("quantity", "total"), [("rain_amount", 1.5), ("animal_count", 1.5), ("rain_total", None), ("wind_direction", None)]
)
def test_a_bucket_adds_up_what_can_be_added(field: Field, quantity: str, total: float | None) -> None:
    device = field.device("a")
    for minute in (0, 10, 20):
        field.reading(device, START + minute * MINUTE, quantity, 0.5)
    (point,) = series(field.connection, "tea", "a", quantity, start=START, end=START + HOUR, points=1)
    assert point.total == total


@pytest.mark.parametrize("quantity", ["rain_total", "gate_state"])
def test_counters_and_states_keep_the_last_value(field: Field, quantity: str) -> None:
    device = field.device("a")
    for minute, value in ((0, 0.0), (30, 3.0), (45, 1.0)):
        field.reading(device, START + minute * MINUTE, quantity, value)
    (point,) = series(field.connection, "tea", "a", quantity, start=START, end=START + HOUR, points=1)
    assert (point.value, point.low, point.high) == (1.0, 0.0, 3.0)


def test_channels_stay_apart(field: Field) -> None:
    device = field.device("a")
    for channel in (1, 2):
        field.reading(device, START, "soil_moisture", 10.0 * channel, channel=channel)
    points = series(field.connection, "tea", "a", "soil_moisture", start=START, end=START + HOUR)
    assert [(point.channel, point.value) for point in points] == [(1, 10.0), (2, 20.0)]


@pytest.mark.parametrize(
    ("hours", "points", "step_s"),
    [(1, 400, 10), (24, 400, 300), (720, 400, 7200), (8760, 400, 86400), (87600, 400, 864000)],
)
def test_the_width_of_a_bucket_is_the_smallest_round_one(
    connection: Connection[Any], hours: int, points: int, step_s: int
) -> None:
    row = connection.execute("select figure_step_s(%s, %s, %s)", (START, START + hours * HOUR, points))
    assert row.fetchone() == (step_s,)
