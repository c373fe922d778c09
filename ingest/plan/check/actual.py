"""The actual of a KPI in a period, with the evidence that lets somebody else compute it again."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from ingest import __version__
from ingest.figures.fetch import Database
from ingest.figures.plan.catalogue import FIGURES
from ingest.figures.plan.work import ObservationValue, observation_values
from ingest.plan.check.database import inputs as database
from ingest.plan.check.look import DIGITS, Look, Measured, Number, to_decimal
from ingest.plan.check.shares import only_technology
from ingest.plan.check.sources import YEN_PER_1000, measure_figure, measure_work
from ingest.plan.document.versions import PlanVersion
from schemas.bilingual import Bilingual
from schemas.japan import JST, to_jst
from schemas.plan import FigureEvidence, Kpi, ObservationEvidence, PlanDocument, PlanScope, WorkEvidence
from schemas.work import Basis

SOFTWARE = f"Noroshi {__version__}"

OUTSIDE = Bilingual("計画の運用期間の外です", "outside the period of the plan")
NOT_YET = Bilingual("この期間はまだ始まっていません", "this period has not begun")


@dataclass(frozen=True, slots=True)
class Proof:
    """The evidence (根拠) of an actual.

    `figure`: a code of the catalogue, `work.<sum>`, or `observation.<code>`. `samples`: rows it was computed from
    (expected receptions, outages, entries of the log, ...). `completeness`: percent of the data in the same scope and
    period, cut to one decimal; None where it says nothing. `sources`: of what people entered. `notes`: what a reader
    has to know, as a formula that was changed within the year.
    """

    figure: str
    arguments: dict[str, str | float]
    scope: PlanScope
    first_day: date
    until_day: date
    samples: int
    completeness: Decimal | None
    computed_at: datetime
    software: str
    plan_number: int
    sources: tuple[str, ...] = ()
    basis: Basis | None = None
    notes: tuple[Bilingual, ...] = ()


@dataclass(frozen=True, slots=True)
class Actual:
    """What a KPI came to in a period. `value` is exact; it is None with a reason in `missing`.

    `reference_only`: the completeness is below the limit of the KPI, so the value is 参考値.
    """

    value: Decimal | None
    missing: Bilingual | None
    reference_only: bool
    evidence: Proof


def actual_of(
    connection: Database, project_id: int, plan: PlanVersion, kpi: Kpi, first_day: date, until_day: date, now: datetime
) -> Actual:
    """What a KPI came to from `first_day` to the day before `until_day`, in Japan, as of `now` (an aware time).

    The period is cut to that of the plan. `project_id` must be a project that the connection sees (LookupError).
    """
    return measure_kpi(look_at(connection, project_id, plan, now), plan, kpi, first_day, until_day)


def look_at(connection: Database, project_id: int, plan: PlanVersion, now: datetime, *, whole: bool = False) -> Look:
    """One look at a project by which KPIs are measured. Raises LookupError for a project that is not seen.

    `whole`: every KPI will be, or every cost shared out, so that what came is counted once for all of them.
    """
    place = database.place_of(connection, project_id)
    if place is None:
        raise LookupError(f"there is no project {project_id}")
    foreseen = scopes_of(plan.document) if whole else ()
    return Look(connection, project_id, place.code, plan.document, now, foreseen)


def measure_kpi(look: Look, plan: PlanVersion, kpi: Kpi, first_day: date, until_day: date) -> Actual:
    """What a KPI came to, with its evidence."""
    days = look.cut(first_day, until_day)
    scope = scope_without_group(look.document, kpi.scope)
    if days[0] >= days[1]:
        measured = Measured(None, OUTSIDE)
    elif to_jst(look.now).date() < days[0]:
        measured = Measured(None, NOT_YET)
    elif scope is None:
        measured = Measured(None, _no_group(kpi.scope.group or ""))
    else:
        measured = _measure(look, kpi, scope, days)
    figure, arguments = named_evidence(kpi)
    completeness = None if measured.completeness is None else cut(measured.completeness * 100, 1)
    proof = Proof(
        figure, arguments, kpi.scope, *days, measured.samples, completeness, look.now, SOFTWARE, plan.number,
        measured.sources, measured.basis, (*_notes(look, first_day, until_day, days), *measured.notes),
    )  # fmt: skip
    low = measured.completeness is not None and measured.completeness * 100 < Fraction(str(kpi.least_completeness))
    value = None if measured.value is None else to_decimal(measured.value)
    return Actual(value, measured.missing, low and value is not None, proof)


def cut(value: Decimal | Fraction | float, decimals: int) -> Decimal:
    """A value cut after so many decimals; it is never rounded up."""
    number = to_decimal(value)
    return number.quantize(Decimal(1).scaleb(-decimals), context=DIGITS)


def named_evidence(kpi: Kpi) -> tuple[str, dict[str, str | float]]:
    """What the actual is computed from, as it stands in the evidence: its name, and its arguments."""
    evidence = kpi.evidence
    if isinstance(evidence, FigureEvidence):
        return evidence.figure, dict(evidence.arguments)
    if isinstance(evidence, WorkEvidence):
        kinds = ",".join(evidence.kinds)
        return f"work.{evidence.sum}", {"kinds": kinds} if kinds else {}
    return f"observation.{evidence.code}", {"combine": evidence.combine}


def adds_up(kpi: Kpi) -> bool:
    """Whether the value of a year is the sum of its months."""
    evidence = kpi.evidence
    if isinstance(evidence, FigureEvidence):
        return evidence.figure in FIGURES and FIGURES[evidence.figure].adds_up
    return isinstance(evidence, WorkEvidence) or evidence.combine == "sum"


def scope_without_group(document: PlanDocument, scope: PlanScope) -> PlanScope | None:
    """The scope with the devices of its group written out; None for a group that is not there or leaves nothing."""
    if scope.group is None:
        return scope
    devices = document.groups.get(scope.group, ())
    chosen = tuple(code for code in devices if not scope.devices or code in scope.devices)
    return scope.model_copy(update={"group": None, "devices": chosen}) if chosen else None


def scopes_of(document: PlanDocument) -> tuple[PlanScope, ...]:
    """The scopes whose sums of devices are asked for by the KPIs of a plan, and by the sharing out of its costs."""
    of_kpis = [
        (kpi.evidence.figure, scope_without_group(document, kpi.scope))
        for kpi in document.kpis if isinstance(kpi.evidence, FigureEvidence)
    ]  # fmt: skip
    found = [PlanScope(), *(scope for _, scope in of_kpis if scope is not None)]
    priced = [PlanScope(), *(scope for figure, scope in of_kpis if scope is not None and figure == YEN_PER_1000)]
    technologies = {each.technology for each in document.costs if each.technology is not None}
    shared = [only_technology(scope, technology) for scope in priced for technology in sorted(technologies)]
    return tuple(dict.fromkeys([*found, *shared]))


def _no_group(group: str) -> Bilingual:
    return Bilingual(f"機器グループ {group} に機器がありません", f"the group {group} has no devices")


def _measure(look: Look, kpi: Kpi, scope: PlanScope, days: tuple[date, date]) -> Measured:
    evidence = kpi.evidence
    if isinstance(evidence, FigureEvidence):
        return measure_figure(look, evidence.figure, evidence.arguments, scope, days)
    if isinstance(evidence, WorkEvidence):
        return measure_work(look, evidence.sum, evidence.kinds, scope, days)
    return _measure_observation(look, evidence, scope, days)


def _measure_observation(
    look: Look, evidence: ObservationEvidence, scope: PlanScope, days: tuple[date, date]
) -> Measured:
    rows = observation_values(look.connection, look.project_code, evidence.code, *days)
    rows = [row for row in rows if not scope.areas or row.area in scope.areas]
    if not rows:
        reason = Bilingual(
            f"この期間の手入力の観測 {evidence.code} がありません",
            f"no observation {evidence.code} was entered for this period",
        )
        return Measured(None, reason)
    values = [Decimal(repr(row.value)) for row in rows]
    total = sum(values, Decimal(0))
    combined: dict[str, Number] = {"sum": total, "mean": Fraction(total) / len(values), "last": values[-1]}
    used = rows[-1:] if evidence.combine == "last" else rows
    return Measured(combined[evidence.combine], None, len(used), sources=_sources(used), basis=_least_sure(used))


def _sources(rows: list[ObservationValue]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.source for row in rows))


def _least_sure(rows: list[ObservationValue]) -> Basis:
    order = list(Basis)
    return max((row.basis for row in rows), key=order.index)


def _notes(look: Look, first_day: date, until_day: date, days: tuple[date, date]) -> list[Bilingual]:
    notes = []
    if days != (first_day, until_day) and days[0] < days[1]:
        first, last = days[0].isoformat(), date.fromordinal(days[1].toordinal() - 1).isoformat()
        notes.append(
            Bilingual(f"計画の運用期間 {first} から {last} までの値です", f"the plan runs from {first} to {last} only")
        )
    now = look.now.astimezone(JST)
    if days[0] <= now.date() < days[1]:
        notes.append(
            Bilingual(
                f"期間の途中です({now:%Y-%m-%d %H:%M} まで)", f"the period is not over: up to {now:%Y-%m-%d %H:%M}"
            )
        )
    return notes
