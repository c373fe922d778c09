"""The level that decides how long a gauge of two intervals may be silent."""

from datetime import datetime, timedelta
from itertools import product

from ingest.plan.outage.database.signs import with_levels
from ingest.plan.outage.silence import Gap, Stretch, patience
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


def test_the_patience_of_outages_is_that_of_every_other_figure(valley: Valley) -> None:
    """Outages reckon in Python, sums of a plan by stretches of one interval, both as figure_patience_s does."""
    query = """
        select figure_patience_s(%(often)s, %(calm)s, %(flood)s), figure_least_patience_s(%(often)s, %(calm)s),
            figure_longest_patience_s(%(often)s, %(calm)s),
            case when %(flood)s or %(calm)s::integer is null then figure_plan_silence(false, %(often)s)
                else figure_plan_silence(true, %(calm)s) end
    """
    for often, calm in product((1, 600, 3_600, 2_678_400), (None, 601, 3_600, 86_400)):
        stretch = Stretch(1, jst(2026, 1, 1), jst(2026, 2, 1), 1, 1, None, often, calm, calm and 1.0, installed=False)
        mine = [patience(stretch, level) / timedelta(seconds=1) for level in (1.0, 0.9)]
        for flood in (True, False):
            values = {"often": often, "calm": calm, "flood": flood}
            held = mine[0] if flood else mine[1]
            found = valley.field.connection.execute(query.encode(), values).fetchone()
            assert found == (held, min(mine), max(mine), held), values
