"""Rivers, rain and warmth as a screen shows them, on every tier."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from psycopg.rows import dict_row

from tests.figures.field import Field

Row = dict[str, Any]


def now(field: Field) -> datetime:
    """The whole minute before now: what is shown of single devices lies within the last 35 days."""
    row = field.connection.execute("select date_trunc('minute', now())").fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


def ask(field: Field, query: str, *values: object) -> list[Row]:
    with field.connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), values).fetchall()


def levels(field: Field) -> list[Row]:
    return ask(field, "select * from figure_level(array['tea'], array['river_level'], %s)", now(field))


def test_a_river_has_its_level_its_rise_and_its_place_in_the_year(field: Field) -> None:
    gauge = field.device("river", interval_s=600)
    for minutes in range(0, 26 * 60, 10):
        field.reading(gauge, now(field) - timedelta(minutes=minutes), "river_level", 4 - minutes / 600)
    (row,) = levels(field)
    assert (row["value"], row["silent"], row["highest_24h"], row["age_s"]) == (4, False, 4, 0)
    assert row["rise_10min"] == pytest.approx(1 / 60)
    assert row["rise_1h"] == pytest.approx(0.1)
    assert row["rise_3h"] == pytest.approx(0.3)
    assert row["place_in_year"] == pytest.approx(100)


def test_a_gauge_that_fell_silent_keeps_its_last_level_and_says_so(field: Field) -> None:
    gauge = field.device("river", interval_s=600)
    field.reading(gauge, now(field) - timedelta(hours=30), "river_level", 1.5)
    (row,) = levels(field)
    assert (row["value"], row["silent"], row["rise_1h"], row["age_s"]) == (1.5, True, None, 108_000)


def test_a_rise_is_not_reckoned_over_a_gap(field: Field) -> None:
    gauge = field.device("river", interval_s=600)
    field.reading(gauge, now(field), "river_level", 2)
    field.reading(gauge, now(field) - timedelta(hours=5), "river_level", 1)
    (row,) = levels(field)
    assert (row["rise_10min"], row["rise_1h"], row["rise_3h"]) == (None, None, 1)


@pytest.mark.parametrize("quantity", ["rain_amount", "rain_total"])
def test_rain_is_summed_alike_from_amounts_and_from_a_running_total(field: Field, quantity: str) -> None:
    gauge = field.device("rain", interval_s=600)
    for number in range(27 * 6):
        value = 2.0 if quantity == "rain_amount" else 1000 - 2.0 * number
        field.reading(gauge, now(field) - timedelta(minutes=10 * number), quantity, value)
    (row,) = ask(field, "select * from figure_rain(array['tea'], %s)", now(field))
    assert (row["rain_10min"], row["rain_1h"], row["rain_3h"], row["rain_24h"]) == (2, 12, 36, 288)
    assert (row["word"], row["silent"]) == ("やや強い雨", False)
    hourly = ask(
        field, "select * from figure_rain_hourly(array['tea'], null, %s, %s)",
        now(field) - timedelta(hours=24), now(field) - timedelta(hours=1),
    )  # fmt: skip
    assert {row["rain"] for row in hourly[1:-1]} == {12}


def rain_of_both(
    field: Field, lost: tuple[int, ...] = (), unheard_totals: int = 0, interval_s: int = 600
) -> tuple[Row, list[Row]]:
    """A gauge that sends amount and running total, 2 mm every ten minutes; messages `lost` never came."""
    gauge = field.device("rain", interval_s=interval_s)
    for number in (number for number in range(27 * 6) if number not in lost):
        time = now(field) - timedelta(minutes=10 * number)
        field.reading(gauge, time, "rain_amount", 2.0)
        if number % 6 == 0 or not unheard_totals:
            field.reading(gauge, time, "rain_total", 1000 - 2.0 * number)
    (row,) = ask(field, "select * from figure_rain(array['tea'], %s)", now(field))
    hourly = ask(
        field, "select * from figure_rain_hourly(array['tea'], null, %s, %s)",
        now(field) - timedelta(hours=24), now(field) - timedelta(hours=1),
    )  # fmt: skip
    return row, hourly


def test_a_gauge_that_sends_amount_and_total_is_one_gauge_and_a_lost_message_takes_no_rain(field: Field) -> None:
    # Not the last of an hour: its rain is known to have fallen only in the next one.
    inside = next(n for n in range(40, 46) if 20 <= (now(field) - timedelta(minutes=10 * n)).minute < 30)
    row, hourly = rain_of_both(field, lost=(2, inside))
    assert (row["rain_10min"], row["rain_1h"], row["rain_24h"]) == (2, 12, 288)
    times = [point["time"] for point in hourly]
    assert len(times) == len(set(times))
    assert {point["rain"] for point in hourly[1:-1]} == {12}


def test_an_outage_takes_no_rain_from_a_gauge_that_sends_more_rarely_than_it_should(field: Field) -> None:
    row, _ = rain_of_both(field, lost=tuple(range(30, 42)), interval_s=60)
    assert row["rain_24h"] == 288


def test_a_total_that_comes_by_the_hour_leaves_ten_minutes_to_the_amount(field: Field) -> None:
    row, hourly = rain_of_both(field, unheard_totals=5)
    assert (row["rain_10min"], row["rain_1h"], row["rain_3h"], row["rain_24h"]) == (2, 12, 36, 288)
    assert {point["rain"] for point in hourly[1:-1]} == {12}


def test_a_gauge_that_reports_by_the_hour_says_nothing_about_ten_minutes(field: Field) -> None:
    gauge = field.device("rain", interval_s=3600)
    field.reading(gauge, now(field), "rain_amount", 55)
    (row,) = ask(field, "select * from figure_rain(array['tea'], %s)", now(field))
    assert (row["rain_10min"], row["rain_1h"], row["word"]) == (None, 55, "非常に激しい雨")


@pytest.mark.parametrize(
    ("rain_mm", "word"),
    [(None, None), (0, "なし"), (9.9, "雨"), (10, "やや強い雨"), (29.9, "強い雨"), (30, "激しい雨"), (80, "猛烈な雨")],
)
def test_rain_has_the_usual_words(field: Field, rain_mm: float | None, word: str | None) -> None:
    assert ask(field, "select figure_rain_word(%s) as word", rain_mm) == [{"word": word}]


def test_the_chronology_has_changes_and_hours_of_heavy_rain_in_their_order(field: Field) -> None:
    gate, gauge = field.device("gate", interval_s=600), field.device("rain", interval_s=600)
    hour = now(field).replace(minute=0) - timedelta(hours=5)
    for number, state in enumerate([0, 0, 1, 1, 0]):
        field.reading(gate, hour + timedelta(minutes=10 * number + 1), "gate_state", state)
    for number in range(6):
        field.reading(gauge, hour + timedelta(minutes=10 * number), "rain_amount", 4)
    field.reading(gauge, hour + timedelta(hours=1), "rain_amount", 9)
    rows = ask(field, "select * from figure_chronology(array['tea'], %s, %s) order by time", hour, now(field))
    assert [(row["time"] - hour, row["device"], row["word"]) for row in rows] == [
        (timedelta(0), "rain", "強い雨"),
        (timedelta(minutes=1), "gate", "閉"),
        (timedelta(minutes=21), "gate", "開"),
        (timedelta(minutes=41), "gate", "閉"),
    ]


def test_a_change_of_one_state_does_not_end_the_bar_of_another(field: Field) -> None:
    valve, gate = field.device("valve", interval_s=600), field.device("gate", interval_s=600)
    start = now(field) - timedelta(hours=1)
    for minutes, state in ((1, 0), (11, 1), (21, 0)):
        field.reading(valve, start + timedelta(minutes=minutes), "valve_state", state)
    for minutes, state in ((5, 2), (30, 1)):
        field.reading(gate, start + timedelta(minutes=minutes), "gate_state", state)
    query = "select * from figure_state_lines(array['tea'], null, array['valve_state', 'gate_state'], %s, %s, %s)"
    rows = ask(field, query, start, now(field), 9)
    lines = {
        title: [((row["time"] - start).seconds // 60, row["value"]) for row in rows if row["title"] == title]
        for title in ("機器 gate", "機器 valve")
    }
    assert lines == {
        "機器 gate": [(5, 2), (11, 2), (21, 2), (30, 1)],
        "機器 valve": [(1, 0), (5, 0), (11, 1), (21, 0), (30, 0)],
    }
    assert {row["title"] for row in ask(field, query, start, now(field), 1)} == {"機器 gate"}


def test_degree_days_add_up_and_say_which_days_are_missing(field: Field) -> None:
    device = field.device("a")
    today = now(field).date()
    first: date = today - timedelta(days=5)
    midnight = ask(field, "select rollup_midnight(%s) as at", first)[0]["at"]
    for day, value in ((0, 12.0), (1, 20.0), (3, -4.0)):
        field.reading(device, midnight + timedelta(days=day, hours=12), value=value - 1)
        field.reading(device, midnight + timedelta(days=day, hours=13), value=value + 1)
    query = "select * from figure_degree_days(array['tea'], null, %s, %s, 10)"
    rows = ask(field, query, first, first + timedelta(days=4))
    assert [(row["mean_c"], row["sum_c"], row["above_base_c"], row["days_missing"]) for row in rows] == [
        (12, 12, 2, 0), (20, 32, 12, 0), (-4, 32, 12, 1),
    ]  # fmt: skip


def test_the_vapour_deficit_is_the_one_of_the_tables(field: Field) -> None:
    (row,) = ask(field, "select figure_vapour_deficit(25, 60) as dry, figure_vapour_deficit(25, 103) as wet")
    assert row["dry"] == pytest.approx(9.22, abs=0.02)
    assert row["wet"] == 0
    device = field.device("a")
    field.uplink(device, now(field), {"air_temperature": 25.0, "air_humidity": 60.0})
    (point,) = ask(
        field, "select * from figure_vapour_deficits(array['tea'], null, %s, %s, 10, 5)",
        now(field) - timedelta(hours=1), now(field) + timedelta(minutes=1),
    )  # fmt: skip
    assert point["value"] == pytest.approx(9.22, abs=0.02)


def test_several_devices_are_shown_but_no_more_than_asked_for(field: Field) -> None:
    for code in ("a", "b", "c"):
        field.reading(field.device(code), now(field), "soil_moisture", 30)
    shown = "figure_several(array['tea'], %s, array['soil_moisture'], %s, %s, 10, %s)"
    query = f"select distinct device from {shown} order by 1"
    between = (now(field) - timedelta(hours=1), now(field) + timedelta(minutes=1))
    assert [row["device"] for row in ask(field, query, None, *between, 2)] == ["a", "b"]
    assert [row["device"] for row in ask(field, query, ["c"], *between, 2)] == ["c"]


def test_a_series_says_whether_its_means_hide_other_values_and_in_which_unit_they_are(field: Field) -> None:
    for code, values in (("calm", (2.0, 2.0)), ("wild", (1.0, 3.0))):
        device = field.device(code)
        for minutes, value in enumerate(values):
            field.reading(device, now(field) - timedelta(minutes=10 + minutes), "river_level", value)
    rows = ask(
        field, "select * from figure_several(array['tea'], null, array['river_level'], %s, %s, 1, 9)",
        now(field) - timedelta(hours=1), now(field),
    )  # fmt: skip
    assert {(row["device"], row["varies"], row["kind"], row["unit_ja"]) for row in rows} == {
        ("calm", False, "gauge", "m"), ("wild", True, "gauge", "m"),
    }  # fmt: skip


def test_the_fleet_grows_by_the_month(field: Field) -> None:
    this_month = now(field).date().replace(day=1)
    heard = field.device("a", installed_on=date(2026, 4, 20))
    field.device("b", installed_on=date(2026, 4, 1))
    field.device("c", installed_on=date(2026, 6, 1))
    field.uplink(heard, now(field) - timedelta(minutes=1))
    rows = ask(field, "select * from figure_rollout(array['tea'])")
    assert [(row["month"], row["installed_total"], row["first_heard_total"]) for row in rows if row["installed"]] == [
        (date(2026, 4, 1), 2, 0), (date(2026, 6, 1), 3, 0),
    ]  # fmt: skip
    assert rows[-1]["first_heard_total"] == 1
    assert rows[-1]["month"] >= this_month - timedelta(days=1)


def test_the_months_of_a_year_are_the_usage_of_each(field: Field) -> None:
    device = field.device("a", installed_on=date(2026, 4, 1))
    field.uplink(device, ask(field, "select rollup_midnight('2026-04-15') as at")[0]["at"])
    rows = ask(
        field, "select * from figure_months(array['tea'], '2026-04-01', '2027-04-01', rollup_midnight('2026-06-01'))"
    )  # fmt: skip
    assert [(row["month"], row["expected"], row["received"]) for row in rows] == [
        (date(2026, 4, 1), 720, 1), (date(2026, 5, 1), 744, 0), (date(2026, 6, 1), 0, 0),
    ]  # fmt: skip


def test_uses_are_counted_side_by_side(field: Field) -> None:
    field.device("a")
    (row,) = ask(field, "select * from figure_use_state")
    assert (row["project"], row["use"], row["state"], row["devices"], row["never"]) == ("tea", "農業", "never", 1, 1)
