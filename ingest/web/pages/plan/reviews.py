"""評価: what people write about a month, a quarter or a year and its key figures, and that a review is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.roles import Verb
from ingest.errors import CallRefused
from ingest.plan.check.freeze import Snapshot, lost_revisions, revisions, snapshots
from ingest.plan.check.review import Review, ReviewText, close_review, lacking, reviews, revised_since, write_review
from ingest.plan.check.spans import PeriodKind, Span, month_span, quarter_span, span_of, year_span
from ingest.store.database import Database
from ingest.web.days import FIRST_DAY, LAST_DAY, day_of_list
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, go_to, sent_writing
from ingest.web.pages.plan.kpi_rows import KpiRow, frozen_period
from ingest.web.pages.plan.looked import Asked, Looked, Query_, look
from ingest.web.plan_door import writing
from ingest.web.render import page, writer_for
from ingest.web.rules import REPORT, SEE, allow
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear

FIELDS = ("factors", "issues", "improvement", "opinion", "direction")
"""What a reviewer writes, in the order of the form."""

SHOWN_REVISIONS = 20

router = APIRouter(include_in_schema=False)

Written = Annotated[Form, Depends(sent_writing)]


class Choice(NamedTuple):
    """A period to choose. `revision`: of what is frozen; None: it is not. `revised`: since its review was closed."""

    span: Span
    revision: int | None
    closed: bool
    revised: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """A row of the page that something is written about: a key figure, or the whole period (`row` is None)."""

    code: str
    label: str
    row: KpiRow | None
    review: Review | None


class Reviewed(NamedTuple):
    """Everything about one period: what is frozen, what is written, what stands in the way of closing it.

    `revised`: the revision that came after the review was closed. `older`: there are revisions before `history`.
    `lost`: revisions that the audit log knows and that are not there.
    """

    span: Span
    frozen: Snapshot | None
    history: list[Snapshot]
    subjects: list[Subject]
    closed: Review | None
    revised: int | None
    lacking: list[Bilingual]
    older: bool
    lost: list[int]


@router.get("/plan/reviews")
@allow(SEE)
def plan_reviews(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    asked: Query_,
    kind: PeriodKind | None = None,
    first: Annotated[date | None, Query(ge=FIRST_DAY, le=LAST_DAY)] = None,
    done: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """The page of one period of the year: the given one, else the last quarter or year that is frozen."""
    return _page(request, deps, asked, (kind, first), done)


def _page(
    request: Request,
    deps: WebDependencies,
    asked: Asked,
    wanted: tuple[PeriodKind | None, date | None],
    done: str = "",
    refused: Bilingual | None = None,
    form: Form | None = None,
) -> HTMLResponse:
    writer = writer_for(request)
    choices: list[Choice] = []
    found: Reviewed | None = None
    with deps.database() as connection:
        looked = look(request, connection, asked)
        if looked.project is not None and looked.plan is not None:
            choices = choices_of(connection, looked)
            span = span_wanted(wanted, choices, looked.year)
            found = reviewed(connection, looked.project.project_id, span, looked)
    return page(
        request,
        "plan_reviews.html",
        writer,
        status=422 if refused else 200,
        address="/plan/reviews" if refused else "",
        choices=choices,
        found=found,
        fields=FIELDS,
        refused=refused,
        form=form or Form(),
        done=writer.texts.get(f"done_{done}", "") if done in ("review", "review_closed") else "",
        **looked.context,
    )


def choices_of(connection: Database, looked: Looked) -> list[Choice]:
    """The year, its quarters and its months, as far as they have begun and the plan touches them."""
    assert looked.project is not None
    assert looked.plan is not None
    document, months = looked.plan.document, looked.year.months
    project_id, today = looked.project.project_id, looked.now.date()
    frozen = {
        (each.span.kind, each.span.first_day): each
        for each in snapshots(connection, project_id, None, looked.year.year)
    }
    spans = [
        year_span(looked.year),
        *(quarter_span(month) for month in months[::3]),
        *(month_span(month) for month in months),
    ]
    made = []
    for span in spans:
        if span.until_day <= document.begins or span.first_day > document.ends or span.first_day > today:
            continue
        snapshot = frozen.get((span.kind, span.first_day))
        known = reviews(connection, project_id, span.kind, span.first_day) if span.kind is not PeriodKind.MONTH else {}
        whole = known.get("")
        closed, revised = whole is not None and whole.closed, revised_since(whole, snapshot) is not None
        made.append(Choice(span, None if snapshot is None else snapshot.revision, closed, revised))
    return made


def span_wanted(wanted: tuple[PeriodKind | None, date | None], choices: list[Choice], year: FiscalYear) -> Span:
    """The period of the query; without one the last that is frozen and still open. Raises HTTPException (404)."""
    kind, first = wanted
    if kind is not None and first is not None:
        span = span_of(kind, first)
        if span.first_day != first:
            raise HTTPException(404, f"No {kind} begins on {first}.")
        return span
    due = [
        each.span for each in choices if each.revision and not each.closed and each.span.kind is not PeriodKind.MONTH
    ]
    if due:
        return max(due, key=lambda span: (span.until_day, span.kind is PeriodKind.QUARTER))
    quarters = [each.span for each in choices if each.span.kind is PeriodKind.QUARTER]
    return quarters[-1] if quarters else year_span(year)


def reviewed(connection: Database, project_id: int, span: Span, looked: Looked) -> Reviewed:
    """What is known of a period."""
    history = revisions(connection, project_id, span, limit=SHOWN_REVISIONS)
    known = reviews(connection, project_id, span.kind, span.first_day)
    frozen = history[-1] if history else None
    rows = frozen_period(frozen).rows if frozen else []
    kpis = looked.plan.document.kpis if looked.plan else ()
    named: Mapping[str, tuple[str, KpiRow | None]] = (
        {row.code: (row.label, row) for row in rows} if frozen else {kpi.code: (kpi.label, None) for kpi in kpis}
    )
    subjects = [Subject(code, label, row, known.get(code)) for code, (label, row) in named.items()]
    whole = known.get("")
    return Reviewed(
        span,
        frozen,
        history[::-1],
        [*subjects, Subject("", "", None, whole)],
        whole if whole is not None and whole.closed else None,
        revised_since(whole, frozen),
        lacking(connection, project_id, span.kind, span.first_day),
        bool(history) and history[0].revision > 1,
        lost_revisions(connection, project_id, span),
    )


@router.post("/plan/reviews")
@allow(REPORT)
def write_plan_review(
    request: Request, deps: Annotated[WebDependencies, Depends(dependencies)], form: Written
) -> Response:
    """Keep what was written about a key figure or a period; what was there before stays in the history."""
    span, kpi = _span_of_form(form), form.text("kpi")
    text = ReviewText(**{name: form.text(name).replace("\r\n", "\n") for name in FIELDS})
    try:
        with writing(request, form.text("project"), Verb.REPORT) as (connection, project, by):
            write_review(connection, by, project, span.kind, span.first_day, kpi, text)
    except CallRefused as error:
        return _refused(request, deps, form, span, error)
    return go_to(f"{_address(form, span)}&done=review#{kpi or 'whole'}")


@router.post("/plan/reviews/close")
@allow(REPORT)
def close_plan_review(
    request: Request, deps: Annotated[WebDependencies, Depends(dependencies)], form: Written
) -> Response:
    """Close the review of a period, if nothing stands in the way."""
    span = _span_of_form(form)
    try:
        with writing(request, form.text("project"), Verb.REPORT) as (connection, project, by):
            close_review(connection, by, project, span.kind, span.first_day)
    except CallRefused as error:
        return _refused(request, deps, form, span, error)
    return go_to(f"{_address(form, span)}&done=review_closed")


def _refused(request: Request, deps: WebDependencies, form: Form, span: Span, error: CallRefused) -> HTMLResponse:
    asked = Asked(form.text("project"), FiscalYear.of(span.first_day).year)
    return _page(request, deps, asked, (span.kind, span.first_day), refused=error.said, form=form)


def _span_of_form(form: Form) -> Span:
    first = day_of_list(form.text("first"))
    kind = next((each for each in PeriodKind if each.value == form.text("kind")), None)
    if kind is None or first is None:
        raise HTTPException(422, "The form names no period.")
    return span_of(kind, first)


def _address(form: Form, span: Span) -> str:
    values: dict[str, Any] = {
        "project": form.text("project"),
        "fy": FiscalYear.of(span.first_day).year,
        "kind": span.kind.value,
        "first": span.first_day,
    }
    return f"/plan/reviews?{urlencode(values)}"
