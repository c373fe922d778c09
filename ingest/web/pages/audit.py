"""監査ログ: who did what, filtered, with what was changed; the same as CSV."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, StreamingResponse

from ingest.access.access import Access
from ingest.access.audit import Action, entry_of, read_entries
from ingest.access.audit_log.entry import AuditEntry, Wanted
from ingest.access.audit_log.verdict import read_verdict
from ingest.access.roles import Role, Scope
from ingest.web.accounts import Accounts, Domain, Mine
from ingest.web.audit_csv import CSV_ROWS, csv_lines
from ingest.web.changes import Change, changes_of
from ingest.web.days import day_begins
from ingest.web.noted import client_address
from ingest.web.render import links, page, writer_for
from ingest.web.rules import ADMINISTER, allow
from ingest.web.text.writer import Writer
from ingest.web.trail import trail_of
from schemas.japan import to_jst

SHOWN = 50
DOWNLOAD = "/audit.csv"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d:?\d\d$")

router = APIRouter(include_in_schema=False)


@dataclass
class Asked:
    """The filter of the form. `since` and `until` are days in Japan, both included."""

    since: Annotated[str, Query(alias="from", max_length=40)] = ""
    until: Annotated[str, Query(max_length=40)] = ""
    who: Annotated[str, Query(max_length=200)] = ""
    what: Annotated[str, Query(max_length=60)] = ""
    organisation: Annotated[str, Query(max_length=40)] = ""

    def wanted(self, mine: Domain) -> Wanted:
        """The filter as a question to the log: never about an organisation that its reader does not administer."""
        return Wanted(
            start=day_begins(self.since),
            end=day_begins(self.until, behind=timedelta(days=1)),
            actor=self.who.strip() or None,
            action=self.what or None,
            organisation=self.organisation or None,
            organisations=None if mine.looks_at_all else [seat.code for seat in mine.shown],
        )


class EntryView(NamedTuple):
    """An entry as the page shows it. `what`: the action in words; `place`: organisation and project it is about."""

    row: AuditEntry
    what: str
    subject: str
    place: str
    changes: list[Change]


@router.get("/audit")
@allow(ADMINISTER)
def audit_page(
    request: Request,
    access: Accounts,
    mine: Mine,
    asked: Annotated[Asked, Depends()],
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """The page, newest first. `before`: the number of the last entry of the page before."""
    writer = writer_for(request)
    with access.database() as connection:
        found = read_entries(connection, replace(asked.wanted(mine), below=before, limit=SHOWN + 1))
        verdict = read_verdict(connection)
    names = {seat.code: seat.name for seat in mine.caller.seats}
    shown = found[:SHOWN]
    query = {name: value for name, value in request.query_params.items() if name not in ("before", "lang")}
    return page(
        request,
        "audit.html",
        writer,
        entries=[_view(row, writer, names) for row in shown],
        older=shown[-1].entry_id if len(found) > SHOWN else None,
        turned=before is not None,
        wanted=asked,
        filtered=any(asked.__dict__.values()),
        actions=sorted(((action.value, writer.said(action.label)) for action in Action), key=lambda each: each[1]),
        organisations=[(seat.code, seat.name) for seat in mine.shown],
        download=links(DOWNLOAD, query)(),
        most=CSV_ROWS,
        verdict=verdict,
    )


@router.get(DOWNLOAD)
@allow(ADMINISTER)
def audit_csv(
    request: Request,
    access: Accounts,
    mine: Mine,
    asked: Annotated[Asked, Depends()],
) -> StreamingResponse:
    """The same entries for Excel: UTF-8 with BOM, headings in Japanese. Taking them is an entry of its own."""
    trail_of(request).write(entry_of(mine.caller, Action.DATA_DOWNLOADED, "audit.csv"), client_address(request))
    wanted = asked.wanted(mine)
    names = {seat.code: seat.name for seat in mine.caller.seats}
    return StreamingResponse(
        csv_lines(lambda below: _next_rows(access, replace(wanted, below=below)), names),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="noroshi-audit.csv"'},
    )


def _next_rows(access: Access, wanted: Wanted) -> list[AuditEntry]:
    """A part of the file with a connection of its own, so that a slow reader keeps none."""
    with access.database() as connection:
        return read_entries(connection, replace(wanted, limit=1000))


def _view(row: AuditEntry, writer: Writer, names: Mapping[str, str]) -> EntryView:
    what = writer.said(Action(row.action).label) if row.action in tuple(Action) else row.action
    place = [names.get(row.organisation, row.organisation)] if row.organisation else []
    return EntryView(
        row,
        what,
        _subject(row, writer),
        " ・ ".join([*place, *([row.project] if row.project else [])]),
        _changes(row, writer),
    )


def _changes(row: AuditEntry, writer: Writer) -> list[Change]:
    return [_in_words(change, writer) for change in changes_of(row.before, row.after)]


def _in_words(change: Change, writer: Writer) -> Change:
    """A change with its name, and with what it was and is, in the language of the reader."""
    texts = writer.texts
    name = texts.get(f"changed_{change.name}", change.name) or texts["audit_value"]
    return Change(name, _word(change.before, writer), _word(change.after, writer))


def _word(value: str | None, writer: Writer) -> str | None:
    """A value as people say it: roles, scopes, yes and no, moments, and the words that the log has for itself."""
    if value is None:
        return None
    if value in tuple(Role):
        return writer.said(Role(value).label)
    scopes = value.split(", ")
    if all(each in tuple(Scope) for each in scopes):
        return ", ".join(writer.said(Scope(each).label) for each in scopes)
    if _MOMENT.match(value):
        return writer.full(to_jst(datetime.fromisoformat(value)))
    word = {"true": "yes", "false": "no"}.get(value, f"said_{value}")
    return writer.texts.get(word, value)


def _subject(row: AuditEntry, writer: Writer) -> str:
    """What it was done to: of a page that was seen its title."""
    return writer.texts.get(f"page_{row.subject}", row.subject) if row.action == Action.PAGE_SEEN else row.subject
