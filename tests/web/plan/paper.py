"""A plan as a town would write it, and what became of it in one fiscal year, as rows of the tables."""

from datetime import date, datetime
from typing import Any

from ingest.access.authority import By
from ingest.plan.document.versions import apply
from schemas.plan import PlanDocument

BY = By.of_command("test")


def document(year: int, project: str = "fukuroi") -> PlanDocument:
    """A plan of three fiscal years from `year` on, with a KPI for each kind of evidence."""
    years = range(year, year + 3)
    return PlanDocument.model_validate(
        {
            "project": project,
            "title": "スマート農業 運用計画",
            "purpose": "水田の見回りを減らし、その時間を作付けに回す。",
            "begins": date(year, 4, 1),
            "ends": date(year + 3, 3, 31),
            "boxes": [
                _box("money", "input", "国の補助金と市の負担", "build"),
                _box("people", "input", "農政課と土地改良区の職員", "patrol", "build"),
                _box("build", "activity", "水田水位計と LPWA 基地局の設置", "data"),
                _box("patrol", "activity", "見回りと点検の記録", "use", "data"),
                _box("data", "output", "毎時の水位データが届く", "hours"),
                _box("use", "output", "農業者がスマートフォンで水位を見る", "yield"),
                _box("hours", "outcome", "見回り時間が減る"),
                _box("yield", "outcome", "収量が安定する"),
            ],
            "kpis": [
                _kpi(
                    "arrival", "データ取得率", "data", "%", "ratio",
                    {"kind": "figure", "figure": "completeness"}, dict.fromkeys(years, 90.0), owner="情報政策課",
                ),
                _kpi(
                    "patrol_hours", "水管理(見回り)時間", "hours", "時間/年", "gain",
                    {"kind": "work", "sum": "hours", "kinds": ["patrol"]},
                    dict(zip(years, (200.0, 150.0, 120.0), strict=True)),
                    baseline={"value": 260, "fiscal_year": year - 1, "source": "聞き取り(12戸)"},
                ),
                _kpi(
                    "rice", "10アール当たり収量", "yield", "kg", "ratio",
                    {"kind": "observation", "code": "rice_yield", "combine": "mean"}, {year: 540.0},
                ),
            ],
            "costs": [
                _cost("equipment", year, 12_000_000, capital=True, subsidy_yen=6_000_000),
                *(_cost("communication", each, 360_000, technology="lpwa") for each in years),
                _cost("cloud", year, 3_000_000, begins=date(year, 4, 1), covers_months=60, subsidy_yen=1_500_000),
            ],
            "incomes": [
                {"label": "利用料", "kind": "fee", "fiscal_year": each, "yen": 240_000, "basis": "measured",
                 "source": "条例"} for each in years
            ],
            "stakeholders": [
                {"sector": "government", "name": "農政課", "part": "事業主体"},
                {"sector": "academia", "name": "県立農業大学校", "part": "効果の検証"},
            ],
        }
    )  # fmt: skip


def _box(code: str, stage: str, label: str, *leads_to: str) -> dict[str, Any]:
    return {"code": code, "stage": stage, "label": label, "leads_to": leads_to}


def _kpi(
    code: str, label: str, box: str, unit: str, formula: str, evidence: dict[str, Any], targets: dict[int, float],
    *, owner: str = "農政課", baseline: dict[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "code": code, "label": label, "box": box, "unit": unit, "formula": formula, "evidence": evidence,
        "targets": targets, "owner": owner, "baseline": baseline,
    }  # fmt: skip


def _cost(kind: str, year: int, yen: int, *, capital: bool = False, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "capital": capital, "fiscal_year": year, "yen": yen, "source": "契約書", **more}


def plan(connection: Any, year: int, project: str = "fukuroi") -> int:
    """Store the plan of a project; returns the number of the project."""
    (project_id,) = connection.execute("select project_id from project where code = %s", (project,)).fetchone()
    apply(connection, BY, project_id, document(year, project), "")
    return int(project_id)


def work(connection: Any, project_id: int, at: datetime, minutes: int, kind: str = "patrol") -> None:
    """An entry of the work log."""
    connection.execute(
        "insert into work_entry (project_id, kind, starts, minutes, entered_by) values (%s, %s, %s, %s, 'test')",
        (project_id, kind, at, minutes),
    )
