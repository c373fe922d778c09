"""Improvement measures (改善措置) of a fiscal year, with what came of them, and those that are due."""

from datetime import timedelta
from functools import partial

from ingest.plan.act.measures import kept_effects, measures_of
from ingest.plan.act.model import TO_BE_DONE, Measure
from ingest.report.source.base import Asked, RowRead, Source, TableRead
from ingest.report.source.body import keep
from ingest.report.source.proof import evidence_of, figure_cell
from schemas.japan import FiscalYear
from schemas.report_document import Cell, Evidence

DUE_WITHIN = timedelta(days=31)


def _measures(asked: Asked) -> list[Measure]:
    return keep(asked, "measures", partial(measures_of, asked.connection, asked.project_id))


def read_measures(asked: Asked) -> TableRead:
    """The measures of the fiscal year, and those of earlier years that were still open in it."""
    year = FiscalYear.of(asked.first_day).year
    chosen = [
        each for each in _measures(asked)
        if each.fiscal_year == year or (each.fiscal_year < year and each.is_open)
    ]  # fmt: skip
    return _table(asked, chosen)


def read_next_measures(asked: Asked) -> TableRead:
    """The measures of the next fiscal year that are proposed or decided so far."""
    year = FiscalYear.of(asked.first_day).next.year
    return _table(asked, [each for each in _measures(asked) if each.fiscal_year == year])


def read_open(asked: Asked) -> TableRead:
    """The measures of any year of which something is still expected: they are to be done, or to be evaluated."""
    return _table(asked, [each for each in _measures(asked) if each.is_open])


def read_due(asked: Asked) -> TableRead:
    """The measures that were to be done by a month after the period and are not."""
    until = asked.period.last_day + DUE_WITHIN
    return _table(asked, [each for each in _measures(asked) if each.state in TO_BE_DONE and each.due <= until])


def _table(asked: Asked, chosen: list[Measure]) -> TableRead:
    effects = keep(asked, "effects", partial(kept_effects, asked.connection, asked.project_id))
    proof = evidence_of(asked, "measures", "measure", len(_measures(asked)), project=asked.project.code)
    kpis = {kpi.code: kpi.label for kpi in asked.plan.document.kpis} if asked.plan else {}
    rows = tuple(_row(asked, each, effects.get(each.measure_id), kpis, proof) for each in chosen)
    return TableRead(rows, None, (proof,))


def _row(
    asked: Asked, measure: Measure, effect: dict[str, dict[str, str]] | None, kpis: dict[str, str], proof: Evidence
) -> RowRead:
    late = measure.is_late(min(asked.period.last_day, asked.period.until.date()))
    return RowRead(f"{measure.number}", {
        "number": Cell(value=measure.number), "title": Cell(value=measure.title),
        "kind": Cell(value=measure.kind.label.ja), "detail": Cell(value=measure.detail),
        "owner": Cell(value=measure.owner), "due": figure_cell(measure.due, proof),
        "state": figure_cell(measure.state.label.ja, proof), "late": Cell(value="期限超過" if late else ""),
        "done_on": figure_cell(measure.done_on, proof), "cost_yen": figure_cell(measure.cost_yen, proof),
        "kpis": Cell(value="、".join(kpis.get(code, code) for code in measure.kpis)),
        "effect": Cell(value=effect["said"]["ja"] if effect else ""), "result": Cell(value=measure.result),
        "year": Cell(value=FiscalYear(measure.fiscal_year).label),
    })  # fmt: skip


_OFFERED = {
    "number": "番号", "title": "改善措置", "kind": "種類", "detail": "内容", "owner": "担当", "due": "期限",
    "state": "状態", "late": "期限超過", "done_on": "実施日", "cost_yen": "費用(円)",
    "kpis": "対象の指標", "effect": "効果", "result": "結果", "year": "年度",
}  # fmt: skip
ACTIONS: tuple[Source, ...] = (
    Source("measures", "table", read_measures, _OFFERED),
    Source("next_measures", "table", read_next_measures, _OFFERED),
    Source("open_measures", "table", read_open, _OFFERED),
    Source("due_measures", "table", read_due, _OFFERED),
)
