"""Facts that change every year, from `ingest/plan/facts.yaml`: names of programmes, quotas of advisers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from schemas.bilingual import Bilingual
from schemas.plan import PlanDocument
from schemas.work import MeasureKind

_UNITS = {"visits": Bilingual("回", "visits"), "hours": Bilingual("時間", "hours")}
OF_THE_PLAN = "plan"
"""The source of a quota that the plan itself says."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of an adviser a fiscal year allows. `fiscal_year`: since when the data says so."""

    amount: float
    unit: Bilingual
    fiscal_year: int
    source: str


@dataclass(frozen=True, slots=True)
class SubsidyRule:
    """What the subsidy pays: percent of the cost from `least_yen` on, cloud fees of so many months at once."""

    fiscal_year: int
    percent: int
    least_yen: int
    cloud_months: int
    report_years: int


def quota(kind: MeasureKind, fiscal_year: int, document: PlanDocument | None = None) -> Quota | None:
    """The quota of a year: of the plan if it says one, else of the data file.

    None for a kind without quota, and for a year before the first that the data has.
    """
    rows = [row for row in _facts()["adviser_quotas"] if row["kind"] == kind and row["from_year"] <= fiscal_year]
    row = max(rows, key=lambda each: int(each["from_year"]), default=None)
    of_plan = document.adviser_quotas.get(kind) if document else None
    if of_plan is not None:
        unit = _UNITS[row["unit"]] if row else _UNITS["visits"]
        return Quota(of_plan, unit, fiscal_year, OF_THE_PLAN)
    if row is None:
        return None
    return Quota(float(row["amount"]), _UNITS[row["unit"]], int(row["from_year"]), row["source"])


def programme(fiscal_year: int) -> Bilingual | None:
    """The name of the subsidy in a fiscal year; None for a year that the data does not have."""
    for row in _facts()["programmes"]:
        first, last = row["fiscal_years"]
        if first <= fiscal_year <= last:
            return Bilingual(row["ja"], row["en"])
    return None


def subsidy_rule(fiscal_year: int) -> SubsidyRule | None:
    """The rule of a fiscal year; None for a year before the first that the data has."""
    rows = [row for row in _facts()["subsidy"] if row["from_year"] <= fiscal_year]
    row = max(rows, key=lambda each: int(each["from_year"]), default=None)
    if row is None:
        return None
    return SubsidyRule(row["from_year"], row["percent"], row["least_yen"], row["cloud_months"], row["report_years"])


@cache
def _facts() -> Mapping[str, Any]:
    text = files("ingest.plan").joinpath("facts.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return found
