"""The level that decides how long a gauge of two intervals may be silent."""

from datetime import datetime

from ingest.plan.outage.database.signs import with_levels
from ingest.plan.outage.silence import Gap
from tests.figures.field import Field, jst
from tests.plan.outage.conftest import Valley


def level_at(field: Field, device: int, at: datetime) -> float | None:
    return with_levels(field.connection, [Gap(device, at, None)])[0].level


def test_the_newest_level_counts_in_metres_and_what_is_too_old_does_not(valley: Valley) -> None:
    field = valley.field
    device = field.device("r", calm=(86400, 0.15))
    field.uplink(device, jst(2026, 10, 1), {"river_level": 0.4})
    field.uplink(device, jst(2026, 10, 2), {"paddy_water_level": 15.0})
    for at, level in (
        (jst(2026, 10, 1, 23), 0.4), (jst(2026, 10, 2), 0.15), (jst(2026, 11, 10), 0.15), (jst(2026, 11, 12), None),
        (jst(2026, 9, 30), None),
    ):  # fmt: skip
        assert level_at(field, device, at) == level
