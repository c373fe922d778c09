"""要因分析: what the change of the completeness, or a missed target, came from, as a waterfall."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from ingest.figures.plan.apportion import apportion
from ingest.plan.check.factors import Days, Factors, factors_between, factors_to_target
from ingest.plan.check.spans import Span, month_span, year_span
from ingest.plan.document.achievement import aim_of
from ingest.store.database import Database
from ingest.web.chart.waterfall import Part, Waterfall, waterfall
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.pages.plan.looked import Looked, Query_, look
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow
from ingest.web.text.writer import Writer
from schemas.japan import FiscalYear, Month
from schemas.plan import FigureEvidence, Kpi, PlanScope

SHOWN_NETWORKS = 8
SHOWN_DEVICES = 10
STAGES = ("sent", "radio", "valid", "mix")
"""The parts of a change, as texts name them."""

router = APIRouter(include_in_schema=False)


class Against(StrEnum):
    """What a period is compared with."""

    PREVIOUS = "previous"
    YEAR_BEFORE = "year_before"
    TARGET = "target"


class Shown(NamedTuple):
    """An analysis ready for the page: its waterfalls, and the amounts of their rows in hundredths of a percent.

    `told`: in words what weighed most.
    """

    stages: Waterfall
    stage_units: list[int]
    networks: Waterfall
    network_units: list[int]
    devices: list[tuple[str, str, int, Fraction | None, Fraction | None]]
    told: list[str]


@router.get("/plan/factors")
@allow(SEE)
def plan_factors(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    asked: Query_,
    month: Annotated[int | None, Query(ge=0, le=12)] = None,
    against: Against = Against.PREVIOUS,
) -> HTMLResponse:
    """The page. `month`: of the year that is looked at; 0: the whole year; without it the last that is over."""
    writer = writer_for(request)
    found: Factors | None = None
    with deps.database() as connection:
        looked = look(request, connection, asked)
        span = span_asked(looked, month)
        kpi = target_kpi(looked)
        if against is Against.TARGET and kpi is None:
            against = Against.PREVIOUS
        before = span_before(span, against)
        if looked.project is not None and span.start < looked.now:
            found = _analyse(connection, looked, span, before, kpi)
    return page(
        request,
        "plan_factors.html",
        writer,
        span=span,
        before=before,
        months=[each for each in looked.year.months if each.start < looked.now],
        month=span.first_day.month if span.kind == "month" else 0,
        against=against,
        choices=[each for each in Against if each is not Against.TARGET or kpi is not None],
        kpi=kpi,
        found=found,
        shown=shown_factors(found, writer, _names(span, before, writer)) if found and found.parts is not None else None,
        **looked.context,
    )


def _analyse(connection: Database, looked: Looked, span: Span, before: Span | None, kpi: Kpi | None) -> Factors:
    assert looked.project is not None
    after = Days(span.first_day, span.until_day)
    if before is not None or kpi is None:
        earlier = before or span_before(span, Against.PREVIOUS) or span
        days = Days(earlier.first_day, earlier.until_day)
        return factors_between(connection, looked.project.code, days, after, looked.now)
    target = Decimal(repr(aim_of(kpi, looked.year.year).target))
    return factors_to_target(connection, looked.project.code, target, after, looked.now)


def span_asked(looked: Looked, month: int | None) -> Span:
    """The month of the query, or the year; without one the last month of the year that is over."""
    if month == 0:
        return year_span(looked.year)
    over = [each for each in looked.year.months if each.end <= looked.now]
    if month is None:
        return month_span(over[-1]) if over else month_span(looked.year.months[0])
    return month_span(next(each for each in looked.year.months if each.month == month))


def span_before(span: Span, against: Against) -> Span | None:
    """What a period is compared with; None for the target."""
    if against is Against.TARGET:
        return None
    year = FiscalYear.of(span.first_day)
    if span.kind == "year":
        return year_span(FiscalYear(year.year - 1))
    if against is Against.PREVIOUS:
        return month_span(Month.of(span.first_day - timedelta(days=1)))
    return month_span(Month(span.first_day.year - 1, span.first_day.month))


def target_kpi(looked: Looked) -> Kpi | None:
    """The key figure that sets a target for the completeness of the whole project in this year."""
    kpis = looked.plan.document.kpis if looked.plan else ()
    for kpi in kpis:
        measured = isinstance(kpi.evidence, FigureEvidence) and kpi.evidence.figure == "completeness"
        if measured and kpi.scope == PlanScope() and aim_of(kpi, looked.year.year).target is not None:
            return kpi
    return None


def _names(span: Span, before: Span | None, writer: Writer) -> tuple[str, str]:
    """What the first and the last bar are called."""
    return writer.said(before.label) if before else writer.texts["plan_against_target"], writer.said(span.label)


def shown_factors(found: Factors, writer: Writer, ends: tuple[str, str]) -> Shown:
    """The waterfalls by stage and by network, and the devices that weigh most. What is shown adds up as shown.

    `ends`: what the first and the last bar are called.
    """
    assert found.parts is not None
    assert found.before is not None
    assert found.after is not None
    texts = writer.texts
    before, after = units_of(found.before), units_of(found.after)
    stages = [found.parts.sent, found.parts.radio, found.parts.valid, found.parts.mix]
    stage_units = apportioned(stages, after - before)
    networks = list(found.networks[:SHOWN_NETWORKS])
    rest = found.networks[SHOWN_NETWORKS:]
    shares = [network.parts.whole for network in networks]
    labels = [network.name for network in networks]
    if rest:
        shares.append(sum((network.parts.whole for network in rest), Fraction(0)))
        labels.append(texts["plan_other_networks"].format(n=len(rest)))
    network_units = apportioned(shares, after - before)
    first, last = (ends[0], before / 100), (ends[1], after / 100)
    names = [texts[f"plan_stage_{stage}"] for stage in STAGES]
    return Shown(
        waterfall(first, _parts(names, stage_units), last, writer.number, most=100),
        [before, *stage_units, after],
        waterfall(first, _parts(labels, network_units), last, writer.number, most=100),
        [before, *network_units, after],
        [
            (device.key, device.name, round(device.parts.whole * 10_000), device.before, device.after)
            for device in found.devices[:SHOWN_DEVICES]
        ],
        told(stage_units, dict(zip(labels, network_units, strict=True)), writer),
    )


def told(stage_units: Sequence[int], networks: Mapping[str, int], writer: Writer) -> list[str]:
    """In words which stage and which network weighed most in the direction of the change; nothing without a change."""
    change = sum(stage_units)
    if not change:
        return []
    texts = writer.texts
    stage, units = max(zip(STAGES, stage_units, strict=True), key=lambda each: each[1] * change)
    n, what = writer.fixed(Fraction(units, 100), 2, sign=True), texts[f"plan_stage_{stage}"]
    said = [texts["plan_factors_most"].format(what=what, n=n, means=texts[f"plan_means_{stage}"])]
    if len(networks) > 1:
        name, units = max(networks.items(), key=lambda each: each[1] * change)
        n = writer.fixed(Fraction(units, 100), 2, sign=True)
        said.append(texts["plan_factors_network"].format(what=name, n=n))
    return said


def _parts(names: Sequence[str], units: Sequence[int]) -> list[Part]:
    return [Part(name, unit / 100) for name, unit in zip(names, units, strict=True)]


def units_of(share: Fraction) -> int:
    """A fraction of one as hundredths of a percent, cut."""
    return floor(share * 10_000)


def apportioned(parts: Sequence[Fraction], total: int) -> list[int]:
    """Parts in hundredths of a percent that add up to `total`."""
    return apportion([part * 10_000 for part in parts], total)
