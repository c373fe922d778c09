"""A usage report as CSV: one line a device, one heading line, CRLF, for Excel and for programs."""

import csv
import io
from datetime import datetime
from typing import Literal

from ingest.report.column import DEVICE_COLUMNS, Cell
from schemas.foreign import plain_cell
from schemas.japan import to_cp932
from schemas.report import UsageReport

Encoding = Literal["utf-8", "cp932"]


def usage_csv(report: UsageReport, encoding: Encoding = "utf-8") -> bytes:
    """The bytes of the .csv file. utf-8 begins with a BOM, by which Excel knows it.

    cp932 is for older office macros: a character it does not have becomes its twin or its
    compatibility form, else 〓; nothing is dropped.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["団体コード", "事業コード", "対象年月", *(column.heading for column in DEVICE_COLUMNS)])
    month = f"{report.period.first_day:%Y-%m}"
    head = [_text(report.project.organisation_code), _text(report.project.code), month]
    for line in report.devices:
        writer.writerow(head + [_text(column.value(line)) for column in DEVICE_COLUMNS])
    return text.getvalue().encode("utf-8-sig") if encoding == "utf-8" else to_cp932(text.getvalue())


def _text(value: Cell) -> str:
    """A cell as text: times with offset, numbers without thousands separators, empty for unknown.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return plain_cell(value) if isinstance(value, str) else str(value)
