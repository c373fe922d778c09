"""Every figure of a month by place, against a case that was reckoned by hand."""

from datetime import date, timedelta
from fractions import Fraction

from ingest.web.pages.plan.figures import Figures, figures_of
from ingest.web.pages.plan.looked import Looked, plan_of_year
from schemas.japan import FiscalYear
from tests.figures.field import jst
from tests.fixtures.database import Database
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import LATER, Town

YEAR, JUNE = FiscalYear(2026), (date(2026, 6, 1), date(2026, 7, 1))
COSTS = [
    {"kind": "communication", "capital": False, "fiscal_year": 2026, "yen": 1_200_000, "technology": "lpwa"},
    {"kind": "cloud", "capital": False, "fiscal_year": 2026, "yen": 600_012},
]


def sown(database: Database) -> Town:
    """Two devices of a message a day in June. `a` (LoRa, 中谷): 25 sent, 20 arrived, 15 valid. `b` (HaLow): 30."""
    town = Town(database)
    town.plan(document(kpi(), costs=COSTS))
    field = town.field
    a = field.device("a", interval_s=86_400, area="中谷", gateway="hill")
    b = field.device("b", interval_s=86_400, network="halow")
    for number in range(25):
        if number % 5 != 2:
            at = jst(2026, 6, 1 + number, 12)
            field.uplink(a, at, {} if number % 5 == 3 else None, counter=number, received_at=at + timedelta(seconds=4))
    field.uplinks(b, (jst(2026, 6, 1 + number, 12) for number in range(30)))
    town.work("patrol", jst(2026, 6, 3, 9), 45, 2, device_id=a, km_before=100, km_after=112.5)
    town.work("mowing", jst(2026, 6, 4, 9), 30, place="中谷")
    values = {"p": town.project.project_id, "d": a, "s": jst(2026, 6, 10), "e": jst(2026, 6, 12, 6)}
    town.connection.execute(
        "insert into outage (project_id, level, device_id, starts, ends) values (%(p)s, 'device', %(d)s, %(s)s, %(e)s)",
        values,
    )
    town.connection.execute("update outage_state set seen_until = %s", (LATER,))
    return town


def shown(town: Town, level: str) -> dict[str, Figures]:
    plan, later = plan_of_year(town.connection, town.project.project_id, YEAR, LATER)
    looked = Looked([town.project], town.project, YEAR, [YEAR], plan, later, may_write=False, now=LATER)
    rows = figures_of(town.connection, looked, JUNE, level)  # type: ignore[arg-type]
    return {row.sums.key if row.sums.level != "project" else "": row for row in rows}


def test_every_figure_of_a_month_by_network(database: Database) -> None:
    found = shown(sown(database), "network")
    lora, halow, whole = found["lora"], found["halow"], found[""]
    sums = lora.sums
    assert (sums.expected, sums.sent, sums.arrived, sums.valid) == (30, 25, 20, 15)
    assert (sums.transmission, sums.arrival, sums.validity) == (Fraction(5, 6), Fraction(4, 5), Fraction(3, 4))
    assert sums.completeness == Fraction(1, 2)
    assert (whole.sums.expected, whole.sums.valid) == (60, 45)
    assert lora.outages is not None
    assert (lora.outages.outages, lora.outages.mttr_s) == (1, 54 * 3600)
    assert lora.work is not None
    assert (lora.work.visits, lora.work.minutes, lora.work.km) == (1, 90, 12.5)
    assert halow.work is None
    assert whole.work is not None
    assert (whole.work.visits, whole.work.minutes) == (2, 120)
    # 100,000 yen a month of LPWA; 50,001 of all, half for each device, both at work all the month. No yen is lost.
    assert lora.cost is not None
    assert halow.cost is not None
    assert whole.cost is not None
    assert [lora.cost.yen, halow.cost.yen, whole.cost.yen] == [125_000, 25_001, 150_001]
    assert lora.cost.yen_per_1000_valid == Fraction(125_000_500, 15)


def test_what_is_not_known_is_no_zero(database: Database) -> None:
    town = Town(database)
    town.plan(document(kpi(), costs=COSTS))
    town.field.device("a", interval_s=86_400, installed_on=date(2026, 7, 1))
    found = shown(town, "network")
    assert [(row.outages, row.work) for row in found.values()] == [(None, None)] * 2, "nobody looked, nobody wrote"


def test_every_level_has_the_whole_above_its_places(database: Database) -> None:
    town = sown(database)
    places = {level: set(shown(town, level)) for level in ("gateway", "area", "technology", "use", "device", "project")}
    assert places == {
        "gateway": {"", "hill"}, "area": {"", "中谷"}, "technology": {"", "lpwa", "halow"}, "use": {"", "農業"},
        "device": {"", "a", "b"}, "project": {""},
    }  # fmt: skip
    area = shown(town, "area")["中谷"]
    assert area.work is not None
    assert (area.work.visits, area.work.minutes) == (2, 120)
