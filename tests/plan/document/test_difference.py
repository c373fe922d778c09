"""Differences between two plans, as a clerk reads them before saying yes."""

from typing import Any

import pytest

from ingest.plan.document.difference import difference
from tests.plan.document.example import body, document, kpi

FIRST, SECOND = body()["kpis"]


FACTS_JA = "種別: 機器、初期費用か: はい、年度: 2026、金額(円): 12,000,000、うち国費(円): 6,000,000"
FACTS_EN = "kind: equipment, capital cost: yes, fiscal year: 2026, yen: 12,000,000, of which subsidy (yen): 6,000,000"
COST = (f"費用を削除します: {FACTS_JA}、値の性格: 実績", f"cost goes: {FACTS_EN}, basis: measured")
BASELINE = (
    "指標 patrol_hours「見回り時間」 基準値: 値: 260、年度: 2024、出典: 農家への聞き取り → (なし)",
    "KPI patrol_hours (見回り時間) baseline: value: 260, fiscal year: 2024, source: 農家への聞き取り → (none)",
)


@pytest.mark.parametrize(
    ("more", "ja", "en"),
    [
        (
            {"title": "新しい計画"},
            "計画名: 茶園見守り 運用計画 → 新しい計画",
            "title: 茶園見守り 運用計画 → 新しい計画",
        ),
        (
            {"kpis": [FIRST | {"formula": "ratio"}, SECOND]},
            "指標 patrol_hours「見回り時間」 達成率の算式: 改善度: (実績 - 基準) ÷ (目標 - 基準) → 比率: 実績 ÷ 目標",
            "KPI patrol_hours (見回り時間) formula: gain: (actual - base) / (target - base) → ratio: actual / target",
        ),
        (
            {"kpis": [kpi(targets={2026: 200, 2027: 150, 2028: 140.5}), SECOND]},
            "指標 patrol_hours「見回り時間」 目標 令和10年度(2028年度): (なし) → 140.5",
            "KPI patrol_hours (見回り時間) target fiscal year 2028: (none) → 140.5",
        ),
        ({"kpis": [kpi(baseline=None), SECOND]}, *BASELINE),
        ({"kpis": [SECOND]}, "指標 patrol_hours「見回り時間」を削除します", "KPI patrol_hours (見回り時間) goes"),
        (
            {"kpis": [FIRST, SECOND, kpi(code="new")]},
            "指標 new「見回り時間」を追加します",
            "KPI new (見回り時間) is new",
        ),
        ({"kpis": [SECOND, FIRST]}, "並び順が変わります", "the order changes"),
        ({"groups": {"north": ["a"]}}, "機器グループ north: a、b → a", "device group north: a, b → a"),
        ({"costs": []}, *COST),
        (
            {"calendar": {"monthly_day": 5}},
            "評価の日程 月次の確定日: 10 → 5",
            "review calendar day of the monthly freeze: 10 → 5",
        ),
    ],
)
def test_one_change_is_one_sentence(more: dict[str, Any], ja: str, en: str) -> None:
    found = difference(document(), document(**more))
    assert [(change.said.ja, change.said.en) for change in found.changes] == [(ja, en)]
    assert found


def test_two_costs_that_are_the_same_are_two() -> None:
    thrice = document(costs=body()["costs"] * 3)
    assert len(difference(document(), thrice).changes) == 2
    assert len(difference(thrice, document()).changes) == 2


def test_no_change_is_none() -> None:
    assert not difference(document(), document())


def test_a_first_plan_tells_its_parts() -> None:
    found = difference(None, document())
    assert found.first
    said = [change.said.en for change in found.changes]
    assert said[:2] == ["project: (none) → tea", "title: (none) → 茶園見守り 運用計画"]
    assert "KPI patrol_hours (見回り時間) is new" in said
    assert len(said) < 30


def test_a_line_more_is_said_alone_and_not_with_all_that_stood_before() -> None:
    before, after = document(purpose="水管理を楽にする。"), document(purpose="水管理を楽にする。\n継続する措置: 2件")
    (change,) = difference(before, after).changes
    assert change.said.ja == "目的への追記: 継続する措置: 2件"
    assert change.said.en == "purpose also says: 継続する措置: 2件"
