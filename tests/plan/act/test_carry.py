"""The draft of the next plan: what is carried over, and what is not."""

from datetime import date

import pytest

from ingest.plan.act.carry import Outcome, draft_of_next_year
from ingest.plan.document.checks import faults
from schemas.plan import PlanDocument
from schemas.work import Basis

KPI = {
    "code": "hours", "label": "見回り時間", "box": "out", "unit": "時間", "formula": "gain",
    "baseline": {"value": 260, "fiscal_year": 2024, "source": "聞取り"}, "targets": {2025: 200, 2026: 150},
    "evidence": {"kind": "work"}, "owner": "農政課", "note": "毎日の記録から",
}  # fmt: skip
RENT = {"kind": "cloud", "capital": False, "fiscal_year": 2026, "yen": 360_000, "source": "契約書"}
LUMP = {"kind": "cloud", "capital": False, "fiscal_year": 2026, "yen": 9, "begins": "2026-04-01", "covers_months": 60}
MASTS = {"kind": "equipment", "capital": True, "fiscal_year": 2026, "yen": 5_000_000}
FEES = {"label": "利用料", "kind": "fee", "fiscal_year": 2026, "yen": 120_000, "basis": "measured", "source": "台帳"}


def plan(**changes: object) -> PlanDocument:
    body = {
        "project": "ina", "title": "水田の見守り", "begins": "2025-04-01", "ends": "2030-03-31",
        "boxes": [{"code": "out", "stage": "outcome", "label": "見回りが減る"}], "kpis": [KPI],
    }  # fmt: skip
    return PlanDocument.model_validate(body | changes)


def test_a_kpi_without_a_target_of_the_next_year_keeps_the_one_of_this_year() -> None:
    outcome = Outcome("168", "83.6", "B", "第3区の欠測", "アンテナを高くする")
    (kpi,) = draft_of_next_year(plan(), 2026, {"hours": outcome}).kpis
    assert kpi.targets == {2025: 200, 2026: 150, 2027: 150}
    assert kpi.note == (
        "毎日の記録から\n"
        "令和8年度(2026年度): 実績168.0時間(達成率83.6%、B) / 要因: 第3区の欠測 / 改善: アンテナを高くする"
    )


def test_a_target_that_is_there_stays_and_the_final_one_counts_in_its_year() -> None:
    (there,) = draft_of_next_year(plan(), 2025, {}).kpis
    assert there.targets == {2025: 200, 2026: 150}
    last = plan(kpis=[KPI | {"final_target": 80, "final_year": 2027}])
    assert draft_of_next_year(last, 2026, {}).kpis[0].targets[2027] == 80


def test_after_the_last_year_nothing_is_added() -> None:
    ends = plan(ends="2027-03-31", costs=[RENT], incomes=[FEES])
    draft = draft_of_next_year(ends, 2026, {})
    assert draft == ends


def test_running_costs_and_incomes_go_on_as_assumed_ones() -> None:
    draft = draft_of_next_year(plan(costs=[RENT, LUMP, MASTS], incomes=[FEES]), 2026, {})
    new = [cost for cost in draft.costs if cost.fiscal_year == 2027]
    assert [(cost.yen, cost.basis, cost.source) for cost in new] == [
        (360_000, Basis.ASSUMED, "令和8年度(2026年度)から繰越")
    ]
    assert [(each.yen, each.basis) for each in draft.incomes if each.fiscal_year == 2027] == [(120_000, Basis.ASSUMED)]
    again = draft_of_next_year(draft, 2026, {})
    assert (again.costs, again.incomes) == (draft.costs, draft.incomes)


def test_measures_that_go_on_are_named_in_the_purpose() -> None:
    assert draft_of_next_year(plan(purpose="減らす"), 2026, {}, carried=2).purpose == (
        "減らす\n令和8年度(2026年度)から継続する改善措置: 2件"
    )


@pytest.mark.parametrize("year", [2025, 2026, 2029])
def test_a_draft_has_no_fault_that_the_plan_had_not(year: int) -> None:
    whole = plan(costs=[RENT, LUMP, MASTS], incomes=[FEES])
    assert faults(draft_of_next_year(whole, year, {})) == faults(whole)
    assert date(2030, 3, 31) == whole.ends
