"""A report document from the JSON it was written as, with its numbers, days and times as they were."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from schemas.report_document import CellKind, ReportDocument


def document_of_json(body: Any) -> ReportDocument:
    """The document that was written as JSON, with its numbers, days and times as they were.

    JSON has no word for them, so the kind of a column or field says what its texts are. `body`: as `json.loads` or the
    database gives it. Raises pydantic.ValidationError, KeyError or TypeError for what is no document.
    """
    sections = [_restored_section(section) for section in body["sections"]]
    return ReportDocument.model_validate({**body, "sections": sections})


def _restored_section(section: Any) -> Any:
    if section["form"] == "fields":
        fields = [{**field, "cell": _restored(field["cell"], field["kind"])} for field in section["fields"]]
        return {**section, "fields": fields}
    if section["form"] == "table":
        kinds = [column["kind"] for column in section["columns"]]
        total = section["total"]
        rows = [_restored_row(row, kinds) for row in section["rows"]]
        return {**section, "rows": rows, "total": None if total is None else _restored_row(total, kinds)}
    return section


def _restored_row(row: Any, kinds: list[str]) -> Any:
    cells = [_restored(cell, kind) for cell, kind in zip(row["cells"], kinds, strict=True)]
    return {**row, "cells": cells}


def _restored(cell: Any, kind: str) -> Any:
    value = cell["value"]
    if not isinstance(value, str) or kind == CellKind.TEXT:
        return cell
    try:
        return {**cell, "value": _READERS[CellKind(kind)](value)}
    except (ValueError, ArithmeticError):  # a word in a column of numbers
        return cell


_READERS: Mapping[CellKind, Callable[[str], Decimal | date]] = {
    CellKind.COUNT: Decimal, CellKind.NUMBER: Decimal, CellKind.PERCENT: Decimal, CellKind.YEN: Decimal,
    CellKind.DATE: date.fromisoformat, CellKind.MOMENT: datetime.fromisoformat,
}  # fmt: skip
