"""停止: outages that the service found, and their causes as people write them; as a page and as a file."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.roles import Verb
from ingest.figures.plan.outage import (
    OutageRow,
    OutageWanted,
    outage,
    outage_changes,
    outage_sums,
    outages,
    outages_counted,
    outages_known,
    parts_of,
)
from ingest.figures.project import project_refs
from ingest.plan.outage.explain import LONGEST_NOTE, explain
from ingest.plan.outage.table import HEADINGS
from ingest.web.days import beginning_of, day_of_list
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.guard import caller_of
from ingest.web.plan_door import project_seen, writing
from ingest.web.render import page, writer_for
from ingest.web.rules import REPORT, SEE, allow
from schemas.bilingual import Bilingual
from schemas.foreign import kept_cell
from schemas.japan import FiscalYear, now_jst, to_jst
from schemas.work import OutageCause

SHOWN = 25
CSV_ROWS = 100_000
MOST_PAGES = 4_000
YEARS = 5
LEVELS = ("device", "gateway", "network")
UNEXPLAINED = "unexplained"

NOTHING_CHOSEN = Bilingual("停止を一つ以上選んでください", "Choose at least one outage")
CAUSE_NEEDED = Bilingual("原因を選んでください", "Choose a cause")

router = APIRouter(include_in_schema=False)
Deps = Annotated[WebDependencies, Depends(dependencies)]
ProjectCode = Annotated[str, Query(max_length=63)]
Sent = Annotated[Form, Depends(sent_form)]


@dataclass
class Asked:
    """The filter of the form. `since` and `until` are days in Japan, both included; else it is the year `fy`."""

    fy: Annotated[int | None, Query(ge=2015, le=2100)] = None
    state: Annotated[str, Query(pattern="^(|open)$")] = ""
    cause: Annotated[str, Query(max_length=40)] = ""
    level: Annotated[str, Query(max_length=20)] = ""
    place: Annotated[str, Query(max_length=63)] = ""
    since: Annotated[str, Query(alias="from", max_length=10)] = ""
    until: Annotated[str, Query(max_length=10)] = ""
    at: Annotated[int, Query(ge=0, le=MOST_PAGES)] = 0

    @property
    def year(self) -> FiscalYear:
        """The fiscal year that is looked at."""
        return FiscalYear(self.fy) if self.fy is not None else FiscalYear.of(now_jst().date())

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day. Raises HTTPException for what is no day."""
        first = _day(self.since) or self.year.first_day
        last = _day(self.until) or max(first, self.year.last_day)
        if last < first:
            raise HTTPException(422, "The period ends before it begins.")
        return first, last

    @property
    def filtered(self) -> bool:
        """Whether anything but the year is asked for."""
        return any((self.state, self.cause, self.level, self.place, self.since, self.until))

    def wanted(self, project: str) -> OutageWanted:
        """The filter as the figure takes it. Parts of an outage are listed only where their level is asked for."""
        first, last = self.days
        top = self.level == "" and not self.place.strip()
        open_only = self.state == "open"
        return OutageWanted(project, first, last, open_only, self.cause, self.level, self.place.strip(), top)


def _day(text: str) -> date | None:
    if not text:
        return None
    found = day_of_list(text)
    if found is None:
        raise HTTPException(422, f"{text!r} is not a day: write it as 2026-11-29.")
    return found


@router.get("/outages")
@allow(SEE)
def outages_page(
    request: Request, deps: Deps, asked: Annotated[Asked, Depends()], project: ProjectCode = "", done: str = ""
) -> HTMLResponse:
    """The list of one year, those that last first, with its sums."""
    return _list_page(request, deps, asked, project, done=done)


def _list_page(
    request: Request, deps: WebDependencies, asked: Asked, code: str, *, done: str = "", wrong: Bilingual | None = None
) -> HTMLResponse:
    writer = writer_for(request)
    first, last = asked.days
    with deps.database() as connection:
        projects = project_refs(connection)
        seen = project_seen(projects, code)
        wanted = asked.wanted("" if seen is None else seen.code)
        rows = outages(connection, wanted, SHOWN + 1, asked.at * SHOWN)
        counted = outages_counted(connection, wanted)
        known = outages_known(connection, min(writer.now, beginning_of(last) + timedelta(days=1)))
        sums = [] if seen is None else outage_sums(connection, seen.code, first, last + timedelta(days=1), writer.now)
    return page(
        request,
        "plan_outages.html",
        writer,
        status=200 if wrong is None else 422,
        address="/outages",
        project=seen,
        projects=projects,
        asked=asked,
        days=(first, last),
        years=[FiscalYear(asked.year.year - back) for back in range(-1, YEARS)],
        causes=_causes(),
        names=dict(_causes()),
        levels=LEVELS,
        rows=rows[:SHOWN],
        newer=asked.at > 0,
        older=len(rows) > SHOWN,
        counted=counted,
        known=known,
        whole=next((row for row in sums if row.level == "project"), None),
        places=[row for row in sums if row.level in ("network", "gateway") and row.key and row.devices],
        may_write=seen is not None and caller_of(request).may(Verb.REPORT, seen.project_id),
        longest=LONGEST_NOTE,
        done=writer.texts["outages_done"] if done == "explained" else "",
        wrong=None if wrong is None else writer.said(wrong),
    )


def _causes() -> list[tuple[str, Bilingual]]:
    return [(cause.value, cause.label) for cause in OutageCause]


@router.get("/outages.csv")
@allow(SEE)
def outages_csv(deps: Deps, asked: Annotated[Asked, Depends()], project: ProjectCode = "") -> Response:
    """The list as Excel opens it. With causes filled in, `noroshi plan outages` takes it back."""
    with deps.database() as connection:
        seen = project_seen(project_refs(connection), project)
        if seen is None:
            raise HTTPException(404, "There is no project.")
        rows = outages(connection, asked.wanted(seen.code), CSV_ROWS)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(_lines(rows))
    headers = {"Content-Disposition": f'attachment; filename="{seen.code}-outages-{asked.days[0]}.csv"'}
    return Response(text.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


_LEVEL_NAMES = {"device": "機器", "gateway": "基地局", "network": "通信網"}


def _lines(rows: Sequence[OutageRow]) -> Iterator[list[str]]:
    yield [heading.ja for heading in HEADINGS.values()]
    for row in rows:
        causes = [OutageCause(each).label.ja if each else "" for each in (row.proposed_cause, row.cause)]
        yield [
            str(row.outage_id), _LEVEL_NAMES[row.level], kept_cell(row.code), kept_cell(row.title), _cell(row.starts),
            _cell(row.ends), str(row.seconds // 60), str(row.devices), str(row.planned_s // 60), causes[0],
            kept_cell(row.proposed_ja or ""), causes[1], kept_cell(row.cause_note or ""),
        ]  # fmt: skip


def _cell(at: datetime | None) -> str:
    return "" if at is None else f"{to_jst(at):%Y-%m-%d %H:%M:%S}"


@router.get("/outages/{number}")
@allow(SEE)
def outage_page(request: Request, deps: Deps, number: int, done: str = "") -> HTMLResponse:
    """One outage: what is known, what is part of it, what became of it, and the form for its cause."""
    return _one_page(request, deps, number, Form(), done=done)


def _one_page(request: Request, deps: WebDependencies, number: int, form: Form, *, done: str = "") -> HTMLResponse:
    writer = writer_for(request)
    with deps.database() as connection:
        row = outage(connection, number) if number < 2**63 else None
        if row is None:
            raise HTTPException(404, "There is no such outage.")
        whole = None if row.part_of is None else outage(connection, row.part_of)
        parts = parts_of(connection, number)
        changes = outage_changes(connection, number)
        seen = project_seen(project_refs(connection), row.project)
    if not form.values:
        form = Form({"cause": row.cause or row.proposed_cause or "", "note": row.cause_note or ""})
    return page(
        request,
        "plan_outage.html",
        writer,
        status=422 if form.errors else 200,
        address=f"/outages/{number}",
        project=seen,
        row=row,
        whole=whole,
        below=parts,
        changes=changes,
        causes=_causes(),
        names=dict(_causes()),
        form=form,
        longest=LONGEST_NOTE,
        may_write=caller_of(request).may(Verb.REPORT, row.project_id),
        done=writer.texts["outages_done"] if done == "explained" else "",
    )


@router.post("/outages/{number}")
@allow(REPORT)
def explain_outage(request: Request, deps: Deps, number: int, form: Sent) -> Response:
    """Write the cause of one outage, and of what is part of it."""
    with deps.database() as connection:
        row = outage(connection, number) if number < 2**63 else None
    if row is None:
        raise HTTPException(404, "There is no such outage.")
    try:
        _explain(request, row.project, [number], form)
    except ChangeRefused as refused:
        form.refuse("note", refused.said)
        return _one_page(request, deps, number, form)
    return go_to(f"/outages/{number}?done=explained")


@router.post("/outages")
@allow(REPORT)
def explain_outages(request: Request, deps: Deps, form: Sent) -> Response:
    """Write one cause for all outages that were ticked."""
    code = form.text("project")
    numbers = [int(each) for each in form.ticked("outage") if each.isascii() and each.isdigit() and len(each) < 19]
    wrong = NOTHING_CHOSEN if not numbers else None if form.text("cause") else CAUSE_NEEDED
    if wrong is None:
        try:
            _explain(request, code, numbers, form)
        except ChangeRefused as refused:
            wrong = refused.said
    if wrong is not None:
        return _list_page(request, deps, Asked(), code, wrong=wrong)
    return go_to(f"/outages?project={code}&done=explained")


def _explain(request: Request, code: str, numbers: Sequence[int], form: Form) -> None:
    """Raises HTTPException for what is not there, ChangeRefused for what is wrong with the form."""
    text = form.text("cause")
    if text not in ("", *OutageCause):
        raise ChangeRefused(CAUSE_NEEDED)
    with writing(request, code, Verb.REPORT) as (connection, project, by):
        try:
            explain(connection, by, project.project_id, numbers, OutageCause(text) if text else None, form.text("note"))
        except NotThere:
            raise HTTPException(404, "There is no such outage.") from None
