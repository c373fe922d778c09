"""/api/v1/plan: targets and actuals, sums, factors of a change, what is frozen, and what was written about it."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import Field

from ingest.figures.fetch import Database
from ingest.figures.plan.catalogue import CATALOGUE
from ingest.figures.plan.sums import Level, plan_sums
from ingest.figures.plan.weather import Weather
from ingest.figures.project import ProjectRef, project_refs
from ingest.plan.check.actual import cut
from ingest.plan.check.body import kpi_json, sums_json
from ingest.plan.check.factors import Days, Factors, Part, factors_between, factors_to_target
from ingest.plan.check.freeze import Snapshot, newest_revision, revisions, snapshots
from ingest.plan.check.results import kpi_results
from ingest.plan.check.review import lacking, reviews, revised_since
from ingest.plan.check.spans import PeriodKind, Span, span_of
from ingest.plan.check.split import Parts
from ingest.plan.check.use.year import MonthShown, UsageOfYear, usage_of_year
from ingest.web.api.answers.plan import (
    CatalogueAnswer,
    CatalogueEntry,
    DepartmentUse,
    FactorsAnswer,
    KpiAnswer,
    KpisAnswer,
    MonthUse,
    PartAnswer,
    PartsAnswer,
    ReviewAnswer,
    ReviewsAnswer,
    RevisionsAnswer,
    RoleUse,
    Said,
    SnapshotAnswer,
    SnapshotHead,
    SnapshotsAnswer,
    SumsAnswer,
    UseAnswer,
    UseCounts,
)
from ingest.web.api.parameters import Deps
from ingest.web.api.sent import DAY
from ingest.web.plan_door import project_seen
from ingest.web.rules import SEE, allow
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, now_jst, to_jst

router = APIRouter(prefix="/plan", tags=["plan"])

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)

Project = Annotated[
    str | None, Query(description="Code of a project; without it, the first", max_length=63, examples=["fukuroi"])
]
Kind = Annotated[PeriodKind, Query(description="How long the period is")]
RequiredDay = Annotated[date, Query(ge=FIRST_DAY, le=LAST_DAY), DAY]
Day = Annotated[
    Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY), DAY] | None,
    Query(description="Any day of the period, in Japan; today if absent"),
]


@router.get("/catalogue")
@allow(SEE)
def read_plan_catalogue() -> CatalogueAnswer:
    """The figures by which a KPI can be measured, with their formulas (図表目録)."""
    return CatalogueAnswer(
        figures=[
            CatalogueEntry(
                code=each.code, label=_said(each.label), unit=_said(each.unit), better=each.better.value,
                formula=_said(each.formula), source=each.source.value,
                arguments={argument.name: list(argument.values) for argument in each.arguments},
            )
            for each in CATALOGUE
        ]
    )  # fmt: skip


@router.get("/kpis")
@allow(SEE)
def read_plan_kpis(deps: Deps, project: Project = None, kind: Kind = PeriodKind.YEAR, day: Day = None) -> KpisAnswer:
    """Every KPI of a period: target, actual with its evidence, achievement rate, grade. Computed now."""
    now = datetime.now(UTC)
    span = _span(kind, day, now)
    with deps.database() as connection:
        seen = _seen(connection, project)
        found = kpi_results(connection, seen.project_id, span.first_day, span.until_day, now)
    return KpisAnswer(
        project=seen.code, kind=kind.value, first_day=span.first_day, until_day=span.until_day,
        plan_number=found.plan.number if found else None, notes=[_said(note) for note in found.notes] if found else [],
        kpis=[KpiAnswer.model_validate(kpi_json(each)) for each in found.kpis] if found else [],
    )  # fmt: skip


@router.get("/sums")
@allow(SEE)
def read_plan_sums(
    deps: Deps,
    project: Project = None,
    level: Annotated[list[Level] | None, Query(description="Only these levels; may be given several times")] = None,
    kind: Kind = PeriodKind.MONTH,
    day: Day = None,
) -> SumsAnswer:
    """Expected, sent, arrived and valid receptions of a period with their rates, by place."""
    now = datetime.now(UTC)
    span = _span(kind, day, now)
    with deps.database() as connection:
        seen = _seen(connection, project)
        levels: tuple[Level, ...] = tuple(level or ("project", "network"))
        rows = plan_sums(connection, seen.code, span.first_day, span.until_day, now, levels=levels)
    return SumsAnswer(
        project=seen.code, kind=kind.value, first_day=span.first_day, until_day=span.until_day,
        sums=[sums_json(row) for row in rows],
    )  # fmt: skip


@router.get("/use")
@allow(SEE)
def read_plan_use(
    deps: Deps,
    project: Project = None,
    fy: Annotated[
        int | None,
        Query(
            description="The fiscal year, by the year in which it begins; the present one if absent", ge=2015, le=2100
        ),
    ] = None,
) -> UseAnswer:
    """Who uses the project (利用状況): people, views, downloads, API, by month, department and role."""
    now = now_jst()
    year = FiscalYear.of(now.date()) if fy is None else FiscalYear(fy)
    open_log = deps.access.database if deps.access is not None else None
    with deps.database() as connection:
        seen = _seen(connection, project)
        found = usage_of_year(connection, seen.project_id, seen.code, year, now, open_log)
    return UseAnswer(
        project=seen.code, fiscal_year=year.year, months=[_month_of_use(each, found) for each in found.months],
        uses=list(found.uses), departments=list(found.departments), department_count=found.department_count,
        diversity=found.diversity,
    )  # fmt: skip


def _month_of_use(shown: MonthShown, year: UsageOfYear) -> MonthUse:
    use = shown.use
    counts = ("people", "sign_ins", "page_views", "downloads", "reports")
    return MonthUse(
        month=f"{shown.month.year}-{shown.month.month:02}", revision=shown.revision,
        frozen_at=to_jst(shown.frozen_at) if shown.frozen_at else None,
        missing=_said(shown.missing) if shown.missing else None, notifications=year.notifications.get(shown.month),
        counts=UseCounts(**{name: getattr(use, name) for name in counts}) if use else None,
        programs=use.programs if use else None,
        departments=[DepartmentUse(**asdict(each)) for each in (use.departments if use else ())],
        roles=[RoleUse(role=role, people=people) for role, people in (use.roles if use else ())],
    )  # fmt: skip


@router.get("/snapshots")
@allow(SEE)
def read_plan_snapshots(
    deps: Deps,
    project: Project = None,
    kind: Annotated[PeriodKind | None, Query(description="Only periods of this length")] = None,
    fy: Annotated[int | None, Query(description="Only those that begin in this fiscal year", ge=2000, le=2199)] = None,
) -> SnapshotsAnswer:
    """The frozen periods (確定), the newest revision of each."""
    with deps.database() as connection:
        seen = _seen(connection, project)
        found = snapshots(connection, seen.project_id, kind, fy)
    return SnapshotsAnswer(project=seen.code, snapshots=[SnapshotHead(**_head(each)) for each in found])


@router.get("/revisions")
@allow(SEE)
def read_plan_revisions(
    deps: Deps,
    project: Project = None,
    kind: Kind = PeriodKind.MONTH,
    day: Day = None,
    revision: Annotated[
        int | None,
        Query(description="Only this one; the newest if absent, 0 for all: at most 50 at a time", ge=0, le=100_000),
    ] = None,
    below: Annotated[
        int | None, Query(description="With revision=0: only those before this one", ge=1, le=100_001)
    ] = None,
) -> RevisionsAnswer:
    """A frozen period, whole, as it was frozen. Nothing is in the answer where it is not frozen."""
    span = _span(kind, day, datetime.now(UTC))
    with deps.database() as connection:
        seen = _seen(connection, project)
        if revision == 0:
            chosen = revisions(connection, seen.project_id, span, below)
        else:
            chosen = revisions(connection, seen.project_id, span, revision and revision + 1, limit=1)
    chosen = [each for each in chosen if revision in (None, 0, each.revision)]
    first = chosen[0].revision if revision == 0 and chosen else 1
    return RevisionsAnswer(
        project=seen.code, kind=kind.value, first_day=span.first_day,
        revisions=[SnapshotAnswer(**_head(each), body=each.body, difference=each.difference) for each in chosen],
        next_below=first if first > 1 else None,
    )  # fmt: skip


@router.get("/factors")
@allow(SEE)
def read_plan_factors(
    deps: Deps,
    project: Project = None,
    kind: Kind = PeriodKind.MONTH,
    day: Day = None,
    compare: Annotated[
        date | None,
        Query(description="Any day of the period to compare with, of the same length", ge=FIRST_DAY, le=LAST_DAY),
    ] = None,
    target: Annotated[
        float | None, Query(description="Compare with this completeness in percent", ge=0, le=100)
    ] = None,
) -> FactorsAnswer:
    """What a change of the completeness came from (要因分析), in parts that add up.

    Without `compare` and `target` it is compared with the period before.
    """
    now = datetime.now(UTC)
    span = _span(kind, day, now)
    if compare is not None and target is not None:
        raise HTTPException(422, "compare, target: give one of them.")
    after = Days(span.first_day, span.until_day)
    with deps.database() as connection:
        seen = _seen(connection, project)
        if target is not None:
            found = factors_to_target(connection, seen.code, Decimal(repr(target)), after, now)
        else:
            other = span_of(kind, compare or date.fromordinal(span.first_day.toordinal() - 1))
            found = factors_between(connection, seen.code, Days(other.first_day, other.until_day), after, now)
    return _factors(seen.code, found)


@router.get("/reviews")
@allow(SEE)
def read_plan_reviews(
    deps: Deps, project: Project = None, kind: Kind = PeriodKind.YEAR, day: Day = None
) -> ReviewsAnswer:
    """What was written about a period and its KPIs (評価), and what it lacks before it can be closed."""
    span = _span(kind, day, datetime.now(UTC))
    with deps.database() as connection:
        seen = _seen(connection, project)
        known = reviews(connection, seen.project_id, kind, span.first_day)
        missing = lacking(connection, seen.project_id, kind, span.first_day)
        newest = newest_revision(connection, seen.project_id, span)
    return ReviewsAnswer(
        project=seen.code, kind=kind.value, first_day=span.first_day,
        reviews=[
            ReviewAnswer(
                kpi=each.kpi, closed=each.closed, entered_at=to_jst(each.entered_at), entered_by=each.entered_by,
                **asdict(each.text),
            )
            for each in sorted(known.values(), key=lambda each: each.kpi)
        ],
        lacking=[_said(each) for each in missing], revised=revised_since(known.get(""), newest),
    )  # fmt: skip


def _seen(connection: Database, code: str | None) -> ProjectRef:
    found = project_seen(project_refs(connection), code or "")
    if found is None:
        raise HTTPException(404, "There is no project yet.")
    return found


def _span(kind: PeriodKind, day: date | None, now: datetime) -> Span:
    return span_of(kind, day or to_jst(now).date())


def _said(text: Bilingual) -> Said:
    return Said(ja=text.ja, en=text.en)


def _head(each: Snapshot) -> dict[str, Any]:
    return {
        "kind": each.span.kind.value, "first_day": each.span.first_day, "until_day": each.span.until_day,
        "revision": each.revision, "frozen_at": to_jst(each.frozen_at), "frozen_by": each.frozen_by,
        "plan_number": each.plan_number, "software": each.software, "reason": each.reason, "digest": each.digest.hex(),
        "intact": each.intact, "noted": each.noted,
    }  # fmt: skip


def _factors(project: str, found: Factors) -> FactorsAnswer:
    return FactorsAnswer(
        project=project, before=_percent(found.before), after=_percent(found.after),
        missing=_said(found.missing) if found.missing else None, method=_said(found.method),
        parts=_parts(found.parts) if found.parts else None,
        networks=[_part(each) for each in found.networks], devices=[_part(each) for each in found.devices],
        worst=[
            {
                "device": each.device, "name": each.name, "network": each.network, "expected": each.expected,
                "lost": each.lost, "completeness": _percent(each.completeness), "stage": each.stage._asdict(),
                "causes": [cause._asdict() for cause in each.causes],
            }
            for each in found.worst
        ],
        weather_before=_weather(found.weather_before), weather_after=_weather(found.weather_after),
    )  # fmt: skip


def _part(each: Part) -> PartAnswer:
    return PartAnswer(
        key=each.key, name=each.name, parts=_parts(each.parts), before=_percent(each.before), after=_percent(each.after)
    )


def _parts(parts: Parts) -> PartsAnswer:
    points = {name: f"{cut(value * 100, 12):f}" for name, value in asdict(parts).items()}
    return PartsAnswer(**points, whole=f"{cut(parts.whole * 100, 12):f}")


def _percent(rate: Any) -> str | None:
    return None if rate is None else f"{cut(rate * 100, 4):f}"


def _weather(weather: Weather | None) -> dict[str, float | None] | None:
    return None if weather is None else asdict(weather)
