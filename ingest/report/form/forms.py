"""The forms a report may have, and the one table of who writes each."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from ingest.errors import CallRefused
from ingest.report.form.options import PLAIN, FormOptions
from schemas.bilingual import Bilingual
from schemas.report_document import Period, ReportDocument, ReportKind, Table


class ReportForm(StrEnum):
    """A form of a report. The names are arguments of a command and stand in the database; they never change."""

    XLSX = "xlsx"
    PDF = "pdf"
    CSV = "csv"
    CSV_CP932 = "csv_cp932"
    JSON = "json"

    @property
    def extension(self) -> str:
        """The end of a file's name, without the point."""
        return "csv" if self is ReportForm.CSV_CP932 else self.value

    @property
    def media_type(self) -> str:
        """The type of the content, as HTTP and e-mail say it."""
        return _MEDIA_TYPES[self]

    @property
    def label(self) -> Bilingual:
        """The form as people call it."""
        return _LABELS[self]


_MEDIA_TYPES = {
    ReportForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportForm.PDF: "application/pdf",
    ReportForm.CSV: "text/csv; charset=utf-8",
    ReportForm.CSV_CP932: "text/csv; charset=windows-31j",
    ReportForm.JSON: "application/json",
}
_LABELS = {
    ReportForm.XLSX: Bilingual("Excel", "Excel"),
    ReportForm.PDF: Bilingual("PDF", "PDF"),
    ReportForm.CSV: Bilingual("CSV(UTF-8)", "CSV (UTF-8)"),
    ReportForm.CSV_CP932: Bilingual("CSV(シフトJIS)", "CSV (Shift_JIS)"),
    ReportForm.JSON: Bilingual("JSON", "JSON"),
}


# Each writer is imported when it writes: the process of the pages names forms, and needs no library that makes them.


def _xlsx(document: ReportDocument, options: FormOptions) -> bytes:
    from ingest.report.form.xlsx import report_workbook  # noqa: PLC0415

    return report_workbook(document, options.paper)


def _pdf(document: ReportDocument, _options: FormOptions) -> bytes:
    from ingest.report.form.pdf import report_pdf  # noqa: PLC0415

    return report_pdf(document)


def _csv(document: ReportDocument, options: FormOptions) -> bytes:
    from ingest.report.form.csv import report_csv  # noqa: PLC0415

    return report_csv(document, times=options.times)


def _csv_cp932(document: ReportDocument, options: FormOptions) -> bytes:
    from ingest.report.form.csv import report_csv  # noqa: PLC0415

    return report_csv(document, "cp932", options.times)


def _json(document: ReportDocument, _options: FormOptions) -> bytes:
    from ingest.report.form.json import report_json  # noqa: PLC0415

    return report_json(document)


_WRITERS: Mapping[ReportForm, Callable[[ReportDocument, FormOptions], bytes]] = {
    ReportForm.XLSX: _xlsx,
    ReportForm.PDF: _pdf,
    ReportForm.CSV: _csv,
    ReportForm.CSV_CP932: _csv_cp932,
    ReportForm.JSON: _json,
}

FORMS: tuple[ReportForm, ...] = tuple(form for form in ReportForm if form in _WRITERS)
"""The forms that can be written."""


MOST_ROWS: Mapping[ReportForm, int] = {ReportForm.PDF: 5_000, ReportForm.XLSX: 10_000}
"""Rows of open data that people can still leaf through; programs read CSV and JSON."""


def write_form(document: ReportDocument, form: ReportForm, options: FormOptions = PLAIN) -> bytes:
    """The bytes of the file; the same document and options give the same bytes.

    Raises KeyError for a form not in `FORMS`, and CallRefused for open data of more rows than the form takes.
    """
    refuse_unfit(document, form)
    return _WRITERS[form](document, options)


def refuse_unfit(document: ReportDocument, form: ReportForm) -> None:
    """Raises CallRefused for open data of more rows than the form takes."""
    if not fits_form(document, form):
        rows, most, label = count_rows(document), MOST_ROWS[form], form.label
        raise CallRefused(
            Bilingual(
                f"公開データが {rows:,} 行あり、{label.ja} にするのは {most:,} 行までです。CSV で作ってください",
                f"the open data has {rows:,} rows, and {label.en} takes at most {most:,}: choose CSV",
            )
        )


def fits_form(document: ReportDocument, form: ReportForm) -> bool:
    """Whether a document is not too large for a form; only open data may be."""
    if document.kind is not ReportKind.OPEN_DATA or form not in MOST_ROWS:
        return True
    return count_rows(document) <= MOST_ROWS[form]


def count_rows(document: ReportDocument) -> int:
    """The rows of all tables."""
    return sum(len(section.rows) for section in document.sections if isinstance(section, Table))


def file_name(document: ReportDocument, form: ReportForm) -> str:
    """The name of the file as people get it: 運用状況等報告書_2026年度_tea.xlsx; a frozen one has its revision."""
    return f"{base_name(document)}{'_sjis' if form is ReportForm.CSV_CP932 else ''}.{form.extension}"


def base_name(document: ReportDocument) -> str:
    """The name of a file of a report, without the form."""
    parts = [document.title, short_period(document.period), document.project.code]
    if document.revision is not None:
        parts.append(f"第{document.revision}版")
    return _NOT_IN_NAMES.sub("・", "_".join(parts))


_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|\s]')
"""What Windows does not take in a file's name."""


def short_period(period: Period) -> str:
    """2026年度, 2026-11 or 2026-11-30."""
    if period.span == "year":
        return f"{period.first_day.year}年度"
    return f"{period.first_day:%Y-%m}" if period.span == "month" else period.first_day.isoformat()
