"""The items of the board (計画ボード): what of a year is planned, done, checked and improved; what is due or late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ingest.figures.plan.board import Board, MeasureLine, ReviewState
from ingest.plan.check.spans import frozen_from, month_span, quarter_span, year_span
from ingest.web.text.writer import Writer
from schemas.japan import FiscalYear, to_jst
from schemas.plan import Formula, Kpi, ObservationEvidence, PlanDocument, WorkEvidence
from schemas.work import MeasureState

SOON = timedelta(days=14)
"""What is due within so many days is marked."""
REVIEW_TIME = timedelta(days=21)
"""After a quarter or a year was frozen, so long is given for writing its review."""
_IDLE = timedelta(days=60)
"""A work log that a KPI is measured by is probably not kept, if nothing was entered for so long."""
_NEEDS_BASELINE = (Formula.GAIN, Formula.CUMULATIVE)


class Standing(StrEnum):
    """How an item stands. Late ones come first in their column."""

    LATE = "late"
    SOON = "soon"
    OPEN = "open"
    WELL = "well"


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the board: what, until when, who, and where it leads to (empty: nowhere)."""

    what: str
    standing: Standing
    due: date | None = None
    who: str = ""
    path: str = ""


def standing_of(due: date, today: date) -> Standing:
    """How something stands that is not done."""
    if due < today:
        return Standing.LATE
    return Standing.SOON if due <= today + SOON else Standing.OPEN


def in_order(items: Iterable[Item]) -> list[Item]:
    """Late ones first, then by day; what is well at the end."""
    ranks = list(Standing)
    return sorted(items, key=lambda item: (ranks.index(item.standing), item.due or date.max))


def planned(document: PlanDocument | None, facts: str, year: FiscalYear, writer: Writer) -> list[Item]:
    """P: the plan itself and what it lacks for the year. `facts`: of its version, in words."""
    texts = writer.texts
    if document is None:
        return [Item(texts["board_no_plan"], Standing.SOON, path="/plan/guide")]
    found = [Item(facts, Standing.WELL, path="/plan/model")]
    lacks = [kpi for kpi in document.kpis if year.year not in kpi.targets]
    baseless = [kpi for kpi in document.kpis if kpi.baseline is None and kpi.formula in _NEEDS_BASELINE]
    if not document.kpis:
        found.append(Item(texts["board_no_kpis"], Standing.SOON, path="/plan/model"))
    found += [
        Item(texts[key].format(name=kpi.label), Standing.SOON, who=kpi.owner, path=f"/plan/kpis/{kpi.code}")
        for key, kpis in (("board_no_target", lacks), ("board_no_baseline", baseless))
        for kpi in kpis
    ]
    if not any(cost.fiscal_year == year.year for cost in document.costs):
        found.append(Item(texts["board_no_costs"], Standing.SOON, path="/plan/costs"))
    return found


def done(document: PlanDocument | None, board: Board, year: FiscalYear, today: date, writer: Writer) -> list[Item]:
    """D: the work log, outages, planned stops, and observations that a KPI waits for."""
    texts, doings = writer.texts, board.doings
    kpis: tuple[Kpi, ...] = document.kpis if document else ()
    found = []
    if doings.visits:
        said = texts["board_work"].format(n=writer.count(doings.visits), hours=writer.count(doings.minutes // 60))
        found.append(Item(said, Standing.WELL, path="/work"))
    keeps_log = [kpi for kpi in kpis if isinstance(kpi.evidence, WorkEvidence)]
    idle = doings.last_work is None or to_jst(doings.last_work).date() < today - _IDLE
    if keeps_log and idle and year.first_day <= today <= year.last_day:
        found.append(Item(texts["board_work_idle"], Standing.SOON, who=owners(keeps_log, texts), path="/work/new"))
    if not board.outages_known:
        found.append(Item(texts["board_outages_behind"], Standing.SOON, path="/jobs"))
    if doings.open_outages:
        since = writer.moment(doings.open_since)
        said = texts["board_outages_open"].format(n=writer.count(doings.open_outages), at=since)
        found.append(Item(said, Standing.SOON, path="/outages"))
    if doings.unexplained:
        said = texts["board_outages_unexplained"].format(n=writer.count(doings.unexplained))
        found.append(Item(said, Standing.OPEN, path="/outages"))
    for stop in board.stops:
        key = "board_stop_unsigned" if stop.unsigned else "board_stop"
        said = texts[key].format(reason=stop.reason, from_=writer.clock(stop.starts), to=writer.clock(stop.ends))
        standing = Standing.SOON if stop.unsigned else Standing.OPEN
        found.append(Item(said, standing, to_jst(stop.starts).date(), writer.who(stop.entered_by), "/work"))
    for kpi in kpis:
        if isinstance(kpi.evidence, ObservationEvidence) and kpi.evidence.code not in board.observed:
            due = year.last_day
            said = texts["board_observation"].format(name=kpi.label)
            found.append(Item(said, standing_of(due, today), due, kpi.owner, f"/plan/kpis/{kpi.code}"))
    return found or [Item(texts["board_nothing_done"], Standing.OPEN, path="/work/new")]


def checked(document: PlanDocument, board: Board, year: FiscalYear, today: date, writer: Writer) -> list[Item]:
    """C: months that are frozen or late, reviews of quarters and of the year."""
    return [
        *_months(document, board, year, today, writer),
        *_quarters(document, board, year, today, writer),
        _year_review(document, board, year, today, writer),
    ]


def _months(document: PlanDocument, board: Board, year: FiscalYear, today: date, writer: Writer) -> list[Item]:
    texts = writer.texts
    frozen = {each.first_day: each for each in board.frozen if each.kind == "month"}
    found, told_next = [], False
    last = max((month for month in year.months if month.first_day in frozen), default=None)
    if last is not None:
        row = frozen[last.first_day]
        key = "board_month_revised" if row.revision > 1 else "board_month_frozen"
        said = texts[key].format(month=writer.month(last.start), n=len(frozen), revision=row.revision)
        found.append(
            Item(said, Standing.WELL, to_jst(row.frozen_at).date(), writer.who(row.frozen_by), "/plan/reviews")
        )
    late = []
    for month in year.months:
        due = frozen_from(month_span(month), document.calendar)
        if month.first_day in frozen or month.last_day < document.begins or month.first_day > document.ends:
            continue
        if due < today:
            late.append((month, due))
        elif month.first_day <= today and not told_next:
            told_next = True
            said = texts["board_month_due"].format(month=writer.month(month.start))
            found.append(Item(said, standing_of(due, today), due, texts["board_by_service"], "/plan/reviews"))
    if late:
        said = texts["board_months_late"].format(month=writer.month(late[0][0].start), n=len(late))
        found.append(Item(said, Standing.LATE, late[0][1], texts["board_by_service"], "/plan/reviews"))
    return found


def _quarters(document: PlanDocument, board: Board, year: FiscalYear, today: date, writer: Writer) -> list[Item]:
    closed = {each.first_day: each for each in board.reviews if each.kind == "quarter" and each.closed}
    found = []
    for number, month in enumerate(year.months[::3], start=1):
        span = quarter_span(month)
        due = frozen_from(span, document.calendar) + REVIEW_TIME
        if span.until_day <= document.begins or span.first_day > document.ends:
            continue
        path = f"/plan/reviews?kind=quarter&first={span.first_day}"
        name = writer.texts["plan_quarter"].format(n=number)
        if span.first_day in closed:
            found.append(_reviewed(closed[span.first_day], board, name, path, writer))
        elif span.first_day <= today:
            said = writer.texts["board_review_due"].format(name=name)
            found.append(Item(said, standing_of(due, today), due, owners(document.kpis, writer.texts), path))
    return found


def _reviewed(review: ReviewState, board: Board, name: str, path: str, writer: Writer) -> Item:
    """A review that is done; unless its period was revised since, and somebody has to look at that."""
    period = (review.kind, review.first_day)
    newest = next((each for each in board.frozen if (each.kind, each.first_day) == period), None)
    if newest is not None and review.closed_at is not None and newest.frozen_at > review.closed_at:
        said = writer.texts["board_review_revised"].format(name=name, revision=newest.revision)
        return Item(said, Standing.SOON, None, review.closed_by or "", path)
    said = writer.texts["board_review_closed"].format(name=name)
    return Item(said, Standing.WELL, None, review.closed_by or "", path)


def _year_review(document: PlanDocument, board: Board, year: FiscalYear, today: date, writer: Writer) -> Item:
    texts = writer.texts
    path = f"/plan/reviews?kind=year&first={year.first_day}"
    closed = next((each for each in board.reviews if each.kind == "year" and each.closed), None)
    name = texts["plan_whole_year"]
    if closed is not None:
        return _reviewed(closed, board, name, path, writer)
    due = frozen_from(year_span(year), document.calendar) + REVIEW_TIME
    who = owners(document.kpis, texts)
    return Item(texts["board_review_due"].format(name=name), standing_of(due, today), due, who, path)


def improved(document: PlanDocument | None, board: Board, year: FiscalYear, today: date, writer: Writer) -> list[Item]:
    """A: improvement measures, and the closing of the year."""
    texts, doings = writer.texts, board.doings
    found = [_measure(each, today, writer) for each in board.measures if each.state not in _SETTLED]
    settled = sum(1 for each in board.measures if each.state in _SETTLED)
    if settled:
        found.append(Item(texts["board_measures_settled"].format(n=settled), Standing.WELL, path="/measures"))
    if not board.measures:
        found.append(Item(texts["board_no_measures"], Standing.OPEN, path="/measures"))
    if doings.closed_at is not None:
        at = to_jst(doings.closed_at).date()
        found.append(Item(texts["board_closed"], Standing.WELL, at, doings.closed_by or "", "/plan/close"))
    elif document is not None:
        due = frozen_from(year_span(year), document.calendar) + REVIEW_TIME
        found.append(Item(texts["board_close"], standing_of(due, today), due, path="/plan/close"))
    return found


_SETTLED = (MeasureState.EVALUATED, MeasureState.DROPPED)


def _measure(line: MeasureLine, today: date, writer: Writer) -> Item:
    state = MeasureState(line.state)
    said = writer.texts["board_measure"].format(n=line.number, title=line.title, state=writer.said(state.label))
    path = f"/measures/{line.measure_id}"
    if state is MeasureState.DONE:  # its result is to be written; the day it was due is over
        return Item(said, Standing.SOON, line.due, line.owner, path)
    return Item(said, standing_of(line.due, today), line.due, line.owner, path)


def owners(kpis: Iterable[Kpi], texts: Mapping[str, str]) -> str:
    """Who owns these KPIs, each once, at most three by name."""
    names = list(dict.fromkeys(kpi.owner for kpi in kpis))
    return texts["and_so_on"].join(names[:3]) + ("…" if len(names) > 3 else "")
