"""Why data is missing: the three rates and their product, on every tier; the same from the tables and on the spot."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from psycopg.rows import dict_row

from ingest.store.rollup import rollup
from schemas.quantity import BY_CODE
from tests.figures.field import Field, jst
from tests.fixtures.database import Database

Row = dict[str, Any]
FIRST, LAST, NOW = date(2026, 11, 20), date(2026, 11, 22), jst(2026, 11, 24)
MIDNIGHT = jst(2026, 11, 20)


def ask(field: Field, query: str, *values: object) -> list[Row]:
    with field.connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), values).fetchall()


def yields(field: Field) -> dict[tuple[str, str | None], Row]:
    rows = ask(field, "select * from figure_yield(array['tea'], %s, %s, %s)", FIRST, LAST, NOW)
    return {(row["level"], row["network"] or row["network_kind"] or row["use"]): row for row in rows}


def half_heard(field: Field) -> None:
    """Two days of hours: of 48 expected `a` sent 40, of which 30 arrived and 27 measured. `b` counts nothing."""
    a, b = field.device("a"), field.device("b", network="halow")
    for number in range(40):
        time = MIDNIGHT + timedelta(hours=number, minutes=5)
        if number % 4 != 1:
            if number % 10 == 0 and number > 0:
                field.uplink(a, time, {}, counter=100 + number, refused=1)
            else:
                field.uplink(a, time, counter=100 + number)
        field.uplink(b, time)


def test_completeness_is_the_product_of_what_was_sent_what_arrived_and_what_was_valid(field: Field) -> None:
    half_heard(field)
    row = yields(field)["network", "lora"]
    assert (row["expected"], row["transmitted"], row["arrived"], row["received"]) == (48, 40, 30, 27)
    assert row["transmission_rate"] == pytest.approx(83.3)
    assert row["arrival_rate"] == 75.0
    assert row["validity_rate"] == 90.0
    assert row["completeness"] == pytest.approx(56.2)
    assert row["transmission_rate"] * row["arrival_rate"] * row["validity_rate"] / 1e4 == pytest.approx(56.2, abs=0.1)


def test_a_device_without_a_counter_has_a_completeness_but_no_rates(field: Field) -> None:
    half_heard(field)
    found = yields(field)
    row = found["network", "halow"]
    assert (row["devices"], row["devices_counted"], row["completeness"]) == (1, 0, 83.3)
    assert (row["transmission_rate"], row["arrival_rate"], row["validity_rate"]) == (None, None, None)
    every = found["all", None]
    assert (every["devices"], every["devices_counted"], every["expected"], every["received"]) == (2, 1, 96, 67)
    assert (every["arrival_rate"], every["validity_rate"]) == (75.0, 90.0)


def test_the_sums_are_by_network_by_technology_and_by_use(field: Field) -> None:
    half_heard(field)
    assert set(yields(field)) == {
        ("network", "lora"), ("network", "halow"), ("kind", "lpwa"), ("kind", "halow"), ("use", "農業"), ("all", None),
    }  # fmt: skip


def test_the_completeness_is_the_one_of_the_report(field: Field) -> None:
    half_heard(field)
    (usage,) = ask(
        field, "select * from figure_usage_project('tea', %s, %s, %s)", MIDNIGHT, jst(2026, 11, 22), NOW
    )  # fmt: skip
    every = yields(field)["all", None]
    assert {name: every[name] for name in ("expected", "received", "completeness")} == {
        name: usage[name] for name in ("expected", "received", "completeness")
    }


def test_a_device_day_by_day(field: Field) -> None:
    half_heard(field)
    first, second, third = ask(
        field, "select * from figure_device_days('tea', 'a', %s, %s, %s)", FIRST, date(2026, 11, 23), NOW
    )  # fmt: skip
    assert (first["day"], first["expected"], first["received"], first["uplinks"], first["lost"]) == (
        FIRST,
        24,
        16,
        18,
        6,
    )
    assert (second["received"], second["uplinks"], second["lost"]) == (11, 12, 4)
    assert (first["arrival_rate"], third["uplinks"], third["arrival_rate"]) == (75.0, 0, None)
    (other, *_) = ask(field, "select * from figure_device_days('tea', 'b', %s, %s, %s)", FIRST, LAST, NOW)
    assert (other["completeness"], other["arrival_rate"]) == (100.0, None)


SAME = {
    "rollup_uplinks_between": "select * from rollup_uplinks_between(%(devices)s, %(starts)s, %(ends)s)",
    "rollup_uplink_days": "select * from rollup_uplink_days(%(devices)s, '2026-11-20', '2026-11-22')",
    "rollup_hours_between": "select * from rollup_hours_between(%(devices)s, %(starts)s, %(ends)s, %(quantities)s)",
    "rollup_quantity_days": (
        "select * from rollup_quantity_days(%(devices)s, %(quantities)s, '2026-11-20', '2026-11-22')"
    ),
}


def written(database: Database) -> list[int]:
    """A device that sends rain each ten minutes for two days, and one that must not be in any answer."""
    field = Field(database.connect())
    asked, other = field.device("a", interval_s=600), field.device("b", interval_s=600)
    for number in range(2 * 144):
        time = MIDNIGHT + timedelta(minutes=10 * number)
        field.uplink(
            asked, time, {"rain_total": number * 0.5, "air_temperature": 20.0}, counter=number, airtime_ms=60.0
        )
        field.uplink(other, time, {"rain_total": 1.0}, counter=number)
    return [asked]


@pytest.mark.parametrize("query", SAME.values(), ids=SAME.keys())
def test_sums_of_many_devices_are_the_same_before_they_are_closed_after_and_when_something_is_due(
    database: Database, query: str
) -> None:
    connection = database.connect()
    devices = written(database)
    quantities = [BY_CODE["rain_total"].id]
    asked = {"devices": devices, "quantities": quantities, "starts": MIDNIGHT, "ends": jst(2026, 11, 22)}

    def answer() -> list[tuple[Any, ...]]:
        return sorted(connection.execute(query.encode(), asked).fetchall(), key=repr)

    on_the_spot = answer()
    assert on_the_spot
    halfway: datetime = jst(2026, 11, 21, 12)
    rollup.keep(connection, now=halfway)
    assert answer() == on_the_spot
    rollup.keep(connection, now=jst(2026, 11, 23, 12))
    assert answer() == on_the_spot
    connection.execute("select rollup_touch(%s, %s, %s)", (devices[0], MIDNIGHT, jst(2026, 11, 20, 6)))
    assert rollup.standing(connection).due_units
    assert answer() == on_the_spot
