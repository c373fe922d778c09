"""How series stand that failed: their newest and last sound reading, and since when they fail without a break."""

from datetime import timedelta

from ingest.watch.quality.database.series import Series
from ingest.watch.quality.database.trust import Trust, trust_of
from schemas.quantity import BY_CODE
from tests.figures.field import Field, jst
from tests.fixtures.database import Database

START = jst(2026, 6, 1)
HOUR = timedelta(hours=1)
LEVEL = BY_CODE["river_level"].id


def gauge(field: Field, code: str, *failed: int) -> Series:
    """Six hourly readings, of which those of these hours failed."""
    device = field.device(code)
    for hour in range(6):
        field.reading(device, START + hour * HOUR, "river_level", 1.0)
    for hour in failed:
        at = START + hour * HOUR
        field.connection.execute(
            "insert into watch_flag (device_id, quantity_id, channel, test, starts, ends, readings, grade)"
            " values (%s, %s, 0, %s, %s, %s, 1, 4)",
            (device, LEVEL, "spike" if hour < 3 else "stuck", at, at),
        )
    return Series(device, LEVEL, 0)


def test_each_series_is_told_by_its_own_readings(database: Database) -> None:
    field = Field(database.connect())
    broken, again, well = gauge(field, "a", *range(6)), gauge(field, "b", 1, 4, 5), gauge(field, "c")
    gauge(field, "nobody-asks")
    project, newest = field.project_id, START + 5 * HOUR
    found = trust_of(field.connection, START, [well])
    assert sorted(found, key=lambda each: each.series) == [
        Trust(broken, project, newest, None, START, "stuck"),
        Trust(again, project, newest, START + 3 * HOUR, START + 4 * HOUR, "stuck"),
        Trust(well, project, newest, newest, None, None),
    ]
