"""A usage report as CSV: one line a device, one heading line, CRLF, for Excel and for programs."""

import csv
import io
import unicodedata
from datetime import datetime
from typing import Literal

from ingest.report.column import DEVICE_COLUMNS, Cell
from schemas.report import UsageReport

Encoding = Literal["utf-8", "cp932"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

# The same sign in two code points: as most programs write it -> the one CP932 has.
_CP932_TWINS = {
    0x301C: 0xFF5E,  # wave dash -> full-width tilde
    0x2212: 0xFF0D,  # minus sign -> full-width hyphen-minus
    0x2014: 0x2015,  # em dash -> horizontal bar
    0x2016: 0x2225,  # double vertical line -> parallel to
    0x00B5: 0x03BC,  # micro sign -> mu
    0x00A0: 0x0020,  # no-break space -> space
}
_GETA = "〓"
"""What Japanese printers set where a character is missing."""


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
    """Times with offset, numbers without thousands separators, nothing for unknown.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return str(value)


def to_cp932(text: str) -> bytes:
    """The text in CP932 (Shift_JIS of Windows), every character as itself, its twin, its compatibility form, or 〓."""
    return "".join(_fitting(character) for character in text.translate(_CP932_TWINS)).encode("cp932")


def _fitting(character: str) -> str:
    for candidate in (character, unicodedata.normalize("NFKC", character)):
        try:
            candidate.encode("cp932")
        except UnicodeEncodeError:
            continue
        return candidate
    return _GETA
