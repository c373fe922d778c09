"""Templates of plans: data files with boxes and KPIs that towns have proven, for a first plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from schemas.bilingual import Bilingual

ORDER = ("paddy", "wildlife", "river", "snow", "watching")
"""The templates, in the order in which they are offered."""


@dataclass(frozen=True, slots=True)
class TemplateKpi:
    """A KPI of a template.

    `needs_baseline`: without a baseline it gets no targets. `baseline_hint`: where people find one.
    `suggested_change`: the targets of the template in words, None if it has none. `proof`: what a town reached.
    """

    code: str
    label: Bilingual
    unit: str
    needs_baseline: bool
    suggested_change: Bilingual | None
    proof: Bilingual | None
    baseline_hint: Bilingual | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """A data file of `ingest/plan/templates`. `code`: paddy, wildlife, river, snow, watching."""

    code: str
    label: Bilingual
    about: Bilingual
    purpose: Bilingual
    kpis: tuple[TemplateKpi, ...]
    body: Mapping[str, Any]


@cache
def templates() -> tuple[Template, ...]:
    """All templates, in the order in which they are offered."""
    folder = files("ingest.plan").joinpath("templates")
    return tuple(
        _template(yaml.load(folder.joinpath(f"{code}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader))
        for code in ORDER
    )


def template_of(code: str) -> Template:
    """The template of this code. Raises KeyError for another."""
    found = next((each for each in templates() if each.code == code), None)
    if found is None:
        raise KeyError(code)
    return found


def said(body: Mapping[str, str]) -> Bilingual:
    """A text of a template in both languages."""
    return Bilingual(body["ja"], body["en"])


def _template(body: Mapping[str, Any]) -> Template:
    kpis = tuple(map(_kpi, body["kpis"]))
    return Template(body["code"], said(body["label"]), said(body["about"]), said(body["purpose"]), kpis, body)


def _kpi(body: Mapping[str, Any]) -> TemplateKpi:
    targets = body.get("targets", {})
    return TemplateKpi(
        body["code"], said(body["label"]), body["unit"], "percent_of_baseline" in targets,
        _change(targets, body["unit"]), _said_or_none(body.get("proof")), _said_or_none(body.get("baseline_hint")),
        body,
    )  # fmt: skip


def _said_or_none(body: Mapping[str, str] | None) -> Bilingual | None:
    return None if body is None else said(body)


def _change(targets: Mapping[str, list[float]], unit: str) -> Bilingual | None:
    """The targets in words: 基準値の 80 → 65 → 50 %."""
    for name, values in targets.items():
        steps = " → ".join(f"{value:g}" for value in values)
        match name:
            case "percent_of_baseline":
                return Bilingual(f"基準値の {steps} %", f"{steps} % of the baseline")
            case "percent_of_devices":
                return Bilingual(f"台数の {steps} %", f"{steps} % of the devices")
            case _:
                return Bilingual(f"{steps} {unit}", f"{steps} {unit}")
    return None
