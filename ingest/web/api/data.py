"""/api/v1: rows over time. JSON in pages; CSV, Arrow and Parquet as one stream of the whole period."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request
from starlette.responses import Response

from ingest.errors import StoreUnavailable
from ingest.figures.names import DeviceName, device_names_by_id, gateway_codes, has_relation
from ingest.figures.quantities import quantities
from ingest.figures.rows import batches, page
from ingest.figures.table import COUNTED, Selection, Table
from ingest.web.api import cursor
from ingest.web.api.columns import (
    READINGS,
    READINGS_DAILY,
    READINGS_HOURLY,
    UPLINKS,
    UPLINKS_DAILY,
    UPLINKS_HOURLY,
    Answer,
)
from ingest.web.api.describe import answers
from ingest.web.api.formats import MEDIA_TYPES, Charset, Chosen, Form, choose
from ingest.web.api.lookup import Lookup, lookup
from ingest.web.api.pages import cursor_after, json_page, next_link
from ingest.web.api.plain_text import fitting, replaced
from ingest.web.api.question import LIMIT, Question, ReadingQuestion, SeriesQuestion, known_devices, period
from ingest.web.api.slots import Slots
from ingest.web.api.stream import StreamResponse
from ingest.web.dependencies import WebDependencies, dependencies
from schemas.bilingual import Bilingual
from schemas.japan import now_jst, to_jst

Deps = Annotated[WebDependencies, Depends(dependencies)]
Accept = Annotated[str | None, Header(include_in_schema=False)]

DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=31)

router = APIRouter()


@router.get("/readings", tags=["readings"], responses=answers(READINGS, counted=True))
def read_readings(
    request: Request, deps: Deps, question: Annotated[ReadingQuestion, Query()], accept: Accept = None
) -> Response:
    """Single readings (測定値), the last 24 hours unless said otherwise."""
    table = READINGS.table
    counted = {"counted": question.counted}
    if question.counted:
        with deps.database() as connection:
            # Before the first correction there may be no such view; then everything counts.
            table = COUNTED if has_relation(connection, COUNTED.relation) else table
    return _answer(request, deps, READINGS._replace(table=table), question, DAY, accept, counted)


@router.get("/uplinks", tags=["uplinks"], responses=answers(UPLINKS))
def read_uplinks(
    request: Request, deps: Deps, question: Annotated[Question, Query()], accept: Accept = None
) -> Response:
    """Messages (受信メッセージ) with their radio link, the last 24 hours unless said otherwise."""
    return _answer(request, deps, UPLINKS, question, DAY, accept)


@router.get("/readings/hourly", tags=["readings"], responses=answers(READINGS_HOURLY))
def read_reading_hours(
    request: Request, deps: Deps, question: Annotated[SeriesQuestion, Query()], accept: Accept = None
) -> Response:
    """Readings summed up by hour, of what counts; the last 7 days unless said otherwise."""
    return _answer(request, deps, READINGS_HOURLY, question, WEEK, accept)


@router.get("/readings/daily", tags=["readings"], responses=answers(READINGS_DAILY))
def read_reading_days(
    request: Request, deps: Deps, question: Annotated[SeriesQuestion, Query()], accept: Accept = None
) -> Response:
    """Readings summed up by day in Japan, of what counts; the days that began in the last 31 unless said otherwise."""
    return _answer(request, deps, READINGS_DAILY, question, MONTH, accept)


@router.get("/uplinks/hourly", tags=["uplinks"], responses=answers(UPLINKS_HOURLY))
def read_uplink_hours(
    request: Request, deps: Deps, question: Annotated[Question, Query()], accept: Accept = None
) -> Response:
    """Messages of a device summed up by hour; the last 7 days unless said otherwise."""
    return _answer(request, deps, UPLINKS_HOURLY, question, WEEK, accept)


@router.get("/uplinks/daily", tags=["uplinks"], responses=answers(UPLINKS_DAILY))
def read_uplink_days(
    request: Request, deps: Deps, question: Annotated[Question, Query()], accept: Accept = None
) -> Response:
    """Messages of a device summed up by day in Japan; the days that began in the last 31 unless said otherwise."""
    return _answer(request, deps, UPLINKS_DAILY, question, MONTH, accept)


def _answer(
    request: Request, deps: WebDependencies, answer: Answer, question: Question, span: timedelta,
    accept: str | None, more: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    chosen = choose(question.format, question.charset, accept)
    if chosen.form is Form.JSON:
        return _page(request, deps, answer, question, span, more or {})
    return _stream(request, deps, answer, question, span, chosen)


def _page(
    request: Request, deps: WebDependencies, answer: Answer, question: Question, span: timedelta, more: dict[str, Any]
) -> Response:
    if question.charset or question.header != "codes":
        raise HTTPException(422, "charset and header belong to a CSV; say format=csv as well.")
    before = cursor.read(answer.table, question.cursor) if question.cursor else None
    start, end = period(_continued(question, before), span, now_jst())
    limit = question.limit or LIMIT
    with deps.database() as connection:
        known_devices(connection, question)
        selection = question.selection(connection, answer.table, start, end)
        _need(connection, answer.table)
        rows = page(connection, selection, before.after if before else None, limit + 1)
        found = device_names_by_id(connection, {row[0] for row in rows})
        names = _names(connection, answer, question, found)
    following = cursor_after(selection, rows[limit - 1]) if len(rows) > limit else None
    link = following and next_link(request, following)
    return json_page(answer, rows[:limit], names, selection, following, link, more)


def _continued(question: Question, before: cursor.Cursor | None) -> Question:
    """The question with the period of its first page, where it says none itself: "now" has moved since then."""
    if before is None:
        return question
    return question.model_copy(update={"start": question.start or before.start, "end": question.end or before.end})


def _stream(
    request: Request, deps: WebDependencies, answer: Answer, question: Question, span: timedelta, chosen: Chosen
) -> Response:
    if question.limit or question.cursor:
        raise HTTPException(422, f"limit and cursor belong to JSON; {chosen.form} brings the whole period.")
    start, end = period(question, span, now_jst())
    with deps.database() as connection:
        names = _names(connection, answer, question, known_devices(connection, question))
        selection = question.selection(connection, answer.table, start, end)
        _need(connection, answer.table)

    def produce(connection: Any) -> Iterator[bytes]:
        # Arrow takes 50 MiB of memory: only where somebody asks for it.
        from ingest.web.api.batch import Batches  # noqa: PLC0415
        from ingest.web.api.write import writer_for  # noqa: PLC0415

        maker = Batches(answer, names, fitting(chosen))
        writer = writer_for(chosen, answer, maker.schema, question.header)
        for rows in batches(connection, selection):
            yield writer.write(maker.make(rows))
        yield writer.close()

    slots = request.app.state.slots
    assert isinstance(slots, Slots)  # set by create_app
    headers = _file_headers(answer, question, selection, chosen) | _told_replaced(chosen, names)
    return StreamResponse(produce, deps.stream_database, slots, media_type=_media_type(chosen), headers=headers)


def _names(connection: Any, answer: Answer, question: Question, devices: list[DeviceName]) -> Lookup:
    gateways = gateway_codes(connection) if "gateway_id" in answer.table.columns else {}
    known = quantities(connection, question.project) if answer.table.series else []
    return lookup(devices, gateways, known)


def _need(connection: Any, table: Table) -> None:
    if not has_relation(connection, table.relation):
        raise StoreUnavailable(
            Bilingual(
                f"まだ {table.relation} がありません。noroshi db upgrade を実行してください",
                f"it has no {table.relation} yet; run `noroshi db upgrade`",
            )
        )


def _media_type(chosen: Chosen) -> str:
    if chosen.form is not Form.CSV:
        return MEDIA_TYPES[chosen.form]
    return f"text/csv; charset={'utf-8' if chosen.charset is Charset.UTF_8 else 'windows-31j'}; header=present"


def _file_headers(answer: Answer, question: Question, selection: Selection, chosen: Chosen) -> dict[str, str]:
    who = [question.project or "all", *question.device[:1]]
    days = [f"{to_jst(at):%Y%m%d}" for at in (selection.start, selection.end)]
    name = "_".join([answer.name, *who, *days])
    return {"Vary": "Accept", "Content-Disposition": f'attachment; filename="{name}.{chosen.form}"'}


def _told_replaced(chosen: Chosen, names: Lookup) -> dict[str, str]:
    """CP932 lacks some signs: which of those in the names of this answer are written as another."""
    signs = replaced(chosen, names)
    return {"Noroshi-Replaced-Characters": " ".join(f"U+{ord(sign):04X}" for sign in signs)} if signs else {}
