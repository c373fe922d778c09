"""A plan in a quarter of an hour: a template and a few answers become a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from ingest.plan.document.checks import faults
from ingest.plan.document.fault import Fault, problem_of
from ingest.plan.document.refused import PlanRefused
from ingest.plan.document.template import Template, TemplateKpi, said, template_of, templates
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear
from schemas.misfit import misfit
from schemas.plan import PlanDocument

__all__ = ["Answers", "KpiAnswer", "Template", "TemplateKpi", "plan_of", "suggested_targets", "templates"]

TEXTS = {
    "source": Bilingual("担当課の記入", "entered by the office"),
    "capital": Bilingual("ガイドでの記入(初期費用)", "entered in the guide: initial cost"),
    "yearly": Bilingual("ガイドでの記入(年間の運用費用)", "entered in the guide: cost of a year"),
}

_UNITS_EN = {
    "時間": "h", "分": "min", "秒": "s", "回": "times", "円": "yen", "台": "devices", "人": "people", "頭": "animals",
    "部署": "departments",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KpiAnswer:
    """What was answered about one KPI. Without targets those of the template are reckoned from the baseline.

    Without `baseline_year` the baseline is of the fiscal year before the plan.
    """

    baseline: float | None = None
    baseline_year: int | None = None
    baseline_source: str = ""
    targets: dict[int, float] = field(default_factory=dict)
    final_target: float | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """The few answers.

    `kpis`: by code. A KPI that is not named is taken without baseline; those of `left_out` are not taken. Yen:
    `capital_yen` once, in the first fiscal year, `subsidy_yen` of it from the state; `yearly_yen` in each year.
    """

    project: str
    title: str
    begins: date
    ends: date
    owner: str
    devices: int
    kpis: dict[str, KpiAnswer] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    capital_yen: int = 0
    subsidy_yen: int = 0
    yearly_yen: int = 0
    yen_per_hour: int | None = None


def suggested_targets(
    kpi: TemplateKpi, years: Sequence[int], *, baseline: float | None, devices: int
) -> dict[int, float]:
    """The targets of the template for these fiscal years; the last step holds for all later ones.

    Empty if the template has none, or needs a baseline that is not there. Cut to the decimals of the KPI.
    """
    targets: Mapping[str, list[float]] = kpi.body.get("targets", {})
    decimals = int(kpi.body.get("decimals", 1))
    wholes = {"percent_of_baseline": baseline, "percent_of_devices": float(devices), "values": 100.0}
    found: dict[int, float] = {}
    for name, steps in targets.items():
        whole = wholes[name]
        if whole is not None:
            each = [steps[min(place, len(steps) - 1)] for place in range(len(years))]
            found |= {year: _part(whole, percent, decimals) for year, percent in zip(years, each, strict=True)}
    return found


def _part(whole: float, percent: float, decimals: int) -> float:
    exact = Decimal(repr(whole)) * Decimal(repr(percent)) / 100
    return float(exact.quantize(Decimal(1).scaleb(-decimals)))


def plan_of(template: str, answers: Answers, language: str = "ja") -> PlanDocument:
    """The document, its words in one language: what people then read and change is theirs.

    Raises PlanRefused where the answers do not fit together, KeyError for an unknown template.
    """
    chosen = template_of(template)
    first, last = FiscalYear.of(answers.begins).year, FiscalYear.of(answers.ends).year
    years = range(first, last + 1)
    body: dict[str, Any] = {
        "project": answers.project,
        "title": answers.title,
        "purpose": chosen.purpose.to(language),
        "begins": answers.begins,
        "ends": answers.ends,
        "boxes": [box | {"label": said(box["label"]).to(language)} for box in chosen.body["boxes"]],
        "kpis": [
            _kpi(kpi, chosen, answers, years, language) for kpi in chosen.kpis if kpi.code not in answers.left_out
        ],
        "costs": _costs(answers, years, language),
        "yen_per_hour": answers.yen_per_hour,
    }
    try:
        document = PlanDocument.model_validate(body)
    except ValidationError as error:
        items = error.errors(include_url=False)
        raise PlanRefused([problem_of(Fault(item["loc"], misfit(item)), body) for item in items]) from None
    found = faults(document)
    if found:
        raise PlanRefused([problem_of(each, body) for each in found])
    return document


def _kpi(kpi: TemplateKpi, template: Template, answers: Answers, years: range, language: str) -> dict[str, Any]:
    answer = answers.kpis.get(kpi.code, KpiAnswer())
    asked = ("code", "box", "unit", "decimals", "formula", "evidence", "least_completeness")
    body = {name: kpi.body[name] for name in asked if name in kpi.body}
    body |= {"label": kpi.label.to(language), "owner": answers.owner}
    if language == "en":
        body["unit"] = _UNITS_EN.get(kpi.unit, kpi.unit)
    body["targets"] = answer.targets or suggested_targets(kpi, years, baseline=answer.baseline, devices=answers.devices)
    if answer.baseline is not None:
        body["baseline"] = {
            "value": answer.baseline,
            "fiscal_year": answer.baseline_year or (years[0] if years else FiscalYear.of(answers.begins).year) - 1,
            "source": answer.baseline_source or TEXTS["source"].to(language),
        }
    if answer.final_target is not None and years:
        body |= {"final_target": answer.final_target, "final_year": years[-1]}
        body["targets"] = {year: value for year, value in body["targets"].items() if year != years[-1]}
    if kpi.body.get("seasonal") and "season" in template.body:
        body["scope"] = {"season": template.body["season"]}
    return body


def _costs(answers: Answers, years: range, language: str) -> list[dict[str, Any]]:
    costs: list[dict[str, Any]] = []
    if answers.capital_yen:
        costs.append({
            "kind": "equipment", "capital": True, "fiscal_year": years[0] if years else 0, "yen": answers.capital_yen,
            "subsidy_yen": answers.subsidy_yen, "basis": "estimated", "source": TEXTS["capital"].to(language),
        })  # fmt: skip
    if answers.yearly_yen:
        costs += [
            {
                "kind": "communication", "capital": False, "fiscal_year": year, "yen": answers.yearly_yen,
                "basis": "estimated", "source": TEXTS["yearly"].to(language),
            }
            for year in years
        ]  # fmt: skip
    return costs
