"""改善措置: the list of a year with what is due, and one measure with its history and its effect."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse

from ingest.access.authority import NotThere
from ingest.figures.project import project_refs
from ingest.plan.act.compare import BLOCK_DAYS
from ingest.plan.act.effect import Effect, Side, effect_of
from ingest.plan.act.effect_words import METHOD, effect_notes, effect_sentence, outwards, rounded
from ingest.plan.act.measures import done_beside, events_of, kept_effects, measure_by_id, measures_of
from ingest.plan.act.model import TRANSITIONS, Measure
from ingest.plan.act.quota import quotas_of
from ingest.plan.act.series import SERIES
from ingest.store.database import Database
from ingest.web.chart.frame import Chart
from ingest.web.chart.targets import Slot, targets
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form
from ingest.web.pages.plan.looked import Asked, Looked, Query_, look
from ingest.web.pages.plan.measure_fields import Things, things_of
from ingest.web.pages.plan.measure_history import told
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow
from ingest.web.text.writer import Writer
from schemas.japan import FiscalYear
from schemas.work import MeasureState

router = APIRouter(include_in_schema=False)

Deps = Annotated[WebDependencies, Depends(dependencies)]

_SIGNS = {
    MeasureState.PROPOSED: "empty",
    MeasureState.DECIDED: "never",
    MeasureState.UNDER_WAY: "stage",
    MeasureState.DONE: "partial",
    MeasureState.EVALUATED: "live",
    MeasureState.DROPPED: "disabled",
}
"""The symbol and colour of each state, among those that the pages have."""


@dataclass(frozen=True, slots=True)
class Line:
    """A measure in the list. `effect`: as it was kept when it was evaluated, or None."""

    measure: Measure
    sign: str
    late: bool
    due: bool
    effect: dict[str, Any] | None


@dataclass
class Narrowed:
    """Which measures are listed: those of one state, or those that are due; empty: all."""

    state: str = ""


@router.get("/measures")
@allow(SEE)
def measures_page(
    request: Request, deps: Deps, asked: Query_, narrowed: Annotated[Narrowed, Depends()]
) -> HTMLResponse:
    """The measures of a year: what is due first, then by number."""
    with deps.database() as connection:
        looked = look(request, connection, asked)
        lines: list[Line] = []
        quotas = []
        if looked.project is not None:
            lines = lines_of(connection, looked)
            quotas = quotas_of(connection, looked.project.project_id, looked.year.year)
    counts = {state: sum(1 for line in lines if line.measure.state is state) for state in MeasureState}
    return page(
        request,
        "plan_measures.html",
        writer_for(request),
        lines=[line for line in lines if _is_wanted(line, narrowed.state)],
        total=len(lines),
        counts=counts,
        due=[line for line in lines if line.due],
        late=sum(1 for line in lines if line.late),
        state=narrowed.state,
        quotas=quotas,
        labels={kpi.code: kpi.label for kpi in (looked.plan.document.kpis if looked.plan else ())},
        **looked.context,
    )


def lines_of(connection: Database, looked: Looked) -> list[Line]:
    """The measures of the project and year that are looked at, those that are due first."""
    assert looked.project is not None
    effects = kept_effects(connection, looked.project.project_id)
    today = looked.now.date()
    found = [
        Line(each, _SIGNS[each.state], each.is_late(today), each.is_due(today), effects.get(each.measure_id))
        for each in measures_of(connection, looked.project.project_id, looked.year.year)
    ]
    return sorted(found, key=lambda line: (not line.due, not line.measure.is_open, line.measure.number))


def _is_wanted(line: Line, state: str) -> bool:
    return not state or line.measure.state.value == state or (state == "due" and line.due)


@router.get("/measures/{measure_id}")
@allow(SEE)
def measure_page(request: Request, measure_id: int, deps: Deps, done: str = "") -> HTMLResponse:
    """One measure: what it is, how far it is, what it changed, and everything that became of it."""
    with deps.database() as connection:
        measure = seen_measure(connection, measure_id)
        return shown_measure(request, connection, measure, Form(), done)


def seen_measure(connection: Database, measure_id: int) -> Measure:
    """The measure with this id. Raises HTTPException (404) if this connection sees none."""
    try:
        if measure_id < 2**63:
            return measure_by_id(connection, measure_id)
    except NotThere as error:
        raise HTTPException(404, "There is no such measure.") from error
    raise HTTPException(404, "There is no such measure.")


def look_at(request: Request, connection: Database, measure: Measure) -> Looked:
    """The project and the year of a measure. The connection sees the project, else it had not seen the measure."""
    code = next(each.code for each in project_refs(connection) if each.project_id == measure.project_id)
    return look(request, connection, Asked(code, measure.fiscal_year))


def shown_measure(request: Request, connection: Database, measure: Measure, form: Form, done: str = "") -> HTMLResponse:
    """The page of a measure. `form`: what was sent to move it on, and what is wrong with it."""
    writer = writer_for(request)
    looked = look_at(request, connection, measure)
    assert looked.project is not None
    effect = effect_of(connection, looked.project.code, measure, looked.now)
    every = measures_of(connection, measure.project_id)
    things = things_of(connection, measure.project_id)
    today = looked.now.date()
    return page(
        request,
        "plan_measure.html",
        writer,
        status=422 if form.errors else 200,
        address=f"/measures/{measure.measure_id}",
        measure=measure,
        sign=_SIGNS[measure.state],
        late=measure.is_late(today),
        due=measure.is_due(today),
        series=SERIES[measure.figure],
        about=_about(measure, things, writer),
        kpis=[_kpi_label(looked, code) for code in measure.kpis],
        year=FiscalYear(measure.fiscal_year),
        states=list(MeasureState),
        next_states=TRANSITIONS[measure.state],
        effect=effect,
        sentence=None if effect is None else effect_sentence(effect),
        notes=[] if effect is None else effect_notes(effect),
        interval=None if effect is None else outwards(effect),
        changes={} if effect is None else _rounded_changes(effect),
        beside=done_beside(measure, every),
        method=METHOD,
        chart=None if effect is None else chart_of(effect, measure.done_on, writer),
        events=told(events_of(connection, measure), things, writer),
        carried_from=_numbered(every, measure.carried_from),
        form=form,
        done=writer.texts[f"said_measure_{done}"] if done in ("new", "changed", "moved") else "",
        today=today,
        **looked.context,
    )


def _kpi_label(looked: Looked, code: str) -> tuple[str, str]:
    document = looked.plan.document if looked.plan else None
    label = next((kpi.label for kpi in document.kpis if kpi.code == code), code) if document else code
    return code, label


def _numbered(measures: Sequence[Measure], measure_id: int | None) -> Measure | None:
    return next((each for each in measures if each.measure_id == measure_id), None)


def _rounded_changes(effect: Effect) -> dict[str, Decimal | None]:
    """The changes as the sentence has them."""
    return {
        "own": rounded(effect.change),
        "others": rounded(effect.others),
        "year_before": rounded(effect.year_before),
    }


def _about(measure: Measure, things: Things, writer: Writer) -> list[tuple[str, str]]:
    """Code and name of what a measure is about; what is in another project now is said once, without a name."""
    known = [things.networks.get(each) for each in measure.networks]
    known += [things.devices.get(each) for each in measure.devices]
    gone = [("", writer.texts["work_elsewhere"])] if None in known else []
    return [each for each in known if each is not None] + gone


def chart_of(effect: Effect, done_on: date | None, writer: Writer) -> Chart | None:
    """A column for each block, the value of each side as a line, the day of the measure between; None without any."""
    if done_on is None or (effect.before.value is None and effect.after.value is None):
        return None
    slots = [*_slots(effect, effect.before, writer)]
    slots.append(Slot(writer.texts["measure_slot"], None, None, faint=False, what=writer.calendar_day(done_on)))
    slots += _slots(effect, effect.after, writer)
    return targets(slots, writer.number)


def _slots(effect: Effect, side: Side, writer: Writer) -> Iterator[Slot]:
    level = None if side.value is None else float(side.value)
    for block in side.blocks:
        last = block.until_day - timedelta(days=1)
        value = None if block.value is None else block.value * effect.series.scale
        said = "―" if value is None else f"{writer.fixed(value, 1)} {writer.said(effect.series.unit)}"
        days = {"first": writer.calendar_day(block.first_day), "last": writer.calendar_day(last)}
        what = f"{writer.texts['measure_span'].format(**days)}: {said}"
        faint = block.days < BLOCK_DAYS
        label = f"{block.first_day.month}/{block.first_day.day}"
        yield Slot(label, None if value is None else float(value), level, faint, what)
