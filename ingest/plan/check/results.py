"""Every KPI of a plan in one period: target, actual, achievement rate, grade."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from ingest.figures.fetch import Database
from ingest.plan.check.actual import Actual, adds_up, look_at, measure_kpi
from ingest.plan.check.database import inputs as database
from ingest.plan.check.look import Look
from ingest.plan.document.achievement import Achieved, achieve, aim_of, grade_of
from ingest.plan.document.versions import PlanVersion, version_at, versions
from schemas.bilingual import Bilingual
from schemas.japan import JST, FiscalYear, to_jst
from schemas.plan import Formula, Kpi


@dataclass(frozen=True, slots=True)
class KpiResult:
    """A KPI of one period: target, actual, achievement rate and grade. What cannot be computed has its reason.

    `target`: of the fiscal year in which the period begins; None with `target_missing`. `changes`: what was changed of
    this KPI within the fiscal year, in words.
    """

    code: str
    label: str
    box: str
    unit: str
    decimals: int
    formula: Formula
    owner: str
    target: Decimal | None
    target_missing: Bilingual | None
    baseline: Decimal | None
    actual: Actual
    rate: Decimal | None
    rate_missing: Bilingual | None
    grade: str | None
    changes: tuple[Bilingual, ...] = ()


@dataclass(frozen=True, slots=True)
class PeriodResults:
    """All KPIs of a period, by the version of the plan that was valid at its end. `later`: the plan is younger.

    `unseen`: devices that were in the project within the period, and belong to somebody else today: whoever may not see
    them there gets figures without them. `look`: what they were read from, for whoever wants more of the same moment.
    """

    plan: PlanVersion
    later: bool
    kpis: tuple[KpiResult, ...]
    look: Look
    unseen: int = 0

    @property
    def notes(self) -> tuple[Bilingual, ...]:
        """What a reader has to know about the version."""
        number, entered = self.plan.number, to_jst(self.plan.entered_at)
        at, day = f"{entered:%Y-%m-%d}", f"{entered.year}年{entered.month}月{entered.day}日"
        ja, en = ("。この期間の後に登録された計画です", ", after this period") if self.later else ("", "")
        version = Bilingual(
            f"計画の第{number}版({day}登録)による{ja}", f"by version {number} of the plan, entered {at}{en}"
        )
        return (version, _without(self.unseen)) if self.unseen else (version,)


def _without(devices: int) -> Bilingual:
    return Bilingual(
        f"この期間に事業にあった機器 {devices}台は、いまほかの団体の事業にあり、ここの数値に入っていません",
        f"without {devices} devices that were in the project then and belong to a project of somebody else now",
    )


def plan_of_period(connection: Database, project_id: int, until_day: date) -> tuple[PlanVersion, bool] | None:
    """The plan valid at the end of a period (the day before `until_day`), or the first one entered after it.

    The second value says whether it was entered after the period. None if the project has no plan.
    """
    end = datetime(until_day.year, until_day.month, until_day.day, tzinfo=JST) - timedelta(microseconds=1)
    valid = version_at(connection, project_id, end)
    if valid is not None:
        return valid, False
    every = versions(connection, project_id)
    return (every[-1], True) if every else None


def kpi_results(
    connection: Database, project_id: int, first_day: date, until_day: date, now: datetime
) -> PeriodResults | None:
    """Every KPI from `first_day` to the day before `until_day`, as of `now`; None if the project has no plan.

    Raises LookupError for a project that the connection does not see.
    """
    found = plan_of_period(connection, project_id, until_day)
    if found is None:
        return None
    plan, later = found
    look = look_at(connection, project_id, plan, now, whole=True)
    year = FiscalYear.of(first_day)
    every = versions(connection, project_id)
    kpis = tuple(
        result_of(look, plan, kpi, first_day, until_day, changes_within(kpi, every, plan, year))
        for kpi in plan.document.kpis
    )
    unseen = database.devices_unseen(connection, project_id, first_day, until_day)
    return PeriodResults(plan, later, kpis, look, unseen)


def result_of(
    look: Look, plan: PlanVersion, kpi: Kpi, first_day: date, until_day: date, changes: tuple[Bilingual, ...] = ()
) -> KpiResult:
    """One KPI of a period."""
    year = FiscalYear.of(first_day).year
    actual = measure_kpi(look, plan, kpi, first_day, until_day)
    aim = aim_of(kpi, year)
    target = None if aim.target is None else Decimal(repr(aim.target))
    baseline = None if kpi.baseline is None else Decimal(repr(kpi.baseline.value))
    achieved = _achieve(look, plan, kpi, actual, target, baseline, first_day, until_day)
    if target is None and aim.missing is not None and actual.value is not None:
        achieved = Achieved(None, aim.missing)
    return KpiResult(
        kpi.code, kpi.label, kpi.box, kpi.unit, kpi.decimals, kpi.formula, kpi.owner, target, aim.missing, baseline,
        actual, achieved.rate, achieved.missing, grade_of(look.document, achieved.rate), changes,
    )  # fmt: skip


def _achieve(
    look: Look, plan: PlanVersion, kpi: Kpi, actual: Actual, target: Decimal | None, baseline: Decimal | None,
    first_day: date, until_day: date,
) -> Achieved:  # fmt: skip
    if actual.value is None:
        return Achieved(None, actual.missing)
    if adds_up(kpi) and (reason := _why_not_yet(look, kpi, first_day, until_day)):
        return Achieved(None, reason)
    increments = None
    if kpi.formula is Formula.CUMULATIVE:
        increments = [*_earlier_years(look, plan, kpi, first_day), actual.value]
    return achieve(kpi.formula, actual=actual.value, target=target, baseline=baseline, increments=increments)


def _why_not_yet(look: Look, kpi: Kpi, first_day: date, until_day: date) -> Bilingual | None:
    """Why a sum of a part of a year has no rate against the target of the whole year; None if it has one."""
    year = FiscalYear.of(first_day)
    first, until = look.cut(year.first_day, year.next.first_day)
    if look.cut(first_day, until_day) != (first, until):
        return Bilingual(
            "年度の目標に対する合計のため、達成率は年度で計算します",
            "a sum against the target of a year: its rate is computed for the year",
        )
    if look.now < year.end and kpi.formula in (Formula.GAIN, Formula.LIMIT):
        return Bilingual(
            "年度の途中の合計のため、達成率は年度の終わりに計算します",
            "a sum of a year that is not over: its rate is computed at the end of the year",
        )
    return None


def _earlier_years(look: Look, plan: PlanVersion, kpi: Kpi, first_day: date) -> list[Decimal | None]:
    begins = FiscalYear.of(look.document.begins).year
    made = []
    for year in range(begins, FiscalYear.of(first_day).year):
        if year in kpi.targets:
            days = FiscalYear(year)
            made.append(measure_kpi(look, plan, kpi, days.first_day, days.next.first_day).value)
    return made


def changes_within(
    kpi: Kpi, every: Sequence[PlanVersion], plan: PlanVersion, year: FiscalYear
) -> tuple[Bilingual, ...]:
    """What was changed of a KPI by versions entered within a fiscal year, up to the given plan; the oldest first.

    `every`: all versions of the project, the newest first.
    """
    made = []
    for newer, older in pairwise(every):
        if newer.number <= plan.number and year.start < newer.entered_at < year.end:
            before = next((each for each in older.document.kpis if each.code == kpi.code), None)
            after = next((each for each in newer.document.kpis if each.code == kpi.code), None)
            made.append(_change(newer, before, after))
    return tuple(each for each in reversed(made) if each is not None)


def _change(version: PlanVersion, before: Kpi | None, after: Kpi | None) -> Bilingual | None:
    day = f"{to_jst(version.entered_at):%Y-%m-%d}"
    if before is None or after is None:
        if before is after:
            return None
        ja, en = ("追加", "added") if before is None else ("削除", "removed")
        return Bilingual(f"年度の途中({day})に{ja}された指標です", f"{en} within the year, on {day}")
    changed = [label for name, label in _WATCHED.items() if getattr(before, name) != getattr(after, name)]
    if not changed:
        return None
    names = Bilingual("・".join(label.ja for label in changed), ", ".join(label.en for label in changed))
    old, new = before.formula.label, after.formula.label
    formula = (
        Bilingual(f"(算式: {old.ja} → {new.ja})", f" (formula: {old.en} -> {new.en})")
        if before.formula is not after.formula
        else Bilingual("", "")
    )
    return Bilingual(
        f"年度の途中({day})に{names.ja}が変わりました{formula.ja}。理由: {version.reason}",
        f"{names.en} changed within the year, on {day}{formula.en}; reason: {version.reason}",
    )


_WATCHED = {
    "formula": Bilingual("達成率の算式", "the formula"),
    "evidence": Bilingual("根拠", "the evidence"),
    "targets": Bilingual("目標値", "targets"),
    "baseline": Bilingual("基準値", "the baseline"),
    "scope": Bilingual("対象範囲", "the scope"),
}
