"""Achievement rates (達成率) and grades, in exact arithmetic: what decides over a grade is cut, never rounded up."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction
from math import isfinite
from typing import TypeAlias

from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear
from schemas.plan import Formula, Kpi, PlanDocument

Number: TypeAlias = int | float | Decimal | Fraction

RATE_DIGITS = 20
"""Digits kept behind the point of a rate. What follows is cut off, so a rate never reaches a grade by rounding."""

NO_RATE = "―"


@dataclass(frozen=True, slots=True)
class Achieved:
    """A rate in percent, or the reason why there is none. Of the two exactly one is None."""

    rate: Decimal | None
    missing: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """What a KPI aims at in a fiscal year, or the reason why that is not known. Of the two exactly one is None."""

    target: float | None
    missing: Bilingual | None = None


NO_ACTUAL = Bilingual("実績がありません", "there is no actual")
NO_TARGET = Bilingual("目標がありません", "there is no target")
NO_BASELINE = Bilingual("基準値がありません", "there is no baseline")
NO_NUMBER = Bilingual("実績が有限の数値ではありません", "the actual is no finite number")
TARGET_IS_BASE = Bilingual(
    "目標が基準値と同じため、改善度を求められません", "the target is the baseline, so there is no gain to divide by"
)
TARGET_ZERO = Bilingual("目標が0のため、割れません", "the target is 0, and nothing is divided by 0")
TARGET_BELOW_ZERO = Bilingual(
    "目標が負の値のため、この算式では求められません", "the target is below 0, for which this formula is not made"
)
YEAR_MISSING = Bilingual(
    "増分のない年度があるため、累計を求められません", "a year has no increment, so there is no sum"
)


def aim_of(kpi: Kpi, fiscal_year: int) -> Aim:
    """The target of a year; for the formula `cumulative` the sum of the targets of all years up to it.

    The final target is that of its year where the year has no other.
    """
    if kpi.formula is Formula.CUMULATIVE and fiscal_year in kpi.targets:
        return Aim(float(sum(_exact(value) for year, value in kpi.targets.items() if year <= fiscal_year)))
    if fiscal_year in kpi.targets:
        return Aim(kpi.targets[fiscal_year])
    if kpi.final_target is not None and kpi.final_year == fiscal_year:
        return Aim(kpi.final_target)
    label = FiscalYear(fiscal_year).label
    return Aim(
        None, Bilingual(f"計画に{label}の目標がありません", f"the plan has no target for fiscal year {fiscal_year}")
    )


def achieve(
    formula: Formula,
    *,
    actual: Number | None,
    target: Number | None,
    baseline: Number | None,
    increments: Sequence[Number | None] | None = None,
) -> Achieved:
    """The rate in percent by the named formula.

    `increments`: for `cumulative` alone, what each year up to this one added; without it `actual` is the only one.
    `target` is then the sum of the targets of the same years (`aim_of`).
    """
    if formula is Formula.CUMULATIVE and increments is not None:
        if any(each is None for each in increments):
            return Achieved(None, YEAR_MISSING)
        known = [each for each in increments if each is not None]
        if not all(map(_finite, known)):
            return Achieved(None, NO_NUMBER)
        actual = sum(map(_exact, known), Fraction(0)) if known else None
    if actual is None:
        return Achieved(None, NO_ACTUAL)
    if not _finite(actual):
        return Achieved(None, NO_NUMBER)
    if target is None or not _finite(target):
        return Achieved(None, NO_TARGET)
    base = None if baseline is None or not _finite(baseline) else _exact(baseline)
    found = _share(formula, _exact(actual), _exact(target), base)
    return Achieved(None, found) if isinstance(found, Bilingual) else Achieved(_percent(found))


def _share(formula: Formula, actual: Fraction, target: Fraction, base: Fraction | None) -> Fraction | Bilingual:
    """The rate as a share of 1, or why there is none."""
    if formula is Formula.GAIN:
        if base is None:
            return NO_BASELINE
        return TARGET_IS_BASE if target == base else (actual - base) / (target - base)
    if formula is Formula.LIMIT and actual <= target:
        return Fraction(1)
    if formula is not Formula.CUMULATIVE and target < 0:
        return TARGET_BELOW_ZERO
    above, below = (target, actual) if formula is Formula.LIMIT else (actual, target)
    return TARGET_ZERO if below == 0 else above / below


def grade_of(document: PlanDocument, rate: Decimal | None) -> str | None:
    """The grade of a rate by the table of the plan; None without a rate."""
    if rate is None:
        return None
    reached = (each.grade for each in document.grades if rate >= Decimal(repr(each.at_least)))
    return next(reached, document.lowest_grade)


def shown(rate: Decimal | None, decimals: int = 1) -> str:
    """A rate as it is printed, cut after `decimals` digits: 83.6; ― without one."""
    return NO_RATE if rate is None else f"{_cut(Fraction(rate), decimals):,.{decimals}f}"


def _percent(share: Fraction) -> Decimal:
    return _cut(share * 100, RATE_DIGITS)


def _cut(value: Fraction, digits: int) -> Decimal:
    """The largest number with so many digits behind the point that is not above the value."""
    scaled = (value * 10**digits).__floor__()
    with localcontext(prec=max(len(str(scaled)) + 2, 28), rounding=ROUND_FLOOR):
        return Decimal(scaled).scaleb(-digits)


def _finite(number: Number) -> bool:
    return isinstance(number, Fraction) or isfinite(number)


def _exact(number: Number) -> Fraction:
    """The number as people wrote it: 0.1 is a tenth, not the nearest number of the machine."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)
