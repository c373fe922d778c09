"""Writes a plan as `noroshi plan apply` reads it again: YAML, and its KPIs as a table for Excel."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from ingest.plan.document.columns import COLUMNS, PROJECT, target_heading
from ingest.registry.write import BYTE_ORDER_MARK, dump_yaml
from schemas.foreign import kept_cell
from schemas.plan import FigureEvidence, ObservationEvidence, PlanDocument, WorkEvidence

_TITLE = "# 狼煙 運用計画。書き換えて `noroshi plan apply` で反映します。書かなくなったものは計画からなくなります。\n"


def as_body(document: PlanDocument) -> dict[str, Any]:
    """The document as nested values, without what is empty or the default; the kind of an evidence stays."""
    body = document.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    for written, kpi in zip(body.get("kpis", ()), document.kpis, strict=True):
        written["evidence"] = {"kind": kpi.evidence.kind} | written["evidence"]
    return body


def as_yaml(document: PlanDocument) -> str:
    """The document as YAML."""
    return _TITLE + dump_yaml(_whole(as_body(document)))


def _whole(value: Any) -> Any:
    """Whole numbers without a point, as people write them."""
    match value:
        case dict():
            return {name: _whole(each) for name, each in value.items()}
        case list():
            return [_whole(each) for each in value]
        case float() if value.is_integer() and abs(value) < 2**53:
            return int(value)
        case _:
            return value


def kpis_csv(document: PlanDocument) -> str:
    """The KPIs as a table for Excel: byte order mark, Japanese headings, one column for each year with a target."""
    years = sorted({year for kpi in document.kpis for year in kpi.targets})
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow([PROJECT.heading, *(column.heading for column in COLUMNS), *map(target_heading, years)])
    for kpi in document.kpis:
        body = _whole(kpi.model_dump(mode="json", exclude_none=True))
        body["formula"] = kpi.formula.label.ja.split(":")[0]
        match kpi.evidence:
            case FigureEvidence(figure=of) | ObservationEvidence(code=of):
                body["evidence"]["of"] = of
            case WorkEvidence(sum=of):
                body["evidence"]["of"] = of
        cells = [_cell(_at(body, column.path)) for column in COLUMNS]
        targets = [_cell(body["targets"].get(str(year), body["targets"].get(year))) for year in years]
        writer.writerow([document.project, *cells, *targets])
    return BYTE_ORDER_MARK + target.getvalue()


def _at(body: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        body = body.get(step) if isinstance(body, Mapping) else None
    return body


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case list():
            return kept_cell("、".join(map(str, value)))
        case Mapping():
            return kept_cell("; ".join(f"{name}={_whole(each)}" for name, each in value.items()))
        case str():
            return kept_cell(value)
        case _:
            return str(value)
