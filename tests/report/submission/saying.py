"""A small report that says a number."""

from datetime import datetime

from schemas.report_document import Cell, ReportDocument, Table
from tests.report.form.documents import MADE_AT, devices, make_document


def said(value: int, made_at: datetime = MADE_AT) -> ReportDocument:
    """A report of a year that is over, with this number in it."""
    table = devices(1)
    row = table.rows[0]
    cells = (*row.cells[:2], Cell(value=value), *row.cells[3:])
    whole: Table = table.model_copy(update={"rows": (row.model_copy(update={"cells": cells}),)})
    return make_document(0, whole).model_copy(update={"made_at": made_at})
