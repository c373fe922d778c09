"""Whether what was frozen is still what would be computed: made anew and held against it, outside every request."""

from datetime import datetime

from ingest.access.authority import NotThere
from ingest.errors import NoroshiError, StoreUnavailable
from ingest.report.make import make_report, same_period
from ingest.report.order.orders import REPORT
from ingest.report.submission import database
from ingest.report.submission.difference import EVIDENCE, Change, changes_between
from ingest.store.database import Database
from schemas.report_json import document_of_json

_OF_ITSELF = ("until", "layout")
"""What a report that is made later says otherwise although nothing changed."""


def compare_report(connection: Database, project_id: int, report_id: int, now: datetime) -> None:
    """Make the report anew, and keep by how many values the frozen one differs from it, or why that is not known.

    The connection must not be within a transaction. Raises NotThere for what is no frozen report, and StoreUnavailable.
    """
    row = database.read_row(connection, project_id, report_id)
    if row is None or row.state != "frozen":
        raise NotThere(REPORT)
    try:
        frozen = document_of_json(row.document)
        period = same_period(frozen.period.span, frozen.period.first_day, now)
        fresh = make_report(connection, project_id, row.kind, period, now, "")
    except StoreUnavailable:
        raise
    except NoroshiError as error:
        database.note_comparison(connection, project_id, report_id, None, error.said)
        return
    changes = [change for change in changes_between(frozen, fresh) if not _is_of_itself(change)]
    database.note_comparison(connection, project_id, report_id, [change._asdict() for change in changes], None)


def _is_of_itself(change: Change) -> bool:
    # How many rows a figure was read from grows with the log, though nothing that the report says depends on it.
    return change.section == EVIDENCE or (
        change.column in _OF_ITSELF and (change.section == "" or change.column == "until")
    )
