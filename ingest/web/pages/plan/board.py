"""計画ボード: P D C A of one fiscal year as four columns: what is due, what is late, and who."""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from ingest.access.audit_log.verdict import read_verdict
from ingest.figures.plan.board import read_board
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.pages.plan.board_items import Item, Standing, checked, done, improved, in_order, planned
from ingest.web.pages.plan.looked import Looked, Query_, look
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow
from ingest.web.text.writer import Writer

router = APIRouter(include_in_schema=False)


class Column(NamedTuple):
    """One of the four columns: its letter, and its items in order."""

    letter: str
    items: list[Item]


@router.get("/plan")
@allow(SEE)
def plan_board(
    request: Request, deps: Annotated[WebDependencies, Depends(dependencies)], asked: Query_
) -> HTMLResponse:
    """The board. It reads what is stored and computes no figure, so it is quick however much data there is."""
    writer = writer_for(request)
    with deps.database() as connection:
        looked = look(request, connection, asked)
        verdict = read_verdict(connection)
        columns = []
        if looked.project is not None and looked.plan is not None:
            year = looked.year
            days, span = (year.first_day, year.next.first_day), (year.start, year.end)
            board = read_board(connection, looked.project.project_id, year.year, days, span, looked.now)
            document, today = looked.plan.document, looked.now.date()
            columns = [
                Column("P", in_order(planned(document, version_said(looked, writer), year, writer))),
                Column("D", in_order(done(document, board, year, today, writer))),
                Column("C", in_order(checked(document, board, year, today, writer))),
                Column("A", in_order(improved(document, board, year, today, writer))),
            ]
    every = [item for column in columns for item in column.items]
    return page(
        request,
        "plan_board.html",
        writer,
        columns=columns,
        broken=verdict if verdict is not None and verdict.faults else None,
        late=sum(1 for item in every if item.standing is Standing.LATE),
        soon=sum(1 for item in every if item.standing is Standing.SOON),
        **looked.context,
    )


def version_said(looked: Looked, writer: Writer) -> str:
    """The version that counts, in words."""
    if looked.plan is None:
        return ""
    return writer.texts["board_plan"].format(n=looked.plan.number, at=writer.day(looked.plan.entered_at, year=True))
