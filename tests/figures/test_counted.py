"""What counts: readings without the annulled, recalibrated, with the preferred of a conflict. On every tier."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from ingest.figures.device import corrections_of, latest, series
from schemas.quantity import BY_CODE
from tests.figures.field import Field, jst

START = jst(2026, 8, 1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def corrected(field: Field, kind: str, device: int, **columns: object) -> int:
    """A correction as the command makes it; `quantity` by code. Returns its number."""
    quantity = columns.pop("quantity", None)
    values = {
        "kind": kind, "device_id": device, "quantity_id": quantity and BY_CODE[str(quantity)].id,
        "who": "森", "why": "故障",
        **columns,
    }  # fmt: skip
    names = ", ".join(values)
    places = ", ".join(f"%({name})s" for name in values)
    query = f"insert into correction ({names}) values ({places}) returning correction_id"
    row = field.connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return int(row[0])


def revoke(field: Field, number: int) -> None:
    field.connection.execute(
        "update correction set revoked_by = '林', revoked_at = now(), revoked_why = '誤り' where correction_id = %s",
        (number,),
    )


def counted(field: Field, device: int, quantity: str = "air_temperature", channel: int = 0) -> dict[float, float]:
    """Value by hours since START."""
    rows = field.connection.execute(
        "select time, value from reading_counted where device_id = %s and quantity_id = %s and channel = %s",
        (device, BY_CODE[quantity].id, channel),
    )
    return {(time - START) / HOUR: value for time, value in rows}


@pytest.fixture
def device(field: Field) -> int:
    """Four air temperatures, 10 to 13 ℃, one an hour."""
    number = field.device("a")
    for hour in range(4):
        field.reading(number, START + hour * HOUR, "air_temperature", 10.0 + hour)
    return number


def test_without_a_correction_what_was_measured_counts(field: Field, device: int) -> None:
    assert counted(field, device) == {0: 10.0, 1: 11.0, 2: 12.0, 3: 13.0}


def test_an_annulled_span_is_half_open_and_only_of_its_device(field: Field, device: int) -> None:
    other = field.device("b")
    field.reading(other, START + HOUR, "air_temperature", 5.0)
    corrected(field, "annul", device, starts=START + HOUR, ends=START + 3 * HOUR)
    assert counted(field, device) == {0: 10.0, 3: 13.0}
    assert counted(field, other) == {1: 5.0}
    assert field.connection.execute("select count(*) from reading").fetchone() == (5,)


@pytest.mark.parametrize(
    ("span", "left"),
    [((None, START + HOUR), [1, 2, 3]), ((START + HOUR, None), [0]), ((None, None), [])],
)
def test_an_open_end_has_no_end(
    field: Field, device: int, span: tuple[datetime | None, datetime | None], left: list[int]
) -> None:
    corrected(field, "annul", device, starts=span[0], ends=span[1])
    assert list(counted(field, device)) == left


def test_an_annulment_may_be_of_one_quantity_or_one_channel(field: Field, device: int) -> None:
    for channel in (1, 2):
        field.reading(device, START, "soil_moisture", 30.0, channel=channel)
    corrected(field, "annul", device, quantity="soil_moisture", channel=2)
    assert counted(field, device)[0] == 10.0
    assert counted(field, device, "soil_moisture", 1) == {0: 30.0}
    assert counted(field, device, "soil_moisture", 2) == {}


def test_of_several_recalibrations_the_latest_counts_and_is_of_the_measured_value(field: Field, device: int) -> None:
    air = {"quantity": "air_temperature"}
    corrected(field, "recalibrate", device, scale=2.0, offset_=1.0, **air)
    corrected(field, "recalibrate", device, scale=1.0, offset_=-0.5, starts=START + 2 * HOUR, **air)
    assert counted(field, device) == {0: 21.0, 1: 23.0, 2: 11.5, 3: 12.5}


def test_a_direction_stays_within_the_circle(field: Field, device: int) -> None:
    for hour, value in enumerate((10.0, 200.0, 350.0)):
        field.reading(device, START + hour * HOUR, "wind_direction", value)
    corrected(field, "recalibrate", device, quantity="wind_direction", scale=1.0, offset_=-90.0)
    assert counted(field, device, "wind_direction") == {0: 280.0, 1: 110.0, 2: 260.0}


def test_the_preferred_value_of_a_conflict_is_recalibrated_like_any_other(field: Field, device: int) -> None:
    at = {"starts": START + HOUR, "ends": START + HOUR + timedelta(microseconds=1)}
    air = {"quantity": "air_temperature"}
    corrected(field, "prefer", device, channel=0, value=99.0, **air, **at)
    corrected(field, "prefer", device, channel=0, value=50.0, **air, **at)
    assert counted(field, device) == {0: 10.0, 1: 50.0, 2: 12.0, 3: 13.0}
    corrected(field, "recalibrate", device, scale=1.0, offset_=1.0, **air)
    assert counted(field, device)[1] == 51.0


def test_a_later_recalibration_does_not_bring_back_what_was_annulled(field: Field, device: int) -> None:
    corrected(field, "annul", device, starts=START, ends=START + 2 * HOUR)
    corrected(field, "recalibrate", device, quantity="air_temperature", scale=1.0, offset_=1.0)
    assert counted(field, device) == {2: 13.0, 3: 14.0}


def test_what_is_revoked_is_as_if_it_had_never_been(field: Field, device: int) -> None:
    first = corrected(field, "annul", device)
    second = corrected(field, "recalibrate", device, quantity="air_temperature", scale=0.0, offset_=0.0)
    revoke(field, first)
    assert set(counted(field, device).values()) == {0.0}
    revoke(field, second)
    assert counted(field, device) == {0: 10.0, 1: 11.0, 2: 12.0, 3: 13.0}
    assert field.connection.execute("select count(*) from corrected_device").fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "update correction set why = 'another'",
        "update correction set ends = now()",
        "update correction set revoked_by = 'x', revoked_at = now(), revoked_why = 'y', scale = 3",
        "delete from correction",
        "truncate correction",
    ],
)
def test_a_correction_is_never_changed_nor_deleted(field: Field, device: int, statement: str) -> None:
    corrected(field, "annul", device)
    with pytest.raises(psycopg.errors.RestrictViolation, match="never"), field.connection.transaction():
        field.connection.execute(statement.encode())


def test_a_correction_is_revoked_only_once(field: Field, device: int) -> None:
    number = corrected(field, "annul", device)
    revoke(field, number)
    with pytest.raises(psycopg.errors.RestrictViolation), field.connection.transaction():
        revoke(field, number)


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("annul", {"who": " "}),
        ("annul", {"why": ""}),
        ("annul", {"starts": START, "ends": START}),
        ("annul", {"scale": 2.0, "offset_": 0.0}),
        ("recalibrate", {"quantity": "air_temperature", "scale": 2.0}),
        ("recalibrate", {"scale": 2.0, "offset_": 0.0}),
        ("prefer", {"quantity": "air_temperature", "channel": 0, "value": 1.0, "starts": START}),
        ("forget", {}),
    ],
)
def test_half_a_correction_is_refused(field: Field, device: int, kind: str, columns: dict[str, object]) -> None:
    with pytest.raises(psycopg.errors.CheckViolation), field.connection.transaction():
        corrected(field, kind, device, **columns)


def test_last_values_and_series_show_what_counts(field: Field, device: int) -> None:
    now = datetime.now(START.tzinfo).replace(minute=0, second=0, microsecond=0)
    for hour in (3, 2, 1):
        field.uplink(device, now - hour * HOUR, {"air_temperature": 20.0 + hour})
    corrected(field, "annul", device, starts=now - HOUR)
    corrected(field, "recalibrate", device, quantity="air_temperature", scale=1.0, offset_=0.25)
    (last,) = latest(field.connection, "tea", "a")
    assert (last.value, last.time) == (22.25, now - 2 * HOUR)
    points = series(field.connection, "tea", "a", "air_temperature", start=now - 3 * HOUR, end=now, points=3)
    assert [point.value for point in points] == [23.25, 22.25]


def test_the_corrections_of_a_device_are_listed_with_who_and_why(field: Field, device: int) -> None:
    revoke(field, corrected(field, "annul", device))
    number = corrected(field, "annul", device, quantity="air_temperature", starts=START)
    (row,) = corrections_of(field.connection, "tea", "a")
    assert (row.correction_id, row.kind, row.quantity, row.channel) == (number, "annul", "air_temperature", None)
    assert (row.starts, row.ends, row.who, row.why) == (START, None, "森", "故障")


def plan_of(connection: psycopg.Connection[Any], query: str) -> str:
    return "\n".join(line for (line,) in connection.execute(f"explain (costs off) {query}".encode()))


@pytest.mark.parametrize("how", ["where r.device_id = {device}", "join device d using (device_id) where d.code = 'a'"])
@pytest.mark.parametrize("corrections", [0, 3])
def test_whoever_asks_for_a_device_and_a_time_reaches_the_index(
    field: Field, device: int, how: str, corrections: int
) -> None:
    field.connection.execute(
        "insert into reading select timestamptz '2026-08-02 00:00+09' + n * interval '1 minute', n % 9, 1000 + n % 200,"
        " 20, 0, null from generate_series(1, 40000) n"
    )
    for number in range(corrections):
        corrected(field, "annul", device, starts=START - DAY, ends=START - DAY + (number + 1) * HOUR)
    field.connection.execute("analyze reading_packed")
    query = f"select r.time, r.value from reading_counted r {how.format(device=device)} and r.time >= '{START}'"
    plan = plan_of(field.connection, f"{query} order by r.time desc limit 1")
    assert "Seq Scan on reading_packed" not in plan, plan
    assert not [line for line in plan.splitlines() if "Seq Scan" in line and "_chunk" in line], plan
