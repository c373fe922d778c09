"""Costs of a plan, reckoned by hand: what falls into which month, and what is said of five years."""

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ingest.figures.plan.apportion import apportion
from ingest.figures.plan.work import WorkSums
from ingest.plan.check.cost import (
    View,
    balances,
    bases_of,
    break_even_months,
    cost_between,
    costs_by_month,
    income_between,
    net_cumulative,
    self_sufficiency,
    total_cost_of_ownership,
    years_without_running_costs,
)
from ingest.plan.check.labour import labour_of
from schemas.japan import Month
from schemas.plan import PlanDocument
from schemas.work import Basis
from tests.plan.check.papers import document

APRIL, APRIL_2027 = Month(2026, 4), Month(2027, 4)


def plan(costs: list[dict[str, object]], incomes: list[dict[str, object]] | None = None) -> PlanDocument:
    return document(costs=costs, incomes=incomes or [])


def cost(yen: int, year: int = 2026, **more: object) -> dict[str, object]:
    return {"kind": "cloud", "capital": False, "fiscal_year": year, "yen": yen} | more


def income(yen: int, year: int = 2026, **more: object) -> dict[str, object]:
    said = {"label": "利用料", "kind": "fee", "fiscal_year": year, "yen": yen, "basis": "measured", "source": "収入簿"}
    return said | more


def test_a_cloud_fee_paid_at_once_is_spread_over_its_months() -> None:
    """3,000,000 yen for 60 months from July 2026: 50,000 a month, 450,000 in the first fiscal year."""
    paid = plan([cost(3_000_000, begins=date(2026, 7, 1), covers_months=60)])
    by_month = costs_by_month(paid, View.TOTAL)
    assert (by_month[Month(2026, 7)], by_month[Month(2031, 6)], len(by_month)) == (50_000, 50_000, 60)
    assert cost_between(paid, View.TOTAL, APRIL, APRIL_2027) == 450_000


def test_the_three_views() -> None:
    """Equipment of 10,000,000 with half of it subsidy, and 1,200,000 a year to run it."""
    paid = plan([cost(10_000_000, capital=True, subsidy_yen=5_000_000), cost(1_200_000)])
    assert cost_between(paid, View.TOTAL, APRIL, APRIL_2027) == 11_200_000
    assert cost_between(paid, View.LOCAL, APRIL, APRIL_2027) == 6_200_000
    assert cost_between(paid, View.RUNNING, APRIL, APRIL_2027) == 1_200_000
    assert cost_between(paid, View.TOTAL, APRIL, Month(2026, 5)) == 10_100_000


@given(st.integers(0, 10**9), st.integers(1, 60))
def test_no_yen_is_lost_in_the_months(yen: int, months: int) -> None:
    assert sum(costs_by_month(plan([cost(yen, covers_months=months)]), View.TOTAL).values()) == yen


@given(st.lists(st.fractions(0, 10**9), min_size=1, max_size=30))
def test_parts_in_whole_yen_add_up_and_none_is_a_yen_away(parts: list[Fraction]) -> None:
    whole = int(sum(parts))
    yen = apportion(parts, whole)
    assert sum(yen) == whole
    assert all(abs(cut - part) < 1 for cut, part in zip(yen, parts, strict=True))


def test_the_largest_remainder_has_the_yen_that_cutting_leaves() -> None:
    """100,000 for devices of 6 and 5 months: 54,545.45 and 45,454.55, where cutting would leave 99,999."""
    assert apportion([Fraction(600_000, 11), Fraction(500_000, 11)], 100_000) == [54_545, 45_455]
    assert apportion([Fraction(100, 3)] * 3, 100) == [34, 33, 33]
    assert apportion([], 0) == []


def test_the_worth_of_logged_work_adds_up_by_kind() -> None:
    """20 minutes of each of three kinds at 1,000 yen an hour are 1,000 yen together, and not three times 333."""
    sums = [WorkSums("kind", kind, None, 1, 20, None, 0) for kind in ("patrol", "repair", "battery")]
    assert sum(each.yen for each in labour_of(sums, 1_000)) == 1_000


def test_five_years_cost_what_is_named_for_them_and_lacking_years_are_named() -> None:
    paid = plan([cost(5_000_000, capital=True), cost(600_000, 2026), cost(600_000, 2027)])
    assert total_cost_of_ownership(paid, View.TOTAL) == 6_200_000
    assert total_cost_of_ownership(paid, View.RUNNING) == 1_200_000
    assert years_without_running_costs(paid) == [2028, 2029, 2030]


def test_the_sixty_first_month_is_no_part_of_five_years() -> None:
    paid = document(begins=date(2026, 4, 1), ends=date(2032, 3, 31), costs=[cost(120_000, 2030), cost(120_000, 2031)])
    assert total_cost_of_ownership(paid, View.TOTAL) == 120_000


def test_self_sufficiency_takes_income_and_no_savings() -> None:
    """300,000 of fees against 1,200,000 of running costs: a quarter. A saving is no income."""
    paid = plan([cost(1_200_000), cost(9_000_000, capital=True)], [income(300_000), income(900_000, kind="saving")])
    assert self_sufficiency(paid, APRIL, APRIL_2027) == Fraction(1, 4)
    assert self_sufficiency(plan([cost(1, capital=True)]), APRIL, APRIL_2027) is None


def test_break_even_is_the_month_from_which_the_net_stays_at_nothing_or_above() -> None:
    """600,000 at the beginning, 100,000 a month saved and nothing spent: after six months."""
    paid = plan([cost(600_000, capital=True)], [income(1_200_000, kind="saving")])
    assert break_even_months(paid, View.TOTAL) == 6
    assert net_cumulative(paid, View.TOTAL, Month(2026, 9)) == -100_000
    assert net_cumulative(paid, View.TOTAL, Month(2026, 10)) == 0


def test_break_even_that_is_lost_again_is_none() -> None:
    """Above nothing in the first year, below again by the costs of the second."""
    paid = plan([cost(600_000, capital=True), cost(9_000_000, 2027)], [income(1_200_000, kind="saving")])
    assert break_even_months(paid, View.TOTAL) is None
    assert net_cumulative(paid, View.TOTAL, APRIL_2027) == 600_000
    assert net_cumulative(paid, View.TOTAL, Month(2027, 5)) == -150_000


def test_the_balance_of_years_keeps_avoided_damage_apart_and_says_how_sure_it_is() -> None:
    paid = plan(
        [cost(1_000_000, capital=True), cost(120_000, 2027, basis="estimated")],
        [
            income(200_000, kind="saving", basis="assumed"),
            income(5_000_000, kind="avoided_damage", basis="estimated"),
            income(60_000, 2027),
        ],
    )
    first, second = balances(paid)[:2]
    assert (first.cost, first.saving, first.avoided_damage, first.net) == (1_000_000, 200_000, 5_000_000, -800_000)
    assert first.bases == (Basis.MEASURED, Basis.ASSUMED)
    assert first.self_sufficiency is None
    assert (second.cost, second.income, second.net, second.net_cumulative) == (120_000, 60_000, -60_000, -860_000)
    assert second.self_sufficiency == Fraction(1, 2)


def test_a_plan_that_begins_in_january_spreads_a_year_over_three_months() -> None:
    paid = document(begins=date(2026, 1, 15), costs=[cost(300_000, 2025)])
    assert costs_by_month(paid, View.TOTAL) == {Month(2026, month): 100_000 for month in (1, 2, 3)}


def test_a_running_cost_that_begins_within_the_year_falls_into_what_is_left_of_it() -> None:
    """600,000 from October on: 100,000 for each of six months. Equipment bought in October falls into October."""
    later = plan([cost(600_000, begins=date(2026, 10, 1)), cost(900_000, 2027, capital=True, begins=date(2027, 10, 5))])
    by_month = costs_by_month(later, View.TOTAL)
    assert {month for month in by_month if month < APRIL_2027} == {
        Month(2026, 10), Month(2026, 11), Month(2026, 12), Month(2027, 1), Month(2027, 2), Month(2027, 3),
    }  # fmt: skip
    assert (by_month[Month(2026, 10)], by_month[Month(2027, 10)]) == (100_000, 900_000)


def test_an_amount_of_a_year_before_the_plan_is_spread_over_that_year_and_counts_in_all_sums() -> None:
    """A survey of 240,000 in 2025, when nothing ran yet: 20,000 a month, and it has to be earned back."""
    early = plan([cost(240_000, 2025)], [income(240_000, kind="saving")])
    assert costs_by_month(early, View.TOTAL)[Month(2025, 4)] == 20_000
    assert total_cost_of_ownership(early, View.TOTAL) == 240_000
    assert break_even_months(early, View.TOTAL) == 12
    assert [(each.fiscal_year, each.net_cumulative) for each in balances(early)] == [
        (2025, -240_000), *((year, 0) for year in range(2026, 2031)),
    ]  # fmt: skip


def test_avoided_damage_is_in_no_sum() -> None:
    paid = plan([cost(1_200_000)], [income(9_000_000, kind="avoided_damage"), income(120_000)])
    assert income_between(paid, APRIL, APRIL_2027) == 120_000
    assert net_cumulative(paid, View.TOTAL, APRIL_2027) == -1_080_000
    assert break_even_months(paid, View.TOTAL) is None
    assert self_sufficiency(paid, APRIL, APRIL_2027) == Fraction(1, 10)


def test_a_year_whose_running_cost_is_nought_is_named_as_lacking() -> None:
    paid = plan([cost(0, 2026), *(cost(1, year) for year in (2027, 2028, 2029, 2030))])
    assert years_without_running_costs(paid) == [2026]


def test_how_sure_the_amounts_are_is_told_of_costs_and_of_incomes() -> None:
    assert bases_of(plan([cost(1, basis="estimated")], [income(1)])) == (Basis.MEASURED, Basis.ESTIMATED)
