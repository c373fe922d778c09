"""Reads each figure of the catalogue from its source: sums of devices, outages, work log, audit log, costs."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from ingest.figures.plan.catalogue import FIGURES, Source
from ingest.figures.plan.sums import PlanSums
from ingest.figures.plan.work import WorkSums
from ingest.plan.check import cost
from ingest.plan.check.cost import View
from ingest.plan.check.look import Look, Measured, Number
from ingest.plan.check.shares import share_of_scope
from ingest.plan.check.use.months import MonthOfUse, departments_of
from ingest.plan.check.watch import measure_watch
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, Month
from schemas.plan import PlanDocument, PlanScope
from schemas.work import WorkKind

Arguments: TypeAlias = Mapping[str, str | float]
Days: TypeAlias = tuple[date, date]

_100 = Fraction(100)

YEN_PER_1000 = "yen_per_1000_valid"
"""The figure of the catalogue for which costs are shared out."""

NOTHING_EXPECTED = Bilingual(
    "この期間と範囲に、受信を期待する機器がありません", "nothing was expected of any device in this period and scope"
)
NOT_LOOKED = Bilingual(
    "この期間の停止がまだすべて調べられていません(定期処理「停止の検出」が進むと分かります)",
    "outages of this period were not all looked for yet: they are known when the job that finds them has come so far",
)
NO_LOG = Bilingual(
    "この期間の作業記録が1件もありません(作業がなかったのか、記録がないのか分かりません)",
    "the work log has no entry of this period: whether no work was done or none was written down is not known",
)
NO_USE = Bilingual(
    "この期間の利用の記録(監査ログ)がありません",
    "no use of this period is on record (audit log)",
)
NO_COSTS = Bilingual("計画に費用が書かれていません", "the plan names no costs")


def _of_sums(look: Look, code: str, _arguments: Arguments, scope: PlanScope, days: Days) -> Measured:
    sums = look.sums(scope, *days)
    if not sums.expected:
        return Measured(None, NOTHING_EXPECTED)
    if code == "devices_working":
        return Measured(len(look.working("device", scope, *days)), None, sums.expected, sums.completeness)
    value = _SUMS[code](sums)
    missing = None if value is not None else _why_no_rate(code)
    samples = sums.latency_samples if code.startswith("latency") else sums.expected
    return Measured(value, missing, samples, sums.completeness)


def _percent(rate: Fraction | float | None) -> Number | None:
    return None if rate is None else Fraction(rate) * _100


_SUMS: dict[str, Callable[[PlanSums], Number | None]] = {
    "completeness": lambda sums: _percent(sums.completeness),
    "sent_rate": lambda sums: _percent(sums.transmission),
    "radio_rate": lambda sums: _percent(sums.arrival),
    "valid_rate": lambda sums: _percent(sums.validity),
    "missing_rate": lambda sums: None if sums.completeness is None else (1 - sums.completeness) * 100,
    "availability": lambda sums: _percent(sums.availability),
    "expected": lambda sums: sums.expected,
    "valid": lambda sums: sums.valid,
    "readings": lambda sums: sums.readings,
    "latency_p50": lambda sums: sums.latency_p50_s,
    "latency_p95": lambda sums: sums.latency_p95_s,
}


def _why_no_rate(code: str) -> Bilingual:
    if code.startswith("latency"):
        return Bilingual(
            "遅延を測れるメッセージ(時計が正しく、まとめ送りでないもの)がありません",
            "there is no message of which the latency can be told (a believed clock, no backfill)",
        )
    return Bilingual("この段階まで来たデータが1件もありません", "nothing came as far as this stage")


def _of_outages(look: Look, code: str, _arguments: Arguments, scope: PlanScope, days: Days) -> Measured:
    sums = look.outages(scope, *days)
    if sums is None or not sums.duty_s:
        return Measured(None, NOTHING_EXPECTED)
    if not look.outages_known(days[1]):
        return Measured(None, NOT_LOOKED)
    completeness = look.sums(scope, *days).completeness
    if code == "outages":
        return Measured(sums.outages, None, sums.outages, completeness)
    if code == "downtime":
        return Measured(Fraction(sums.downtime_s, 3600), None, sums.outages, completeness)
    seconds = sums.mttr_s if code == "mttr" else sums.mtbf_s
    if seconds is None:
        return Measured(None, _NO_OUTAGE[code], 0, completeness)
    return Measured(Fraction(seconds) / 3600, None, sums.ended if code == "mttr" else sums.outages, completeness)


_NO_OUTAGE = {
    "mttr": Bilingual("この期間に終わった停止がありません", "no outage ended in this period"),
    "mtbf": Bilingual(
        "この期間に停止がありません(間隔を測れません)", "there was no outage in this period to measure between"
    ),
}


def _of_work(look: Look, code: str, arguments: Arguments, scope: PlanScope, days: Days) -> Measured:
    named = str(arguments.get("kinds", ""))
    kinds = tuple(WorkKind(kind.strip()) for kind in named.split(",") if kind.strip())
    return measure_work(look, _WORK[code], kinds, scope, days)


_WORK = {"visits": "visits", "work_minutes": "minutes", "work_hours": "hours", "distance": "km"}


def measure_work(look: Look, what: str, kinds: tuple[WorkKind, ...], scope: PlanScope, days: Days) -> Measured:
    """A sum of the work log: hours, minutes, visits or km. 0 only where the log of the project was kept at all."""
    if not look.work((), PlanScope(season=scope.season), *days).visits:
        return Measured(None, NO_LOG)
    sums = look.work(kinds, scope, *days)
    value = _work_value(sums, what)
    if value is None:
        return Measured(None, Bilingual("距離を書いた作業がありません", "no entry says its distance"))
    return Measured(value, None, sums.distances if what == "km" else sums.visits)


def _work_value(sums: WorkSums, what: str) -> Number | None:
    values: dict[str, Number | None] = {
        "hours": sums.hours, "minutes": sums.minutes, "visits": sums.visits,
        "km": sums.km if sums.visits else 0,
    }  # fmt: skip
    return values[what]


def _of_use(look: Look, code: str, arguments: Arguments, scope: PlanScope, days: Days) -> Measured:
    months = look.use(Month.of(days[0]), month_after(days[1]))
    if not months:
        return Measured(None, NO_USE)
    department = str(arguments.get("department", ""))
    if code == "diversity":
        uses = look.working("use", scope, *days)
        return Measured(len(uses) * len(departments_of(months)), None, len(months))
    if code == "departments":
        return Measured(len(departments_of(months)), None, len(months))
    if department:
        months = [_of_department(month, department) for month in months]
    total = sum(getattr(month, _USE[code]) for month in months)
    notes = () if len(months) == _count_months(days) else (_months_told(len(months)),)
    value = Fraction(total, len(months)) if code in ("users", "programs") else total
    return Measured(value, None, len(months), notes=notes)


_USE = {
    "users": "people", "page_views": "page_views", "sign_ins": "sign_ins", "downloads": "downloads",
    "reports": "reports", "programs": "programs",
}  # fmt: skip


def _of_department(month: MonthOfUse, department: str) -> MonthOfUse:
    found = next((each for each in month.departments if each.department == department), None)
    if found is None:
        return MonthOfUse(month.month, 0, 0, 0, 0, 0, 0)
    return MonthOfUse(month.month, found.people, found.page_views, found.sign_ins, found.downloads, found.reports, 0)


def _months_told(count: int) -> Bilingual:
    return Bilingual(f"確定した {count} か月分だけの値です", f"of the {count} frozen months alone")


def _count_months(days: Days) -> int:
    return len(cost.months_between(Month.of(days[0]), month_after(days[1])))


def month_after(until_day: date) -> Month:
    """The month behind a period that ends before `until_day`: a month begun belongs to the period."""
    return Month.of(until_day) if until_day.day == 1 else Month.of(until_day).next


def _of_costs(look: Look, code: str, arguments: Arguments, scope: PlanScope, days: Days) -> Measured:
    document = look.document
    if not document.costs:
        return Measured(None, NO_COSTS)
    bases = cost.bases_of(document)
    notes = [cost.mixed_note(bases)] if len(bases) > 1 else []
    if code == "tco60" and (lacking := cost.years_without_running_costs(document)):
        notes.append(_no_running_costs(lacking))
    view = View(str(arguments.get("view", "total")))
    completeness = None
    if code == YEN_PER_1000:
        value, missing = _yen_per_1000(look, view, scope, days)
        completeness = look.sums(scope, *days).completeness
    else:
        value, missing = _COSTS[code](document, view, Month.of(days[0]), month_after(days[1]))
    return Measured(
        value, missing, len(document.costs) + len(document.incomes), completeness, basis=bases[-1], notes=tuple(notes)
    )


def _yen_per_1000(look: Look, view: View, scope: PlanScope, days: Days) -> tuple[Number | None, Bilingual | None]:
    valid = look.sums(scope, *days).valid
    if not valid:
        return None, Bilingual("有効な受信がありません", "there was no valid reception")
    yen = share_of_scope(look, view, scope, days)
    return (yen * 1000 / valid, None) if yen is not None else (None, NOTHING_EXPECTED)


def _self_sufficiency(
    document: PlanDocument, _view: View, first: Month, until: Month
) -> tuple[Number | None, Bilingual | None]:
    rate = cost.self_sufficiency(document, first, until)
    if rate is None:
        return None, Bilingual("この期間の運用費用が計画にありません", "the plan names no running costs of this period")
    return rate * 100, None


def _break_even(
    document: PlanDocument, view: View, _first: Month, _until: Month
) -> tuple[Number | None, Bilingual | None]:
    months = cost.break_even_months(document, view)
    if months is None:
        return None, Bilingual(
            "計画の運用期間の終わりまでに累積収支が0以上になりません",
            "the cumulative net is below 0 at the end of the plan",
        )
    return months, None


_COSTS: dict[str, Callable[[PlanDocument, View, Month, Month], tuple[Number | None, Bilingual | None]]] = {
    "cost": lambda document, view, first, until: (cost.cost_between(document, view, first, until), None),
    "income": lambda document, _view, first, until: (cost.income_between(document, first, until), None),
    "self_sufficiency": _self_sufficiency,
    "tco60": lambda document, view, _first, _until: (cost.total_cost_of_ownership(document, view), None),
    "net_cumulative": lambda document, view, _first, until: (cost.net_cumulative(document, view, until), None),
    "break_even_months": _break_even,
}


def _no_running_costs(years: list[int]) -> Bilingual:
    named = [FiscalYear(year).label for year in years]
    return Bilingual(
        f"運用費用が書かれていない年度があります: {'、'.join(named)}",
        f"no running costs are named for the fiscal years {', '.join(map(str, years))}",
    )


def _of_watch(look: Look, code: str, _arguments: Arguments, _scope: PlanScope, days: Days) -> Measured:
    return measure_watch(look, code, days)


_SOURCES: dict[Source, Callable[[Look, str, Arguments, PlanScope, Days], Measured]] = {
    Source.SUMS: _of_sums,
    Source.OUTAGES: _of_outages,
    Source.WORK: _of_work,
    Source.USE: _of_use,
    Source.COSTS: _of_costs,
    Source.WATCH: _of_watch,
}


def measure_figure(look: Look, code: str, arguments: Arguments, scope: PlanScope, days: Days) -> Measured:
    """The value of a figure of the catalogue from the first of the days to the one before the second.

    `scope` has no group any more: the caller has written its devices.
    """
    figure = FIGURES.get(code)
    if figure is None:
        return Measured(None, Bilingual(f"図表目録に {code} がありません", f"the catalogue has no figure {code}"))
    return _SOURCES[figure.source](look, code, arguments, scope, days)
