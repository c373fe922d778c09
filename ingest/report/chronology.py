"""The chronology (災害対応時系列記録) of any stretch of time as a document, for the morning after."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ingest.errors import CallRefused
from ingest.figures.fetch import Database
from ingest.figures.project import project_of_id
from ingest.report.compose import compose_report
from ingest.report.layouts import layout_of
from ingest.report.make import NO_PROJECT
from ingest.report.source.base import Asked
from ingest.report.source.watch import REMARKS, SPAN
from schemas.japan import to_jst
from schemas.report_document import Period, ReportDocument, ReportKind

TABLE = "chronology"
"""The code of the table in the layout."""


def make_chronology(
    connection: Database, project_id: int, start: datetime, end: datetime, now: datetime, made_by: str, *, drills: bool,
    remarks: Sequence[str] = (),
) -> ReportDocument:  # fmt: skip
    """The chronology of [start, end), both aware, as of `now`. `drills`: with drills.

    `remarks`: what keeps it from being whole at the moment; each is a last row.

    Raises CallRefused for a project that this connection does not see.
    """
    project = project_of_id(connection, project_id)
    if project is None:
        raise CallRefused(NO_PROJECT)
    first, last = to_jst(start), to_jst(end)
    period = Period(
        span="month", label=f"{_said(first)} から {_said(last)} まで", first_day=first.date(),
        last_day=max(first, last - timedelta(microseconds=1)).date(), until=min(last, to_jst(now)), over=end <= now,
    )  # fmt: skip
    asked = Asked(connection, project_id, project, ReportKind.CHRONOLOGY, period, None, now)
    asked.kept[SPAN] = (start, end, drills)
    asked.kept[REMARKS] = tuple(remarks)
    return compose_report(asked, layout_of(ReportKind.CHRONOLOGY, period.first_day), made_by, None)


def _said(at: datetime) -> str:
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
