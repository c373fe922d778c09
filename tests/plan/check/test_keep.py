"""What is kept of closed months: looked at again only where something changed, and removed when nobody reads it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ingest.plan.check.actual import actual_of, cut
from ingest.plan.check.database.inputs import drop_homeless, kept_inputs
from ingest.plan.check.keep import Seen, keep_months, tidy_months
from ingest.plan.check.spans import month_span
from ingest.store.rollup import rollup
from schemas.japan import Month
from tests.figures.field import jst
from tests.fixtures.database import Database
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import LATER, Town

MAY = month_span(Month(2026, 5))
FIRST, UNTIL = date(2026, 4, 1), date(2026, 6, 1)
FIGURES = ("completeness", "sent_rate", "valid", "devices_working", "latency_p95", "outages", "mttr", "downtime")
SCOPES: tuple[dict[str, list[str]], ...] = (
    {},
    {"networks": ["halow"]},
    {"devices": ["a", "c"]},
    {"areas": ["中谷"], "networks": ["lora"]},
)


@pytest.fixture
def kept(any_database: Database) -> Town:
    """Three devices from the end of April to May, whose months are kept."""
    town = Town(any_database)
    kpis = [
        kpi(f"{figure}{n}", evidence={"kind": "figure", "figure": figure}, scope=scope)
        for n, scope in enumerate(SCOPES) for figure in FIGURES
    ]  # fmt: skip
    kpis.append(kpi("yen", scope=SCOPES[2], evidence={"kind": "figure", "figure": "yen_per_1000_valid"}))
    cost = {"fiscal_year": 2026, "kind": "maintenance", "capital": False, "yen": 120_000, "technology": "lpwa"}
    town.plan(document(*kpis, costs=[cost]))
    town.hours(town.field.device("a", area="中谷"), jst(2026, 4, 28), 90)
    town.hours(town.field.device("b", network="halow"), jst(2026, 4, 28), 120)
    town.hours(town.field.device("c"), jst(2026, 4, 28), 100)
    rollup.keep(town.connection, now=jst(2026, 6, 3))
    town.connection.execute("update outage_state set seen_until = now()")
    town.connection.execute(
        "insert into outage (project_id, level, network_id, device_id, starts, ends)"
        " select project_id, 'device', network_id, device_id, %(at)s, %(at)s + hours * interval '1 hour'"
        " from device join (values ('a', 2), ('b', 3)) silent (code, hours) using (code)",
        {"at": jst(2026, 5, 1, 1)},
    )
    assert keep_months(town.connection, "tea", FIRST, UNTIL) == 6
    return town


def rows(town: Town) -> set[tuple[object, ...]]:
    """What is kept, by all that names it."""
    query = "select device_id, starts, ends, interval_s, calm from rollup_stretch"
    return set(town.connection.execute(query).fetchall())


def stop(town: Town) -> None:
    """A planned stop of a day in May."""
    town.connection.execute(
        "insert into planned_stop (project_id, starts, ends, reason, entered_at, entered_by)"
        " values (%s, %s, %s, '', %s, 'a')",
        (town.project.project_id, jst(2026, 5, 2), jst(2026, 5, 3), jst(2026, 5, 1)),
    )


def test_every_kpi_is_the_same_with_all_others_and_alone(kept: Town) -> None:
    found = kept.results(MAY)
    for each, of_plan in zip(found.kpis, found.plan.document.kpis, strict=True):
        alone = actual_of(
            kept.connection, kept.project.project_id, found.plan, of_plan, MAY.first_day, MAY.until_day, LATER
        )
        assert each.actual == alone, of_plan.code
    values = {each.code: each.actual.value for each in found.kpis}
    of_scopes = {figure: [values[f"{figure}{n}"] for n in range(4)] for figure in ("valid", "outages", "downtime")}
    assert of_scopes == {"valid": [94, 48, 46, 18], "outages": [2, 1, 1, 1], "downtime": [5, 3, 2, 2]}
    assert values["yen"] is not None
    assert cut(values["yen"], 1) == Decimal("217391.3")  # 10,000 yen of 46 receptions


def test_a_month_in_which_nothing_changed_is_passed_over(kept: Town) -> None:
    seen: Seen = {}

    def look() -> list[date]:
        before = dict(seen)
        keep_months(kept.connection, "tea", FIRST, UNTIL, seen=seen)
        return [month for (_, month), inputs in seen.items() if before.get(("tea", month)) != inputs]

    april, may = FIRST, date(2026, 5, 1)
    assert (look(), look()) == ([april, may], [])
    stop(kept)
    unlooked = {("tea", month): text for month, text in kept_inputs(kept.connection, "tea", FIRST, UNTIL).items()}
    assert keep_months(kept.connection, "tea", FIRST, UNTIL, seen=unlooked) == 0  # though something is missing
    assert (look(), look(), look()) == ([may], [may], [])  # what it changed itself is seen once more
    device = min(rows(kept))[0]
    kept.connection.execute("select rollup_note(array[%s::int], array[%s])", (device, jst(2026, 4, 29)))
    assert look() == [april, may]  # it is due: for a level of the last forty days decides over the mode in May
    rollup.keep(kept.connection, now=jst(2026, 6, 3))
    assert look() == [april, may]
    assert look() == [april, may]
    kept.connection.execute("update device_placement set installed_on = '2026-05-03'")
    assert look() == [april, may]


def test_what_no_figure_reads_any_more_is_removed(kept: Town) -> None:
    before = rows(kept)
    stop(kept)
    assert keep_months(kept.connection, "tea", FIRST, UNTIL) == 6  # May is two pieces of each device now
    assert len(rows(kept)) == 9
    kept.connection.execute("update planned_stop set voided_at = now()")
    assert keep_months(kept.connection, "tea", FIRST, UNTIL) == 3
    assert rows(kept) == before
    kept.connection.execute("update device_placement set installed_on = '2026-05-03'")
    assert tidy_months(kept.connection, "tea", date(2026, 5, 1)) == 3  # April alone, and nothing new is kept
    assert rows(kept) == {row for row in before if row[1] == jst(2026, 5, 1)}
    assert tidy_months(kept.connection, "tea", date(2026, 6, 1)) == 3
    assert rows(kept) == set()


def test_what_lies_in_no_place_of_a_plan_is_removed_some_at_a_time(kept: Town) -> None:
    assert drop_homeless(kept.connection, 10) == 0
    kept.connection.execute("update device_placement set valid_from = %s", (jst(2026, 5, 1) + timedelta(days=1),))
    assert drop_homeless(kept.connection, 2) == 2
    assert (drop_homeless(kept.connection, 10), len(rows(kept))) == (1, 3)
