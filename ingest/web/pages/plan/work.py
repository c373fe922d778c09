"""作業記録: what people did and saw, with sums; as a page and as a file."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.roles import Verb
from ingest.figures.plan.work import WorkSums, work_sums
from ingest.figures.project import ProjectRef, project_refs
from ingest.plan.work.fields import FIELDS, What
from ingest.plan.work.log import list_observations, list_stops, list_work, number_of
from ingest.plan.work.model import Observation, Stop, Wanted, Work
from ingest.store.database import Database
from ingest.web.days import beginning_of, day_of_list
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.guard import caller_of
from ingest.web.plan_door import project_seen
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow
from schemas.foreign import kept_cell
from schemas.japan import FiscalYear, now_jst, to_jst
from schemas.work import Basis, WorkKind

SHOWN = 50
CSV_ROWS = 100_000
YEARS = 5
"""So many fiscal years are offered."""

Row = Work | Stop | Observation
router = APIRouter(include_in_schema=False)


@dataclass
class Asked:
    """The filter of the form. `since` and `until` are days in Japan, both included; else it is the year `fy`."""

    what: What = What.WORK
    fy: Annotated[int | None, Query(ge=2015, le=2100)] = None
    kind: Annotated[str, Query(max_length=63)] = ""
    device: Annotated[str, Query(max_length=63)] = ""
    text: Annotated[str, Query(max_length=200)] = ""
    since: Annotated[str, Query(alias="from", max_length=10)] = ""
    until: Annotated[str, Query(max_length=10)] = ""
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None

    @property
    def year(self) -> FiscalYear:
        """The fiscal year that is looked at."""
        return FiscalYear(self.fy) if self.fy is not None else FiscalYear.of(now_jst().date())

    @property
    def days(self) -> tuple[date, date]:
        """The first day, and the day after the last. Raises HTTPException for what is no day."""
        first = _day(self.since) or self.year.first_day
        last = _day(self.until) or (self.year.last_day if not self.since else max(first, self.year.last_day))
        if last < first:
            raise HTTPException(422, "The period ends before it begins.")
        return first, last + timedelta(days=1)

    @property
    def filtered(self) -> bool:
        """Whether anything but the year and the kind of the list is asked for."""
        return any((self.kind, self.device, self.text, self.since, self.until))

    def wanted(self, limit: int) -> Wanted:
        """The filter as the list of the database takes it."""
        first, until = self.days
        return Wanted(
            beginning_of(first), beginning_of(until), self.kind.strip() or None, self.device.strip() or None,
            self.text.strip() or None, self.before, limit,
        )  # fmt: skip


def _day(text: str) -> date | None:
    if not text:
        return None
    found = day_of_list(text)
    if found is None:
        raise HTTPException(422, f"{text!r} is not a day: write it as 2026-11-29.")
    return found


@router.get("/work")
@allow(SEE)
def work_page(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    asked: Annotated[Asked, Depends()],
    project: Annotated[str, Query(max_length=63)] = "",
    done: str = "",
) -> HTMLResponse:
    """The list of one year, its sums, and the way to enter something."""
    writer = writer_for(request)
    with deps.database() as connection:
        projects = project_refs(connection)
        seen = project_seen(projects, project)
        rows = [] if seen is None else rows_of(connection, seen, asked, asked.wanted(SHOWN + 1))
        sums = _sums(connection, seen, asked)
    caller = caller_of(request)
    shown = rows[:SHOWN]
    return page(
        request,
        "plan_work.html",
        writer,
        project=seen,
        projects=projects,
        asked=asked,
        whats=[(what.value, writer.said(what.label)) for what in What],
        years=[FiscalYear(asked.year.year - back) for back in range(-1, YEARS)],
        kinds=[(kind.value, writer.said(kind.label)) for kind in WorkKind],
        kind_names={kind.value: writer.said(kind.label) for kind in WorkKind},
        rows=shown,
        older=number_of(shown[-1]) if len(rows) > SHOWN else None,
        sums=sums,
        may_enter=seen is not None and caller.may(Verb.REPORT, seen.project_id),
        may_sign=seen is not None and caller.may(Verb.OPERATE, seen.project_id),
        done=writer.texts.get(f"done_{done}", ""),
    )


def _sums(connection: Database, seen: ProjectRef | None, asked: Asked) -> Mapping[str, list[WorkSums]]:
    """The sums of the period by level; none where the list is not of work."""
    if seen is None or asked.what is not What.WORK:
        return {}
    found: dict[str, list[WorkSums]] = {}
    for row in work_sums(connection, seen.code, *asked.days):
        found.setdefault(row.level, []).append(row)
    return found


def rows_of(connection: Database, project: ProjectRef, asked: Asked, wanted: Wanted) -> Sequence[Row]:
    """The rows of the list that is looked at, the newest first."""
    read: Any = {What.WORK: list_work, What.STOP: list_stops, What.OBSERVATION: list_observations}[asked.what]
    rows: Sequence[Row] = read(connection, project.project_id, wanted)
    return rows


@router.get("/work.csv")
@allow(SEE)
def work_csv(
    deps: Annotated[WebDependencies, Depends(dependencies)],
    asked: Annotated[Asked, Depends()],
    project: Annotated[str, Query(max_length=63)] = "",
) -> Response:
    """The list as Excel opens it. The file can be entered again: nothing in it is then new."""
    with deps.database() as connection:
        seen = project_seen(project_refs(connection), project)
        if seen is None:
            raise HTTPException(404, "There is no project.")
        rows = rows_of(connection, seen, asked, asked.wanted(CSV_ROWS))
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(_lines(asked.what, rows))
    name = f"{seen.code}-{asked.what.value}-{asked.days[0]}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


_MORE = ("入力日時", "入力者", "取消日時", "取消者", "取消の理由", "対象の移動")
_ELSEWHERE = "ほかの事業へ移動"


def _lines(what: What, rows: Iterable[Row]) -> Iterator[list[str]]:
    signs = ["署名日時", "署名者", "署名の理由"] if what is What.STOP else []
    yield ["番号", *(field.heading.ja for field in FIELDS[what]), *signs, *_MORE]
    for row in rows:
        values = [_cell(getattr(row, field.name)) for field in FIELDS[what]]
        signed = [_cell(each) for each in _signed(row)] if what is What.STOP else []
        voided = (row.voided.at, row.voided.by, row.voided.reason) if row.voided else (None, None, None)
        gone = _ELSEWHERE if isinstance(row, Work | Stop) and row.elsewhere else None
        more = [_cell(each) for each in (row.entered_at, row.entered_by, *voided, gone)]
        yield [str(number_of(row)), *values, *signed, *more]


def _signed(row: Row) -> tuple[object, ...]:
    signed = row.signed if isinstance(row, Stop) else None
    return (signed.at, signed.by, signed.reason) if signed else (None, None, None)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, WorkKind | Basis):
        return value.label.ja
    if isinstance(value, datetime):
        return f"{to_jst(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return kept_cell(str(value)) if isinstance(value, str) else str(value)
