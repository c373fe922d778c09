"""Charts and the map as values: round axes, Japanese days, gaps that stay gaps."""

from datetime import UTC, datetime, timedelta
from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.figures.model import Latest, Point
from ingest.web.chart.columns import sparkline
from ingest.web.chart.draw import draw
from ingest.web.chart.frame import SIZE, Chart, Window
from ingest.web.chart.map import HEIGHT, WIDTH, Place, sheet
from ingest.web.chart.scale import ticks, time_ticks
from ingest.web.text import Language
from ingest.web.text.writer import Writer
from schemas.quantity import BY_CODE

END = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
DAY = Window(END - timedelta(hours=24), END)
WRITER = Writer(Language.JA, END)


def chart_of(code: str, values: dict[int, float | None], spread: float = 0.0, interval_s: int = 600) -> Chart:
    """The chart of a day of values, by minutes since its beginning."""
    points = [
        Point(
            channel=0,
            time=DAY.start + timedelta(minutes=minute),
            value=value,
            low=None if value is None else value - spread,
            high=None if value is None else value + spread,
            samples=1,
            flagged=0,
            total=value,
        )
        for minute, value in values.items()
    ]
    return draw(BY_CODE[code], points, DAY, interval_s, WRITER)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_ticks_enclose_what_they_measure_and_are_few(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    steps = ticks(low, high)
    tolerance = 1e-6 * max(1.0, abs(low), abs(high))
    assert steps[0] <= low + tolerance
    assert steps[-1] >= high - tolerance
    assert 2 <= len(steps) <= 8
    assert steps == sorted(steps)


def test_the_day_begins_at_midnight_in_japan() -> None:
    marks = time_ticks(*DAY)
    assert [mark.label for mark in marks] == [
        "09:00",
        "12:00",
        "15:00",
        "18:00",
        "21:00",
        "11/24",
        "03:00",
        "06:00",
        "09:00",
    ]
    assert [mark.label for mark in marks if mark.day] == ["11/24"]


@pytest.mark.parametrize("hours", [1, 6, 24, 24 * 7, 24 * 30, 24 * 400])
def test_a_time_axis_of_any_length_has_a_handful_of_labels(hours: int) -> None:
    assert 3 <= len(time_ticks(END - timedelta(hours=hours), END)) <= 10


def test_a_line_is_interrupted_where_the_device_was_silent() -> None:
    steady = chart_of("air_temperature", {minute: 10.0 + minute / 100 for minute in range(0, 1440, 10)})
    broken = chart_of("air_temperature", {minute: 10.0 for minute in range(0, 1440, 10) if not 300 < minute < 500})
    assert (steady.line.count("M"), len(steady.gaps)) == (1, 0)
    assert (broken.line.count("M"), len(broken.gaps)) == (2, 1)
    assert broken.gaps[0].x == pytest.approx(SIZE * 300 / 1440, abs=1)


def test_a_reading_all_by_itself_is_still_drawn() -> None:
    lonely = chart_of("river_level", {700: 1.25})
    x, y = lonely.spots[0][:2]
    assert lonely.line == f"M{x} {y}L{x} {y}"
    assert lonely.spots[0].what == "1.25 m"


def test_the_band_reaches_from_the_least_to_the_greatest() -> None:
    chart = chart_of("air_temperature", {0: 10.0, 10: 12.0}, spread=3.0)
    assert chart.band.startswith("M")
    assert chart.band.endswith("Z")
    assert chart.spots[0].what == "10 ℃ (7〜13)"


def test_a_value_that_hardly_moves_is_not_blown_up_to_a_storm() -> None:
    chart = chart_of("battery_voltage", {0: 3.600, 10: 3.601})
    assert abs(chart.spots[0].y - chart.spots[1].y) < 20


def test_a_direction_is_dots_between_north_and_north_and_cancelled_winds_are_left_out() -> None:
    chart = chart_of("wind_direction", {0: 359.0, 10: 1.0, 20: None})
    assert [mark.label for mark in chart.y_marks] == ["北", "東", "南", "西", "北"]
    assert chart.line == ""
    assert chart.dots.count("M") == len(chart.spots) == 2


def test_a_state_has_a_lane_of_its_own_and_holds_until_it_changes_or_the_device_falls_silent() -> None:
    chart = chart_of("gate_state", {0: 0.0, 10: 0.0, 20: 1.0, 30: 1.0})
    assert [mark.label for mark in chart.y_marks] == ["閉", "開"]
    closed, opened = chart.bars
    assert closed.width == pytest.approx(SIZE * 20 / 1440, abs=0.2)
    assert opened.y > closed.y
    assert opened.x + opened.width < SIZE * 80 / 1440


def test_counted_things_stand_on_nought_with_whole_numbers_beside_them() -> None:
    chart = chart_of("animal_count", {0: 0.0, 10: 1.0})
    assert [mark.label for mark in chart.y_marks] == ["0", "1"]
    assert [bar.height for bar in chart.bars] == [0.0, float(SIZE)]


def test_a_sparkline_of_nothing_is_flat_and_empty_ones_do_not_fail() -> None:
    assert sparkline([]) == []
    assert [bar.height for bar in sparkline([0, 0])] == [0.0, 0.0]
    assert [bar.height for bar in sparkline([5, 10])] == [500.0, 1000.0]


def test_a_map_of_no_places_is_no_map() -> None:
    assert sheet([]) is None


@given(st.lists(st.builds(Place, st.floats(24, 46), st.floats(123, 146)), min_size=1, max_size=20))
def test_every_place_lies_on_the_sheet_inside_its_margin(places: list[Place]) -> None:
    drawn = sheet(places)
    assert drawn is not None
    for place in places:
        x, y = drawn.at(place)
        assert 0.09 * WIDTH <= x <= 0.91 * WIDTH
        assert 0.09 * HEIGHT <= y <= 0.91 * HEIGHT
    assert 5 <= drawn.scale_percent <= 21
    assert drawn.meridians


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    here, there = Place(35.00, 138.00), Place(35.01, 138.02)
    drawn = sheet([here, there])
    assert drawn is not None
    (x1, y1), (x2, y2) = drawn.at(here), drawn.at(there)
    metres = hypot(0.01 * 111_195, 0.02 * 111_195 * cos(radians(35.005)))
    bar_m = float(drawn.scale_label.removesuffix(" m"))
    units = drawn.scale_percent / 100 * WIDTH
    assert hypot(x2 - x1, y2 - y1) / metres == pytest.approx(units / bar_m, rel=0.005)
    assert y2 < y1
    assert x2 > x1


def latest_of(code: str, at: datetime, value: float, quality: int | None = None) -> Latest:
    named = BY_CODE[code]
    return Latest(
        1, "p", "d", "d", code, 0, named.label_ja, named.label_en, named.unit, named.unit_ja, named.kind.value,
        at, value, None, quality, [],
    )  # fmt: skip


def level_chart(low: float, mean: float, high: float, stages: list[tuple[float, str]]) -> Chart:
    """A bucket whose mean is 1.75 m though 2.4 m was reached, and the last value within it."""
    point = Point(0, DAY.start + timedelta(hours=20), mean, low, high, samples=6, flagged=0)
    latest = latest_of("river_level", DAY.start + timedelta(hours=20, minutes=5), high)
    return draw(BY_CODE["river_level"], [point], DAY, 600, WRITER, stages, latest)


def place_of(chart: Chart, value: float) -> float:
    """Where a value lies, in units from the top."""
    low, high = (float(chart.y_marks[end].label) for end in (0, -1))
    return round(SIZE * (high - value) / (high - low), 1)


def test_the_greatest_value_of_a_bucket_by_itself_is_drawn_up_to_the_stage_it_reached() -> None:
    chart = level_chart(1.1, 1.75, 2.4, [(2.4, "氾濫危険水位")])
    assert f" {place_of(chart, 2.4)}" in chart.band
    assert f" {place_of(chart, 1.1)}" in chart.band
    assert [stage.label for stage in chart.stages] == ["氾濫危険水位"]


def test_the_last_value_is_a_point_of_its_own_at_its_own_time() -> None:
    chart = level_chart(1.1, 1.75, 2.4, [])
    assert chart.last == f"M{round(SIZE * (20 + 1 / 12) / 24, 1)} {place_of(chart, 2.4)}h.1"
    assert chart.spots[-1].what == "最新 2.4 m"


def test_a_last_value_with_a_remark_says_so_and_one_outside_the_window_is_not_drawn() -> None:
    point = Point(0, DAY.end - timedelta(minutes=10), 1.0, 1.0, 1.0, samples=1, flagged=1)
    flagged = latest_of("river_level", DAY.end - timedelta(minutes=5), 6.2, quality=1)
    assert "範囲外の値" in draw(BY_CODE["river_level"], [point], DAY, 600, WRITER, latest=flagged).spots[-1].what
    old = latest_of("river_level", DAY.start - timedelta(minutes=5), 6.2)
    assert draw(BY_CODE["river_level"], [point], DAY, 600, WRITER, latest=old).last == ""


@pytest.mark.parametrize(
    ("stages", "seen"),
    [
        ([5.0, 9.0], [5.0]),
        ([0.2, 0.5, 1.5, 5.0, 9.0], [0.5, 1.5, 5.0]),
        ([0.2, 0.5], [0.5]),
    ],
)
def test_the_next_stage_is_in_sight_wherever_it_lies_and_so_is_the_one_below(
    stages: list[float], seen: list[float]
) -> None:
    chart = level_chart(1.1, 1.75, 2.4, [(stage, f"{stage:g}") for stage in stages])
    assert [float(stage.label) for stage in chart.stages if stage.label in {f"{value:g}" for value in seen}] == seen
    assert all(0 <= stage.percent <= 100 for stage in chart.stages)


def test_a_state_that_was_left_again_within_a_bucket_is_drawn_and_named() -> None:
    shut = Point(0, DAY.start + timedelta(hours=3), 0.0, 0.0, 1.0, samples=18, flagged=1)
    chart = draw(BY_CODE["gate_state"], [shut], DAY, 600, WRITER)
    assert [mark.label for mark in chart.y_marks] == ["閉", "開"]
    assert len({bar.y for bar in chart.bars}) == 2
    assert chart.spots[0].what == "閉 [備考あり] (区間内に 開)"
    assert chart.flagged.count("M") == 1


def test_a_column_of_rain_or_of_animals_is_what_the_bucket_comes_to() -> None:
    for code, text in (("rain_amount", "3 mm"), ("animal_count", "3 頭")):
        point = Point(0, DAY.start, 0.5, 0.5, 0.5, samples=6, flagged=0, total=3.0)
        chart = draw(BY_CODE[code], [point], DAY, 600, WRITER)
        assert chart.bars[0].height == pytest.approx(SIZE * 3 / float(chart.y_marks[-1].label))
        assert chart.spots[0].what == text
