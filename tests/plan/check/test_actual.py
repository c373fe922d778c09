"""Actuals of KPIs against numbers that were reckoned by hand, and what is said where there is none."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ingest.plan.check.actual import SOFTWARE, cut
from ingest.plan.check.spans import month_span, year_span
from schemas.japan import FiscalYear, Month
from schemas.work import Basis
from tests.figures.field import jst
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import Town

APRIL, YEAR = month_span(Month(2026, 4)), year_span(FiscalYear(2026))
HOURS = kpi(
    "patrol", unit="時間", formula="gain", targets={2026: 150},
    baseline={"value": 260, "fiscal_year": 2024, "source": "日誌"},
    evidence={"kind": "observation", "code": "patrol_hours"},
)  # fmt: skip
WORK = {"kind": "work", "sum": "hours", "kinds": ["patrol"]}


def test_from_260_to_150_hours_wanted_and_168_reached_is_83_6_percent_and_b(town: Town) -> None:
    town.plan(document(HOURS))
    town.observe("patrol_hours", date(2026, 4, 1), date(2027, 3, 31), 168, basis="estimated")
    found = town.kpi(YEAR, "patrol")
    assert found.actual.value == 168
    assert found.rate is not None
    assert cut(found.rate, 1) == Decimal("83.6")  # 92 / 110
    assert found.grade == "B"
    assert (found.actual.evidence.sources, found.actual.evidence.basis) == (("聞き取り",), Basis.ESTIMATED)


def test_the_completeness_of_a_month_by_hand_with_its_evidence(town: Town) -> None:
    """An hourly device in April: 30 x 24 = 720 expected, 648 received: 90.0 %, which is 100 % of the target."""
    town.plan(document(kpi()))
    town.hours(town.field.device("a"), jst(2026, 4, 1), 648)
    found = town.kpi(APRIL)
    assert (found.actual.value, found.rate, found.grade) == (Decimal(90), Decimal(100), "A")
    proof = found.actual.evidence
    assert (proof.figure, proof.arguments, proof.samples) == ("completeness", {}, 720)
    assert (proof.first_day, proof.until_day) == (date(2026, 4, 1), date(2026, 5, 1))
    assert (proof.completeness, proof.software, proof.plan_number) == (Decimal("90.0"), SOFTWARE, 1)
    assert not found.actual.reference_only


def test_what_is_below_the_limit_of_completeness_is_for_reference(town: Town) -> None:
    """575 of 720 is 79.86 %; it would be 80 if it were rounded."""
    town.plan(document(kpi(), kpi("lax", least_completeness=79.8)))
    town.hours(town.field.device("a"), jst(2026, 4, 1), 575)
    found = town.kpi(APRIL)
    assert found.actual.value is not None
    assert cut(found.actual.value, 1) == Decimal("79.8")
    assert found.actual.reference_only
    assert not town.kpi(APRIL, "lax").actual.reference_only


def test_hours_of_the_log_are_minutes_times_people_of_the_kinds_that_are_meant(town: Town) -> None:
    """90 minutes of two people and 30 of one: 3.5 hours. A repair is none of them, nor is what was voided."""
    town.plan(document(kpi("patrol", unit="時間", formula="limit", targets={2026: 7}, evidence=WORK)))
    town.work("patrol", jst(2026, 4, 10, 9), 90, 2)
    town.work("patrol", jst(2026, 4, 11, 9), 30)
    town.work("repair", jst(2026, 4, 12, 9), 600)
    town.work("patrol", jst(2026, 4, 13, 9), 600, voided_at=jst(2026, 4, 14))
    found = town.kpi(YEAR, "patrol")
    assert (found.actual.value, found.rate, found.actual.evidence.samples) == (Decimal("3.5"), Decimal(100), 2)
    assert found.actual.evidence.figure == "work.hours"
    assert found.actual.evidence.arguments == {"kinds": "patrol"}


def test_a_log_that_nobody_kept_is_no_zero_and_a_kept_one_without_such_work_is(town: Town) -> None:
    town.plan(document(kpi("patrol", unit="時間", formula="limit", targets={2026: 7}, evidence=WORK)))
    nothing = town.kpi(YEAR, "patrol").actual
    assert nothing.value is None
    assert nothing.missing is not None
    town.work("repair", jst(2026, 4, 12, 9), 600)
    assert town.kpi(YEAR, "patrol").actual.value == 0


def test_midnight_is_that_of_japan(town: Town) -> None:
    """31 March 2027 15:10 UTC is 1 April in Japan: it belongs to the next fiscal year."""
    town.plan(document(kpi("patrol", unit="時間", formula="limit", targets={2026: 7, 2027: 7}, evidence=WORK)))
    town.work("patrol", datetime(2026, 3, 31, 15, 10, tzinfo=UTC), 60)
    town.work("patrol", datetime(2027, 3, 31, 14, 50, tzinfo=UTC), 120)
    town.work("patrol", datetime(2027, 3, 31, 15, 10, tzinfo=UTC), 240)
    assert town.kpi(YEAR, "patrol").actual.value == 3
    assert town.kpi(year_span(FiscalYear(2027)), "patrol").actual.value == 4


@pytest.mark.parametrize(("change", "value"), [
    ({"targets": {2026: 260}}, 168),  # the target is the baseline
    ({"baseline": None}, 168),
    ({"targets": {}}, 168),
    ({}, None),
])  # fmt: skip
def test_what_cannot_be_computed_has_a_reason_and_no_number(
    town: Town, change: dict[str, object], value: int | None
) -> None:
    town.plan(document(HOURS | change))
    if value is not None:
        town.observe("patrol_hours", date(2026, 4, 1), date(2027, 3, 31), value)
    found = town.kpi(YEAR, "patrol")
    assert (found.rate, found.grade) == (None, None)
    assert found.rate_missing is not None
    assert found.rate_missing.ja
    assert found.actual.value == value


def test_nothing_expected_is_no_completeness(town: Town) -> None:
    town.plan(document(kpi()))
    found = town.kpi(APRIL)
    assert (found.actual.value, found.rate) == (None, None)
    assert found.actual.missing is not None


def test_a_formula_changed_within_the_year_is_said_and_each_year_has_its_own(town: Town) -> None:
    first = document(kpi(formula="ratio", targets={2026: 90, 2027: 90}))
    town.plan(first)
    second = document(kpi(formula="limit", targets={2026: 95, 2027: 95}))
    town.plan(second, jst(2026, 9, 15, 10), 2, "有識者の意見")
    town.hours(town.field.device("a"), jst(2026, 4, 1), 10)
    spring, year = town.kpi(APRIL), town.kpi(YEAR)
    assert (spring.formula.value, spring.target, spring.changes) == ("ratio", Decimal(90), ())
    assert spring.actual.evidence.plan_number == 1
    assert (year.formula.value, year.target, year.actual.evidence.plan_number) == ("limit", Decimal(95), 2)
    assert len(year.changes) == 1
    assert "2026-09-15" in year.changes[0].ja
    assert "有識者の意見" in year.changes[0].ja
    assert town.kpi(year_span(FiscalYear(2027))).changes == ()


def test_a_plan_that_begins_in_january_counts_from_there(town: Town) -> None:
    """15 January to 31 March: 17 + 28 + 31 = 76 days, 1,824 hours expected."""
    town.plan(document(kpi(targets={2025: 90}), begins=date(2026, 1, 15)))
    town.hours(town.field.device("a"), jst(2026, 1, 14), 24 + 912)
    found = town.kpi(year_span(FiscalYear(2025)))
    assert (found.actual.value, found.actual.evidence.samples) == (Decimal(50), 1824)
    assert found.actual.evidence.first_day == date(2026, 1, 15)
    assert any("2026-01-15" in note.ja for note in found.actual.evidence.notes)


def test_a_sum_of_a_month_has_no_rate_against_the_target_of_a_year(town: Town) -> None:
    town.plan(document(kpi("patrol", unit="時間", formula="limit", targets={2026: 7}, evidence=WORK)))
    town.work("patrol", jst(2026, 4, 10, 9), 60)
    april = town.kpi(APRIL, "patrol")
    assert (april.actual.value, april.rate) == (Decimal(1), None)
    assert april.rate_missing is not None
    unfinished = town.kpi(YEAR, "patrol", now=jst(2026, 5, 1))
    assert unfinished.rate is None
    assert unfinished.actual.evidence.notes


def test_the_cumulative_formula_adds_the_years_of_the_plan(town: Town) -> None:
    """Targets 10 and 20, reached 8 and 16: 24 of 30 is 80 %."""
    town.plan(document(kpi("farms", unit="戸", formula="cumulative", targets={2026: 10, 2027: 20},
                           evidence={"kind": "observation", "code": "farms"})))  # fmt: skip
    town.observe("farms", date(2026, 4, 1), date(2027, 3, 31), 8)
    town.observe("farms", date(2027, 4, 1), date(2028, 3, 31), 16)
    found = town.kpi(year_span(FiscalYear(2027)), "farms", now=jst(2028, 6, 1))
    assert (found.target, found.rate, found.grade) == (Decimal(30), Decimal(80), "B")


def test_a_group_and_a_network_narrow_a_kpi(town: Town) -> None:
    town.plan(document(
        kpi("lora", scope={"networks": ["lora"]}), kpi("one", scope={"group": "upper"}),
        kpi("none", scope={"group": "gone"}), groups={"upper": ["b"]},
    ))  # fmt: skip
    a, b = town.field.device("a"), town.field.device("b", network="halow")
    town.hours(a, jst(2026, 4, 1), 720)
    town.hours(b, jst(2026, 4, 1), 180)
    assert town.kpi(APRIL, "lora").actual.value == 100
    assert town.kpi(APRIL, "one").actual.value == 25
    missing = town.kpi(APRIL, "none").actual
    assert missing.value is None
    assert missing.missing is not None


def test_yen_for_a_thousand_receptions_by_network(town: Town) -> None:
    """LoRa alone costs 72,000 in the month, both share 144,000: (72,000 + 72,000) / 720 x 1,000 = 200,000."""
    costs = [
        {"kind": "communication", "capital": False, "fiscal_year": 2026, "yen": 864_000, "technology": "lpwa"},
        {"kind": "cloud", "capital": False, "fiscal_year": 2026, "yen": 1_728_000},
    ]
    evidence = {"kind": "figure", "figure": "yen_per_1000_valid"}
    lora = kpi("lora", unit="円", evidence=evidence, scope={"networks": ["lora"]})
    town.plan(document(kpi("yen", unit="円", evidence=evidence), lora, costs=costs))
    town.hours(town.field.device("a"), jst(2026, 4, 1), 720)
    town.hours(town.field.device("b", network="halow"), jst(2026, 4, 1), 720)
    assert town.kpi(APRIL, "lora").actual.value == 200_000
    assert town.kpi(APRIL, "yen").actual.value == 150_000
    # On 16 April half of the month is over: half of the cost, and half of the receptions. So it is of the whole year.
    half = jst(2026, 4, 16)
    assert town.kpi(APRIL, "yen", half).actual.value == town.kpi(YEAR, "yen", half).actual.value == 150_000


def test_a_leap_year_has_a_day_more(town: Town) -> None:
    town.plan(document(kpi(targets={2027: 90})))
    town.field.device("a")
    found = town.kpi(month_span(Month(2028, 2)), now=jst(2028, 4, 1))
    assert found.actual.evidence.samples == 29 * 24
