"""災害対応時系列記録: what was noticed, who was told, who took it, what the city did; as a page and as files."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.audit import Action, entry_of
from ingest.figures.project import ProjectRef, project_refs
from ingest.figures.watch_record import OBSERVED, UNWATCHED, ChronologyRow, watch_sums, whole_chronology
from ingest.report.chronology import TABLE, make_chronology
from ingest.report.form.apart import form_writer
from ingest.report.form.csv import table_csv
from ingest.report.form.forms import ReportForm
from ingest.store.database import Database
from ingest.watch.problems import Problem, Reason
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.guard import caller_of
from ingest.web.noted import client_address
from ingest.web.plan_door import project_seen
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow
from ingest.web.text import Language
from ingest.web.text.writer import Writer
from ingest.web.trail import trail_of
from ingest.web.watch_problems import watch_problems
from schemas.japan import JST, now_jst

LONGEST = timedelta(days=31)
UP_TO_NOW = timedelta(minutes=5)
"""A stretch that ended longer ago is not about now."""
MOST_ROWS = 1_000
"""On the page; files have up to 5,000."""
FORMS = (ReportForm.XLSX, ReportForm.CSV, ReportForm.CSV_CP932, ReportForm.JSON)
USUAL = timedelta(hours=18)
"""Where no beginning is said: since yesterday afternoon, for who comes in the morning."""

router = APIRouter(include_in_schema=False)
Deps = Annotated[WebDependencies, Depends(dependencies)]
Text = Annotated[str, Query(max_length=63)]
Moment = Annotated[str, Query(max_length=32)]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is asked for. `wrong`: the key of the text that says why the times cannot be used; the usual ones are."""

    start: datetime
    end: datetime
    wrong: str = ""

    def query(self, project: str, *, drills: bool) -> str:
        """The same question again, for links."""
        asked = {"project": project, "from": f"{self.start:%Y-%m-%dT%H:%M}", "to": f"{self.end:%Y-%m-%dT%H:%M}"}
        return urlencode(asked | ({"drills": "1"} if drills else {}))


@router.get("/watch/chronology")
@allow(SEE)
def chronology_page(
    request: Request, deps: Deps, project: Text = "", from_: Annotated[Moment, Query(alias="from")] = "",
    to: Moment = "", drills: Text = "",
) -> HTMLResponse:  # fmt: skip
    """The page, which prints on A4 landscape."""
    writer = writer_for(request)
    stretch = read_stretch(from_, to)
    with deps.database() as connection:
        projects = project_refs(connection)
        seen = project_seen(projects, project)
        rows = _rows(connection, seen, stretch, with_drills=bool(drills))
        sums = seen and watch_sums(connection, seen.code, stretch.start, stretch.end)
        problems = _problems(connection, deps, seen, stretch)
    return page(
        request,
        "watch_chronology.html",
        writer,
        projects=projects,
        project=seen,
        stretch=stretch,
        rows=rows[:MOST_ROWS],
        more=max(0, len(rows) - MOST_ROWS),
        sums=sums if sums and sums.watched else None,
        problems=problems,
        drills=bool(drills),
        query=stretch.query(seen.code if seen else "", drills=bool(drills)),
        forms=FORMS,
        observed=OBSERVED,
        word_of=lambda row: word_of(row, writer),
    )


def _problems(
    connection: Database, deps: WebDependencies, project: ProjectRef | None, stretch: Stretch
) -> list[Problem]:
    """What keeps the rows from being whole, where they reach up to now. When the watch did not run is a row."""
    if project is None or stretch.end < now_jst() - UP_TO_NOW:
        return []
    return [each for each in watch_problems(connection, deps, project) if each.reason is not Reason.STOPPED]


def _rows(
    connection: Database, project: ProjectRef | None, stretch: Stretch, *, with_drills: bool
) -> list[ChronologyRow]:
    if project is None:
        return []
    return whole_chronology(
        connection, project.code, stretch.start, stretch.end, drills=with_drills, at_most=MOST_ROWS + 1
    )


@router.get("/watch/chronology/{form}")
@allow(SEE)
def chronology_file(
    request: Request, deps: Deps, form: str, project: Text = "", from_: Annotated[Moment, Query(alias="from")] = "",
    to: Moment = "", drills: Text = "",
) -> Response:  # fmt: skip
    """The same as a file: Excel, CSV (UTF-8 or Shift_JIS), JSON."""
    wanted = next((each for each in FORMS if each.value == form), None)
    stretch = read_stretch(from_, to)
    with deps.database() as connection:
        seen = project_seen(project_refs(connection), project)
        if seen is None or wanted is None:
            raise HTTPException(404, "There is no such project or form.")
        if stretch.wrong:
            raise HTTPException(422, "Invalid from or to: 2026-09-12T20:00, at most 31 days.")
        who = caller_of(request).name
        remarks = [each.said.ja for each in _problems(connection, deps, seen, stretch)]
        document = make_chronology(
            connection,
            seen.project_id,
            stretch.start,
            stretch.end,
            now_jst(),
            who,
            drills=bool(drills),
            remarks=remarks,
        )
    if wanted in (ReportForm.CSV, ReportForm.CSV_CP932):
        content = table_csv(document, TABLE, "cp932" if wanted is ReportForm.CSV_CP932 else "utf-8")
    else:
        with form_writer(document) as write:
            content = write(wanted)
    subject = f"chronology {wanted.value}"
    after = {"from": stretch.start.isoformat(), "to": stretch.end.isoformat()}
    entry = entry_of(caller_of(request), Action.DATA_DOWNLOADED, subject, project=seen.code, after=after)
    trail_of(request).note(entry, client_address(request))
    return Response(content, media_type=wanted.media_type, headers=_headers(seen, stretch, wanted))


def _headers(project: ProjectRef, stretch: Stretch, form: ReportForm) -> dict[str, str]:
    """RFC 8187: a name that every program understands, and the one that people read."""
    span = f"{stretch.start:%Y%m%d-%H%M}_{stretch.end:%Y%m%d-%H%M}"
    end = f"{'_sjis' if form is ReportForm.CSV_CP932 else ''}.{form.extension}"
    plain = f"noroshi-chronology-{project.code}-{span}{end}"
    named = quote(f"災害対応時系列記録_{project.code}_{span}{end}", safe="")
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{named}"}


def read_stretch(from_: str, to: str) -> Stretch:
    """The stretch of time that a form says, on a Japanese clock; the usual one for what is empty or cannot be used."""
    now = now_jst().replace(second=0, microsecond=0) + timedelta(minutes=1)
    begin = (now - USUAL).replace(hour=12, minute=0)
    usual = Stretch(begin, now)
    try:
        end = _moment(to) or now
        start = _moment(from_) or (begin if not to else end - USUAL)
    except (ValueError, OverflowError):
        return Stretch(usual.start, usual.end, "chronology_no_time")
    if start >= end:
        return Stretch(usual.start, usual.end, "chronology_turned")
    if end - start > LONGEST:
        return Stretch(usual.start, usual.end, "chronology_too_long")
    return Stretch(start, end)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    at = found.replace(tzinfo=JST) if found.tzinfo is None else found.astimezone(JST)
    if not 1970 <= at.year < 2200:
        raise ValueError(text)
    return at


def word_of(row: ChronologyRow, writer: Writer) -> str:
    """What happened, in the language of the reader; what states of devices are called is Japanese."""
    texts = writer.texts
    if writer.language is Language.JA or row.kind == OBSERVED:
        return row.word
    if row.kind == UNWATCHED:
        return texts["chronology_unwatched"].format(at=writer.clock(row.recorded_at))
    mark = texts["watch_drill_mark"] if row.drill else ""
    if row.kind != "stage":
        return mark + texts[f"chronology_{row.kind}_{'on' if row.rank or row.kind == 'missed' else 'off'}"]
    if not row.rank:
        return mark + texts["chronology_below"]
    hint = texts["chronology_hint"].format(n=row.ref_level) if row.ref_level else ""
    key = "chronology_reached" if row.rank > row.before_rank else "chronology_fell"
    return mark + texts[key].format(name=row.name_en or row.name) + hint
