"""The sheet for verifying the effect (効果検証シート): each KPI beside the year before."""

from decimal import Decimal
from functools import partial

from ingest.plan.check.body import kpi_json
from ingest.plan.check.freeze import Snapshot, snapshots
from ingest.plan.check.results import kpi_results
from ingest.plan.check.spans import PeriodKind
from ingest.report.source.base import Asked, RowRead, Source, TableRead
from ingest.report.source.body import Line, body_marks, keep, period_body
from ingest.report.source.kpis import KPIS_OFFERED, kpi_cells, kpi_decimals, kpi_evidence
from ingest.report.source.proof import figure_cell
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear
from schemas.plan import Baseline
from schemas.report_document import Cell, Evidence

_NEW = Bilingual("前年度の計画にない指標です", "the plan of the year before had no such KPI")
_NO_STEP = Bilingual("基準値か実績がありません", "there is no baseline, or no actual")
_NONE = Bilingual("前年度にはありません", "there was none the year before")


def read_effect(asked: Asked) -> TableRead:
    """A row for each KPI of the plan: both years, rate, grade, and the gain since the baseline."""
    before = FiscalYear(FiscalYear.of(asked.first_day).year - 1)
    frozen, kpis = _year_before(asked, before)
    earlier = {kpi["code"]: kpi for kpi in kpis}
    rows, proofs = [], []
    for number, kpi in enumerate(period_body(asked).kpis, start=1):
        cells, evidence = kpi_cells(asked, number, kpi)
        old = earlier.get(kpi["code"])
        proof = kpi_evidence(asked, f"kpi_{number}_before", old, frozen) if old else None
        more = {
            "before_target": _before(old, "target", None), "before_actual": _before(old, "actual", proof),
            "before_grade": Cell(value=old["grade"]) if old else Cell(),
            "baseline_year": Cell(value=_baseline_year(asked, kpi["code"])), "gain": _gain(kpi, evidence),
        }  # fmt: skip
        rows.append(RowRead(kpi["code"], cells | more, kpi_decimals(kpi)))
        proofs += [evidence, *([proof] if proof else [])]
    return TableRead(tuple(rows), None, tuple(proofs), body_marks(asked))


def _year_before(asked: Asked, before: FiscalYear) -> tuple[Snapshot | None, list[Line]]:
    """The KPIs of the fiscal year before: frozen, or computed now; none before the plan began."""
    found = snapshots(asked.connection, asked.project_id, PeriodKind.YEAR, before.year)
    return (found[-1], found[-1].body["kpis"]) if found else (None, _computed(asked, before))


def _computed(asked: Asked, before: FiscalYear) -> list[Line]:
    if asked.plan is None or asked.plan.document.begins >= before.next.first_day:
        return []
    days = (before.first_day, before.next.first_day)
    read = partial(kpi_results, asked.connection, asked.project_id, *days, asked.now)
    found = keep(asked, "results_before", read)
    return [kpi_json(each) for each in found.kpis] if found else []


def _before(kpi: Line | None, name: str, proof: Evidence | None) -> Cell:
    if kpi is None:
        return figure_cell(None, proof, _NEW)
    value, why = kpi[name], kpi[f"{name}_missing"]
    missing = Bilingual(why["ja"], why["en"]) if why else _NONE
    return figure_cell(None if value is None else Decimal(value), proof, missing)


def _baseline_year(asked: Asked, code: str) -> str | None:
    kpis = asked.plan.document.kpis if asked.plan else ()
    baseline: Baseline | None = next((kpi.baseline for kpi in kpis if kpi.code == code), None)
    return None if baseline is None else FiscalYear(baseline.fiscal_year).label


def _gain(kpi: Line, proof: Evidence) -> Cell:
    """累計増加分: what the actual is above the baseline; below it where less is better."""
    if kpi["actual"] is None or kpi["baseline"] is None:
        return figure_cell(None, proof, _NO_STEP)
    return figure_cell(Decimal(kpi["actual"]) - Decimal(kpi["baseline"]), proof)


EFFECT = Source("effect", "table", read_effect, {
    **KPIS_OFFERED, "baseline_year": "基準年度", "before_target": "前年度の目標", "before_actual": "前年度の実績",
    "before_grade": "前年度の評価", "gain": "累計増加分(実績 - 基準値)",
})  # fmt: skip
