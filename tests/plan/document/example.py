"""A small plan that is right in every way, for tests that break one thing of it."""

from typing import Any

from schemas.plan import PlanDocument


def body(**more: Any) -> dict[str, Any]:
    """The plan of `tea` as a file would say it, with some parts replaced."""
    plan: dict[str, Any] = {
        "project": "tea",
        "title": "茶園見守り 運用計画",
        "begins": "2026-04-01",
        "ends": "2031-03-31",
        "boxes": [
            {"code": "sensors", "stage": "input", "label": "センサー", "leads_to": ["watching"]},
            {"code": "watching", "stage": "activity", "label": "遠隔監視", "leads_to": ["data"]},
            {"code": "data", "stage": "output", "label": "データ", "leads_to": ["hours"]},
            {"code": "hours", "stage": "outcome", "label": "見回り時間の削減"},
        ],
        "kpis": [
            {
                "code": "patrol_hours", "label": "見回り時間", "box": "hours", "unit": "時間", "formula": "gain",
                "baseline": {"value": 260, "fiscal_year": 2024, "source": "農家への聞き取り"},
                "targets": {"2026": 200, "2027": 150}, "final_target": 120, "final_year": 2030,
                "evidence": {"kind": "work", "sum": "hours", "kinds": ["patrol"]}, "owner": "農政課",
            },
            {
                "code": "completeness", "label": "データ取得率", "box": "data", "unit": "%", "formula": "ratio",
                "targets": {"2026": 90}, "scope": {"group": "north"},
                "evidence": {"kind": "figure", "figure": "completeness"}, "owner": "情報政策課",
            },
        ],
        "groups": {"north": ["a", "b"]},
        "costs": [{"kind": "equipment", "capital": True, "fiscal_year": 2026, "yen": 12000000, "subsidy_yen": 6000000}],
    }  # fmt: skip
    return plan | more


def kpi(**more: Any) -> dict[str, Any]:
    """The first KPI, with some fields replaced."""
    first: dict[str, Any] = body()["kpis"][0]
    return first | more


def document(**more: Any) -> PlanDocument:
    """The plan as a model."""
    return PlanDocument.model_validate(body(**more))
