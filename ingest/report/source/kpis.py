"""The KPIs of a period (事業目標の達成状況): baseline, target, actual, rate with its formula, grade, evidence."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ingest.plan.check.freeze import Snapshot
from ingest.report.source.base import Asked, RowRead, Source, TableRead
from ingest.report.source.body import Line, body_marks, frozen_evidence, period_body
from ingest.report.source.proof import evidence_of, figure_cell, missing_cell
from schemas.bilingual import Bilingual
from schemas.plan import Formula, Stage
from schemas.report_document import Cell, Evidence

NO_BASELINE = Bilingual("基準値がありません", "there is no baseline")

KPIS_OFFERED: Mapping[str, str] = {
    "kpi": "指標", "code": "指標コード", "stage": "種別(活動・アウトプット・アウトカム)", "unit": "単位",
    "baseline": "基準値", "target": "目標", "actual": "実績", "rate": "達成率(%)", "formula": "算式", "grade": "評価",
    "evidence": "根拠ID", "source": "根拠(数値の名前)", "completeness": "根拠データの取得率(%)", "samples": "標本数",
    "owner": "担当", "note": "注記",
}  # fmt: skip


def kpi_evidence(asked: Asked, name: str, kpi: Line, frozen: Snapshot | None) -> Evidence:
    """The evidence of a KPI as the plan recorded it. `frozen`: the revision that the KPI was taken from."""
    proof = kpi["evidence"]
    if frozen is not None:
        found = frozen_evidence(asked, name, frozen, proof["samples"])
        return found.model_copy(update={"arguments": {**found.arguments, "part": "kpis", "kpi": kpi["code"]}})
    arguments = {f"argument_{key}": value for key, value in proof["arguments"].items()}
    return evidence_of(
        asked, name, proof["figure"], proof["samples"], project=asked.project.code, kpi=kpi["code"],
        first_day=proof["first_day"], until_day=proof["until_day"], plan_number=proof["plan_number"], **arguments,
    )  # fmt: skip


def kpi_cells(asked: Asked, number: int, kpi: Line) -> tuple[dict[str, Cell], Evidence]:
    """The cells of a KPI, and its evidence."""
    evidence = kpi_evidence(asked, f"kpi_{number}", kpi, period_body(asked).frozen)
    low = bool(kpi["reference_only"])
    proof = kpi["evidence"]
    cells = {
        "kpi": Cell(value=kpi["label"]), "code": Cell(value=kpi["code"]), "unit": Cell(value=kpi["unit"]),
        "stage": Cell(value=_stage(asked, kpi["box"])), "owner": Cell(value=kpi["owner"]),
        "baseline": _cell(kpi["baseline"], None, NO_BASELINE),
        "target": _cell(kpi["target"], None, _bilingual(kpi["target_missing"])),
        "actual": _cell(kpi["actual"], evidence, _bilingual(kpi["actual_missing"]), reference_only=low),
        "rate": _cell(kpi["rate"], evidence, _bilingual(kpi["rate_missing"]), reference_only=low),
        "formula": Cell(value=Formula(kpi["formula"]).label.ja),
        "grade": Cell(value=kpi["grade"]) if kpi["grade"] else _missing(kpi["rate_missing"]),
        "evidence": Cell(value=evidence.id), "source": Cell(value=proof["figure"]),
        "completeness": _cell(proof["completeness"], evidence, None),
        "samples": figure_cell(proof["samples"], evidence), "note": Cell(value=_note(kpi)),
    }  # fmt: skip
    return cells, evidence


def kpi_decimals(kpi: Line) -> dict[str, int]:
    """The decimals of the KPI, for the columns whose numbers are in its unit."""
    decimals: int = kpi["decimals"]
    return dict.fromkeys(("baseline", "target", "actual", "before_target", "before_actual", "gain"), decimals)


def read_kpis(asked: Asked) -> TableRead:
    """A row for each KPI of the plan, in its order. Without a plan there is none, and the report says so."""
    body = period_body(asked)
    rows, evidence = [], []
    for number, kpi in enumerate(body.kpis, start=1):
        cells, proof = kpi_cells(asked, number, kpi)
        rows.append(RowRead(kpi["code"], cells, kpi_decimals(kpi)))
        evidence.append(proof)
    return TableRead(tuple(rows), None, tuple(evidence), body_marks(asked))


def _stage(asked: Asked, box: str) -> str:
    boxes = asked.plan.document.boxes if asked.plan else ()
    stage: Stage | None = next((each.stage for each in boxes if each.code == box), None)
    return stage.label.ja if stage else ""


def _note(kpi: Line) -> str:
    reasons = [kpi[name]["ja"] for name in ("actual_missing", "rate_missing", "target_missing") if kpi[name]]
    notes = [note["ja"] for note in kpi["evidence"]["notes"]] + [change["ja"] for change in kpi["changes"]]
    mark = ["参考値"] if kpi["reference_only"] else []
    return "。".join(dict.fromkeys([*mark, *reasons, *notes]))


def _cell(
    text: str | None, evidence: Evidence | None, missing: Bilingual | None, *, reference_only: bool = False
) -> Cell:
    value = None if text is None else Decimal(text)
    return figure_cell(value, evidence, missing, reference_only=reference_only)


def _bilingual(text: Mapping[str, Any] | None) -> Bilingual | None:
    return None if text is None else Bilingual(text["ja"], text["en"])


def _missing(text: Mapping[str, Any] | None) -> Cell:
    why = _bilingual(text)
    return missing_cell(why) if why else Cell()


KPIS = Source("kpis", "table", read_kpis, KPIS_OFFERED)
