"""Every template becomes a plan that is right, and its numbers follow from the answers."""

from datetime import date
from typing import Any

import pytest

from ingest.plan.document.checks import faults
from ingest.plan.document.facts import programme, quota, subsidy_rule
from ingest.plan.document.guide import Answers, KpiAnswer, plan_of, suggested_targets, templates
from ingest.plan.document.kpi_checks import notes
from ingest.plan.document.refused import PlanRefused
from ingest.plan.document.template import ORDER
from schemas.work import MeasureKind
from tests.plan.document.example import document

CODES = [*ORDER]


def answers(**more: Any) -> Answers:
    given: dict[str, Any] = {
        "project": "tea", "title": "計画", "begins": date(2027, 1, 15), "ends": date(2031, 3, 31), "owner": "農政課",
        "devices": 40,
    }  # fmt: skip
    return Answers(**(given | more))


def baselines(template: str) -> dict[str, KpiAnswer]:
    chosen = next(each for each in templates() if each.code == template)
    return {kpi.code: KpiAnswer(baseline=260) for kpi in chosen.kpis if kpi.needs_baseline}


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("template", CODES)
def test_every_template_is_a_plan_without_mistakes_or_open_questions(template: str, language: str) -> None:
    given = baselines(template) | ({"catches": KpiAnswer(targets={2027: 30})} if template == "wildlife" else {})
    plan = plan_of(template, answers(kpis=given), language)
    assert faults(plan) == []
    assert [note.said.en for note in notes(plan)] == []
    assert len(plan.kpis) == len(next(each for each in templates() if each.code == template).kpis)
    reached = {code for box in plan.boxes for code in box.leads_to}
    assert {box.code for box in plan.boxes if box.stage != "input"} == reached
    labels = [*(box.label for box in plan.boxes), *(kpi.label for kpi in plan.kpis)]
    words = [plan.purpose, *labels, *(kpi.unit for kpi in plan.kpis)]
    assert all(word.isascii() for word in words) == (language == "en")


def test_targets_follow_from_the_baseline_and_the_number_of_devices() -> None:
    # The plan begins in January 2027: its first fiscal year is 2026, of which a quarter is left.
    plan = plan_of("paddy", answers(kpis={"patrol_hours": KpiAnswer(baseline=260, baseline_source="聞き取り")}))
    kpis = {kpi.code: kpi for kpi in plan.kpis}
    assert kpis["patrol_hours"].targets == {2026: 208, 2027: 169, 2028: 130, 2029: 130, 2030: 130}
    assert kpis["patrol_hours"].baseline is not None
    assert (kpis["patrol_hours"].baseline.fiscal_year, kpis["patrol_hours"].baseline.source) == (2025, "聞き取り")
    assert kpis["devices_working"].targets[2026] == 38
    assert kpis["completeness"].targets == {2026: 90, 2027: 92, 2028: 93, 2029: 93, 2030: 93}
    assert kpis["patrol_km"].targets == {}  # no baseline was given


def test_answers_replace_what_the_template_suggests() -> None:
    given = {"patrol_hours": KpiAnswer(260, 2024, "日誌", {2026: 200, 2030: 150}, final_target=120)}
    plan = plan_of("paddy", answers(kpis=given, left_out=frozenset({"patrol_km", "users"})))
    hours, completeness, working = plan.kpis
    assert (hours.targets, hours.final_target, hours.final_year) == ({2026: 200}, 120, 2030)
    assert [completeness.code, working.code] == ["completeness", "devices_working"]


def test_costs_are_those_of_the_answers() -> None:
    plan = plan_of(
        "snow", answers(capital_yen=12_000_000, subsidy_yen=6_000_000, yearly_yen=900_000, yen_per_hour=2500)
    )
    assert [(each.fiscal_year, each.yen, each.subsidy_yen, each.capital) for each in plan.costs] == [
        (2026, 12_000_000, 6_000_000, True), *((year, 900_000, 0, False) for year in range(2026, 2031)),
    ]  # fmt: skip
    assert plan.yen_per_hour == 2500
    (completeness,) = (kpi for kpi in plan.kpis if kpi.code == "completeness")
    assert completeness.scope.season is not None
    assert (completeness.scope.season.begins, completeness.scope.season.ends) == ("11-15", "03-31")


def test_answers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(PlanRefused) as refused:
        plan_of("paddy", answers(project="Tea 1", title="", ends=date(2026, 1, 1)))
    assert [problem.said.ja.split(":")[0] for problem in refused.value.problems] == ["事業コード", "計画名"]
    with pytest.raises(PlanRefused, match="before it begins"):
        plan_of("paddy", answers(ends=date(2026, 1, 1)))
    with pytest.raises(KeyError):
        plan_of("tea", answers())


def test_a_suggestion_in_words() -> None:
    hours = templates()[0].kpis[0]
    assert hours.suggested_change is not None
    assert hours.suggested_change.en == "80 → 65 → 50 % of the baseline"
    assert suggested_targets(hours, [2026], baseline=None, devices=9) == {}


def test_quotas_of_advisers_are_of_the_plan_or_of_the_data() -> None:
    site = quota(MeasureKind.REGIONAL_ADVISER_SITE, 2026)
    assert site is not None
    assert (site.amount, site.unit.en, site.fiscal_year) == (3, "visits", 2025)
    online = quota(MeasureKind.REGIONAL_ADVISER_ONLINE, 2030)
    assert online is not None
    assert (online.amount, online.unit.en) == (10, "hours")
    own = quota(MeasureKind.DX_ADVISER, 2026, document(adviser_quotas={"dx_adviser": 2}))
    assert own is not None
    assert (own.amount, own.source) == (2, "plan")
    assert quota(MeasureKind.IMPROVEMENT, 2026) is None
    assert quota(MeasureKind.DX_ADVISER, 2019) is None


def test_names_and_rules_of_the_subsidy_by_year() -> None:
    names = [programme(year) for year in (2024, 2026, 2040)]
    assert [name and name.ja for name in names] == [
        "地域デジタル基盤活用推進事業(補助事業)", "地域社会DX推進パッケージ事業(補助事業)", None,
    ]  # fmt: skip
    rule = subsidy_rule(2026)
    assert rule is not None
    assert (rule.percent, rule.cloud_months) == (50, 60)
    assert subsidy_rule(2020) is None
