"""Rows over time as an answer: JSON in pages; CSV, Arrow and Parquet as one stream of the whole period."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from fastapi import HTTPException, Request
from starlette.responses import Response

from ingest.access.audit import Action, entry_of
from ingest.errors import StoreUnavailable
from ingest.figures.names import DeviceName, device_names_by_id, gateway_codes, has_relation
from ingest.figures.quantities import quantities
from ingest.figures.rows import page
from ingest.figures.table import Selection, Table
from ingest.web.api.answers.formats import Chosen, Form, choose, content_type
from ingest.web.api.answers.json import json_page
from ingest.web.api.answers.slots import Slots
from ingest.web.api.answers.stream import Standing, StreamResponse
from ingest.web.api.columns import Answer
from ingest.web.api.cursor import RowCursor, next_address, read_row_cursor, write_row_cursor
from ingest.web.api.lookup import Lookup, find_devices, gather_names
from ingest.web.api.parameters import ROWS, RowsQuery, settle_period
from ingest.web.callers import standing_of
from ingest.web.dependencies import WebDependencies
from ingest.web.noted import client_address
from ingest.web.trail import trail_of
from schemas.bilingual import Bilingual
from schemas.japan import now_jst


def answer_rows(
    request: Request, deps: WebDependencies, answer: Answer, query: RowsQuery, span: timedelta,
    *, accept: str | None, more: Mapping[str, Any] | None = None,
) -> Response:  # fmt: skip
    """The rows of `query` in the form it asks for; of the last `span` unless it says a period.

    `accept`: the Accept header. `more`: what a page of JSON says besides.
    """
    chosen = choose(query.format, query.charset, accept)
    if chosen.form is Form.JSON:
        return _answer_page(request, deps, answer, query, span, more or {})
    return _answer_stream(request, deps, answer, query, span, chosen)


def _answer_page(
    request: Request, deps: WebDependencies, answer: Answer, query: RowsQuery, span: timedelta, more: Mapping[str, Any]
) -> Response:
    if query.charset or query.header != "codes":
        raise HTTPException(422, "charset and header apply to CSV only; add format=csv.")
    before = read_row_cursor(answer.table, query.cursor) if query.cursor else None
    start, end = _settle_page_period(query, before, span)
    limit = query.limit or ROWS
    with deps.database() as connection:
        find_devices(connection, query.project, query.device)
        selection = query.selection(connection, answer.table, start, end)
        _require_relation(connection, answer.table)
        rows = page(connection, selection, before.after if before else None, limit + 1)
        found = device_names_by_id(connection, {row[0] for row in rows})
        names = _gather_names(connection, answer, query, found)
    following = write_row_cursor(selection, rows[limit - 1]) if len(rows) > limit else None
    link = following and next_address(request, following)
    return json_page(answer, rows[:limit], names, selection, following, link, more)


def _settle_page_period(query: RowsQuery, before: RowCursor | None, span: timedelta) -> tuple[datetime, datetime]:
    """The period of the first page, where the query says none itself: "now" has moved since then."""
    start, end = query.start, query.end
    if before is not None:
        start, end = start or before.start, end or before.end
    return settle_period(start, end, span, now=now_jst())


def _answer_stream(
    request: Request, deps: WebDependencies, answer: Answer, query: RowsQuery, span: timedelta, chosen: Chosen
) -> Response:
    if query.limit or query.cursor:
        raise HTTPException(422, f"limit and cursor apply to JSON only; {chosen.form} returns the whole period.")
    start, end = settle_period(query.start, query.end, span, now=now_jst())
    with deps.database() as connection:
        devices = find_devices(connection, query.project, query.device)
        names = _gather_names(connection, answer, query, devices)
        selection = query.selection(connection, answer.table, start, end)
        _require_relation(connection, answer.table)
    # Arrow takes 50 MiB of memory: only where somebody asks for a file.
    from ingest.web.api.answers.files import file_headers, file_producer  # noqa: PLC0415

    slots = request.app.state.slots
    assert isinstance(slots, Slots)  # set by create_app
    headers = file_headers(answer, query, selection, chosen, names)
    produce = file_producer(answer, names, selection, chosen, query.header)
    standing = Standing(_download_notice(request, deps, answer, selection, chosen), standing_of(request))
    return StreamResponse(
        produce, deps.stream_database, slots, media_type=content_type(chosen), headers=headers, standing=standing
    )


def _download_notice(
    request: Request, deps: WebDependencies, answer: Answer, selection: Selection, chosen: Chosen
) -> Callable[[], None]:
    """What writes into the audit log who took which rows."""
    after = {
        "form": str(chosen.form), "from": selection.start, "to": selection.end, "devices": list(selection.devices)
    }  # fmt: skip
    entry = entry_of(deps.caller, Action.DATA_DOWNLOADED, answer.name, project=selection.project, after=after)
    trail, address = trail_of(request), client_address(request)
    return lambda: trail.write(entry, address)


def _gather_names(connection: Any, answer: Answer, query: RowsQuery, devices: list[DeviceName]) -> Lookup:
    gateways = gateway_codes(connection) if "gateway_id" in answer.table.columns else {}
    known = quantities(connection, query.project) if answer.table.series else []
    return gather_names(devices, gateways, known)


def _require_relation(connection: Any, table: Table) -> None:
    if not has_relation(connection, table.relation):
        raise StoreUnavailable(
            Bilingual(
                f"まだ {table.relation} がありません。noroshi db upgrade を実行してください",
                f"it has no {table.relation} yet; run `noroshi db upgrade`",
            )
        )
