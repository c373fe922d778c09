"""隔離: the quarantine, by reason and row by row."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse

from ingest.figures.quantities import quantities
from ingest.figures.quarantine import Place, QuarantineEntry, Wanted, quarantine_counted, quarantine_entries
from ingest.web.api.lookup import find_fleet
from ingest.web.days import day_begins
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.render import page, writer_for
from ingest.web.rules import READ, allow
from ingest.web.text import Language
from ingest.web.text.writer import Writer
from schemas.detail import in_japanese
from schemas.japan import JST
from schemas.rejection import RejectionReason

SHOWN = 20
_PLACE = re.compile(r"(\d{1,17})\.(\d{1,18})")

router = APIRouter(include_in_schema=False)


@dataclass
class Asked:
    """The filter of the form. `since` and `until` are days in Japan, both included."""

    reason: str = ""
    device: Annotated[str, Query(max_length=200)] = ""
    since: Annotated[str, Query(alias="from")] = ""
    until: str = ""

    def wanted(self, project: str) -> Wanted:
        """The filter as the query of the database."""
        since, until = day_begins(self.since), day_begins(self.until, behind=timedelta(days=1))
        return Wanted(project or None, self.reason or None, self.device.strip() or None, since, until)


@router.get("/quarantine")
@allow(READ)
def quarantine_page(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    asked: Annotated[Asked, Depends()],
    project: str = "",
    before: str = "",
    after: str = "",
) -> HTMLResponse:
    """The page. Reading only: replaying is a command, done after the cause is corrected.

    `before`, `after`: the place of a row (see `_written`).
    """
    fleet = find_fleet(request, project or None)
    wanted = asked.wanted(project)
    writer = writer_for(request)
    with deps.database() as connection:
        rows = quarantine_entries(connection, wanted, before=_place(before), after=_place(after), limit=SHOWN)
        older = rows and quarantine_entries(connection, wanted, before=_of(rows[-1]), limit=1)
        newer = rows and quarantine_entries(connection, wanted, after=_of(rows[0]), limit=1)
        counted = quarantine_counted(connection, wanted)
        catalogue = quantities(connection, project or None)
    labels = {quantity.code: writer.quantity(quantity) for _, quantity in catalogue}
    return page(
        request,
        "quarantine.html",
        writer,
        fleet=fleet,
        chosen=project,
        wanted=asked,
        filtered=any(asked.__dict__.values()),
        reasons=sorted({*tuple(RejectionReason)}, key=writer.reason),
        entries=[(row, detail(row.detail, writer, labels), part_name(row, labels)) for row in rows],
        older=_written(rows[-1]) if older else None,
        newer=_written(rows[0]) if newer else None,
        counted=counted,
        total=sum(row.parts for row in fleet.quarantine),
        refresh_s=5,
    )


def detail(said: str, writer: Writer, labels: dict[str, str]) -> str:
    """The detail in the language of the reader, if it is a sentence that we translate."""
    return (in_japanese(said, labels) or said) if writer.language is Language.JA else said


def part_name(row: QuarantineEntry, labels: dict[str, str]) -> str:
    """The name of a part: the quantity, with the name it was sent under."""
    label = labels.get(row.part_name or "")
    return f"{label} ({row.part_name})" if label else row.part_name or ""


def _of(row: QuarantineEntry) -> Place:
    return Place(row.received_at, row.quarantine_id)


def _written(row: QuarantineEntry) -> str:
    """The place of a row for the address of a page: microseconds since 1970, and the row's number."""
    return f"{round(row.received_at.timestamp() * 1_000_000)}.{row.quarantine_id}"


def _place(text: str) -> Place | None:
    if not text:
        return None
    if not (found := _PLACE.fullmatch(text)):
        raise HTTPException(422, f"{text[:40]!r} is no place in the list.")
    return Place(datetime.fromtimestamp(0, JST) + timedelta(microseconds=int(found[1])), int(found[2]))
