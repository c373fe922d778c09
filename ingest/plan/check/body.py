"""The body of a frozen period: every figure, every KPI with its evidence, as JSON that is the same for the same data.

Numbers that are not whole are text, so that no program rounds them. Percentages and rates are cut, never rounded up.
"""

import hashlib
import json
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ingest.figures.fetch import Database
from ingest.figures.plan.outage import OutageSums
from ingest.figures.plan.sums import PlanSums
from ingest.figures.plan.work import work_sums
from ingest.plan.check.actual import Actual, Proof, cut
from ingest.plan.check.cost import View
from ingest.plan.check.database import inputs as database
from ingest.plan.check.look import Look, Number, to_decimal
from ingest.plan.check.results import KpiResult, PeriodResults
from ingest.plan.check.shares import cost_shares
from ingest.plan.check.spans import PeriodKind, Span
from ingest.plan.check.use.months import use_of_project
from schemas.bilingual import Bilingual
from schemas.japan import Month, to_jst
from schemas.plan import PlanScope

RATE_DECIMALS = 4
"""Percentages are kept with so many decimals, cut."""


def body_of(connection: Database, place: database.Place, span: Span, results: PeriodResults) -> dict[str, Any]:
    """Everything that is frozen of a period: KPIs, figures, outages, work, use, costs, notes, and its inputs."""
    look = results.look
    days = (span.first_day, span.until_day)
    known = look.outages_known(span.until_day)
    body: dict[str, Any] = {
        "project": place.code,
        "period": {"kind": span.kind.value, "first_day": str(days[0]), "until_day": str(days[1])},
        "plan": {"number": results.plan.number, "entered_at": to_jst(results.plan.entered_at).isoformat()},
        "notes": [_text(note) for note in results.notes],
        "kpis": [kpi_json(result) for result in results.kpis],
        "figures": [sums_json(row) for row in look.levels(PlanScope(), *days)],
        "outages": [outage_json(row) for row in look.outage_rows(PlanScope(), *days)] if known else [],
        "work": [_plain(asdict(row)) for row in work_sums(connection, place.code, *days)],
        "costs": _costs(look, days),
        "use": None,
        "inputs": database.inputs_of(connection, place.project_id, *days),
    }
    if span.kind is PeriodKind.MONTH:
        months = use_of_project(connection, place.project_id, Month.of(days[0]), Month.of(days[1]))
        body["use"] = months[0].as_json() if months else None
    return json.loads(canonical(body))  # type: ignore[no-any-return]


def canonical(body: object) -> str:
    """The text that the digest is of: the same for the same content."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(body: object) -> bytes:
    """SHA-256 of the canonical text."""
    return hashlib.sha256(canonical(body).encode()).digest()


def kpi_json(result: KpiResult) -> dict[str, Any]:
    """A KPI of a period as it is frozen and as the API answers it."""
    return {
        "code": result.code, "label": result.label, "box": result.box, "unit": result.unit,
        "decimals": result.decimals, "formula": result.formula.value, "formula_label": _text(result.formula.label),
        "owner": result.owner, "target": _number(result.target), "target_missing": _text(result.target_missing),
        "baseline": _number(result.baseline), "rate": _number(result.rate), "rate_missing": _text(result.rate_missing),
        "grade": result.grade, "changes": [_text(each) for each in result.changes], **actual_json(result.actual),
    }  # fmt: skip


def actual_json(actual: Actual) -> dict[str, Any]:
    """An actual with its evidence as JSON: `actual`, `actual_missing`, `reference_only`, `evidence`."""
    return {
        "actual": _number(actual.value), "actual_missing": _text(actual.missing),
        "reference_only": actual.reference_only, "evidence": _proof(actual.evidence),
    }  # fmt: skip


def sums_json(row: PlanSums) -> dict[str, Any]:
    """One row of sums with its rates in percent."""
    return {
        "level": row.level, "key": row.key, "name": row.name, "devices": row.devices,
        "expected": row.expected, "sent": row.sent, "arrived": row.arrived, "valid": row.valid,
        "sent_rate": percent_text(row.transmission), "radio_rate": percent_text(row.arrival),
        "valid_rate": percent_text(row.validity), "completeness": percent_text(row.completeness),
        "availability": percent_text(row.availability), "reference_only": row.reference_only(),
        "readings": row.readings, "flagged": row.flagged, "quarantined": row.quarantined,
        "latency_samples": row.latency_samples, "latency_p50_s": _number(row.latency_p50_s),
        "latency_p95_s": _number(row.latency_p95_s),
    }  # fmt: skip


def outage_json(row: OutageSums) -> dict[str, Any]:
    """One row of outages, with MTTR and MTBF in seconds."""
    return {**_plain(asdict(row)), "mttr_s": _number(row.mttr_s), "mtbf_s": _number(row.mtbf_s)}


def percent_text(rate: Fraction | float | None) -> str | None:
    """A rate in percent, cut; None stays None."""
    return None if rate is None else str(cut(Fraction(rate) * 100, RATE_DECIMALS))


def _costs(look: Look, days: tuple[Any, Any]) -> dict[str, list[dict[str, Any]]]:
    if not look.document.costs:
        return {}
    return {
        view.value: [
            {
                "level": row.level, "key": row.key, "name": row.name, "yen": str(row.yen),
                "yen_per_1000_valid": None if row.yen_per_1000_valid is None else str(cut(row.yen_per_1000_valid, 2)),
            }
            for row in cost_shares(look, view, days) if row.level != "device"
        ]
        for view in View
    }  # fmt: skip


def _proof(proof: Proof) -> dict[str, Any]:
    return {
        "figure": proof.figure, "arguments": dict(proof.arguments),
        "scope": proof.scope.model_dump(mode="json", exclude_defaults=True),
        "first_day": str(proof.first_day), "until_day": str(proof.until_day), "samples": proof.samples,
        "completeness": _number(proof.completeness), "computed_at": to_jst(proof.computed_at).isoformat(),
        "software": proof.software, "plan_number": proof.plan_number, "sources": list(proof.sources),
        "basis": proof.basis and proof.basis.value, "notes": [_text(note) for note in proof.notes],
    }  # fmt: skip


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, float | Decimal) else value for name, value in row.items()}


def _number(value: Number | None) -> str | None:
    return None if value is None else f"{to_decimal(value):f}"


def _text(said: Bilingual | None) -> dict[str, str] | None:
    return None if said is None else {"ja": said.ja, "en": said.en}
