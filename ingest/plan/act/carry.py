"""The draft of the next year's plan, made from the plan and what came of this year. Pure: nothing is stored here."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from schemas.japan import FiscalYear
from schemas.plan import Cost, Income, Kpi, PlanDocument
from schemas.work import Basis


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a KPI in the year: as it was frozen, and as people evaluated it. None and empty: not known."""

    actual: str | None = None
    rate: str | None = None
    grade: str | None = None
    factors: str = ""
    improvement: str = ""


def draft_of_next_year(
    document: PlanDocument, fiscal_year: int, outcomes: Mapping[str, Outcome], *, carried: int = 0
) -> PlanDocument:
    """The plan for the year after `fiscal_year`, as a proposal that people change before they adopt it.

    A KPI without a target of the next year gets the one of this year, if the plan lasts so long. Its note gets a line
    with what came of it. Running costs and incomes that the next year lacks are taken over as assumed ones. `carried`:
    so many measures go on; the purpose says so.
    """
    year, following = FiscalYear(fiscal_year), FiscalYear(fiscal_year + 1)
    goes_on = document.ends >= following.first_day
    kpis = [_next_kpi(kpi, year, outcomes.get(kpi.code), goes_on=goes_on) for kpi in document.kpis]
    changed: dict[str, Any] = {"kpis": kpis}
    if goes_on:
        changed["costs"] = [*document.costs, *_next_costs(document.costs, year)]
        changed["incomes"] = [*document.incomes, *_next_incomes(document.incomes, year)]
    if carried:
        changed["purpose"] = _with_line(document.purpose, f"{year.label}から継続する改善措置: {carried}件")
    return PlanDocument.model_validate(document.model_dump() | {
        name: [each.model_dump() for each in value] if isinstance(value, list) else value
        for name, value in changed.items()
    })  # fmt: skip


def _next_kpi(kpi: Kpi, year: FiscalYear, outcome: Outcome | None, *, goes_on: bool) -> Kpi:
    targets = dict(kpi.targets)
    following = year.year + 1
    if goes_on and following not in targets:
        proposed = kpi.final_target if kpi.final_year == following else targets.get(year.year)
        if proposed is not None:
            targets[following] = proposed
    line = _line_of(kpi, year, outcome)
    return kpi.model_copy(update={"targets": targets, "note": _with_line(kpi.note, line) if line else kpi.note})


def _line_of(kpi: Kpi, year: FiscalYear, outcome: Outcome | None) -> str:
    """One line about the year; empty if nothing is known."""
    if outcome is None:
        return ""
    parts = []
    if outcome.actual is not None:
        reached = "、".join(
            part for part in (outcome.rate and f"達成率{_cut(outcome.rate, 1)}%", outcome.grade) if part
        )
        parts.append(f"実績{_cut(outcome.actual, kpi.decimals)}{kpi.unit}" + (f"({reached})" if reached else ""))
    if outcome.factors:
        parts.append(f"要因: {outcome.factors}")
    if outcome.improvement:
        parts.append(f"改善: {outcome.improvement}")
    return f"{year.label}: {' / '.join(parts)}" if parts else ""


def _cut(number: str, places: int) -> str:
    """A number of what was frozen as pages show it: cut, with thousands."""
    return f"{Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_DOWN):,}"


def _with_line(text: str, line: str) -> str:
    return f"{text}\n{line}" if text else line


def _next_costs(costs: tuple[Cost, ...], year: FiscalYear) -> list[Cost]:
    """Running costs of the year, for the next one. Paid at once for months to come, a cost does not come again."""
    there = {(cost.kind, cost.technology) for cost in costs if cost.fiscal_year == year.year + 1 and not cost.capital}
    return [
        cost.model_copy(
            update={"fiscal_year": year.year + 1, "basis": Basis.ASSUMED, "source": f"{year.label}から繰越"}
        )
        for cost in costs
        if cost.fiscal_year == year.year
        and not cost.capital
        and cost.covers_months is None
        and (cost.kind, cost.technology) not in there
    ]


def _next_incomes(incomes: tuple[Income, ...], year: FiscalYear) -> list[Income]:
    there = {income.label for income in incomes if income.fiscal_year == year.year + 1}
    return [
        income.model_copy(
            update={"fiscal_year": year.year + 1, "basis": Basis.ASSUMED, "source": f"{year.label}から繰越"}
        )
        for income in incomes
        if income.fiscal_year == year.year and income.label not in there
    ]
