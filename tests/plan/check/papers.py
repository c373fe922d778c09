"""Plans for tests, small and complete."""

from datetime import date
from typing import Any

from schemas.plan import PlanDocument

BOX = {"code": "data", "stage": "output", "label": "データが届く"}


def kpi(code: str = "completeness", **more: Any) -> dict[str, Any]:
    """A KPI of the completeness with a target for 2026, or whatever is said instead."""
    return {
        "code": code, "label": code, "box": "data", "unit": "%", "formula": "ratio", "owner": "農林課",
        "targets": {2026: 90}, "evidence": {"kind": "figure", "figure": "completeness"},
    } | more  # fmt: skip


def document(
    *kpis: dict[str, Any], begins: date = date(2026, 4, 1), ends: date = date(2031, 3, 31), **more: Any
) -> PlanDocument:
    """A plan of the project `tea` with these KPIs."""
    return PlanDocument.model_validate(
        {
            "project": "tea", "title": "茶園の見守り", "begins": begins, "ends": ends,
            "boxes": [BOX], "kpis": list(kpis),
        } | more
    )  # fmt: skip
