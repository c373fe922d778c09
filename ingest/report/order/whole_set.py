"""Makes the whole set of a fiscal year (年度の一式): each report that is due, a cover letter, all files in a ZIP."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ingest.errors import CallRefused
from ingest.report.form.apart import form_writer
from ingest.report.form.forms import ReportForm, base_name, file_name
from ingest.report.form.options import PLAIN, FormOptions
from ingest.report.make import kinds_offered, make_report, period_of, span_of
from ingest.report.order.database import list_reports, read_file
from ingest.report.order.model import ZIP, KeptReport
from ingest.report.source.enclosed import KEPT, EnclosedFile, Enclosure
from ingest.store.database import Database
from schemas.japan import FiscalYear, to_jst
from schemas.report_calendar import report_calendar
from schemas.report_document import Period, ReportDocument, ReportKind

SUMS = "SHA256SUMS.txt"
MOST_LOOKED_AT = 500
"""Reports of a kind among which a submission is looked for, the newest first."""
Files = Mapping[str, tuple[str, bytes]]


@dataclass
class _Set:
    """What is in the set so far. The ZIP is written as the files come, so that none of them stays in memory."""

    at: datetime
    packed: io.BytesIO = field(default_factory=io.BytesIO)
    files: list[EnclosedFile] = field(default_factory=list)
    absent: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._zip = zipfile.ZipFile(self.packed, "w", zipfile.ZIP_DEFLATED)

    def add(self, title: str, form: str, name: str, content: bytes) -> None:
        """Put a file into the set."""
        self._write(name, content)
        self.files.append(EnclosedFile(title, form, name, len(content), hashlib.sha256(content).hexdigest()))

    def close(self) -> bytes:
        """The bytes of the ZIP, with the sums of all its files in the form that `sha256sum -c` reads."""
        self._write(SUMS, "".join(f"{file.sha256}  {file.name}\n" for file in self.files).encode())
        self._zip.close()
        return self.packed.getvalue()

    def _write(self, name: str, content: bytes) -> None:
        entry = zipfile.ZipInfo(name, to_jst(self.at).timetuple()[:6])
        entry.external_attr = 0o644 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(entry, content)


def kinds_of_set() -> tuple[ReportKind, ...]:
    """The kinds in the set of a year: those of the calendar that have a layout and are not about a month."""
    offered = kinds_offered()
    return tuple(kind for kind in report_calendar().set if kind in offered and span_of(kind) != "month")


Progress = Callable[[int, int, str], None]
"""Called with the steps that are done, how many there are, and what is being made."""


@dataclass(frozen=True, slots=True)
class SetWanted:
    """The set of a fiscal year. `keep` is called with each report and its files, before the cover letter is made."""

    project_id: int
    year: FiscalYear
    forms: tuple[ReportForm, ...]
    made_by: str
    now: datetime
    progress: Progress = lambda _done, _steps, _doing: None
    keep: Callable[[ReportDocument, Files], object] = lambda _document, _files: None
    options: FormOptions = PLAIN


def make_set(connection: Database, wanted: SetWanted) -> tuple[ReportDocument, Files]:
    """The cover letter, and its files with the ZIP of everything.

    A report about the period that is frozen goes in as it was frozen; of the others drafts are made. One that is
    refused is named in the cover letter with the reason.
    """
    kinds, each = kinds_of_set(), 1 + len(wanted.forms)
    steps = (len(kinds) + 1) * each
    whole = _Set(wanted.now)
    for done, kind in enumerate(kinds):
        wanted.progress(done * each, steps, kind.label.ja)
        try:
            period = period_of(kind, wanted.year, wanted.now)
            frozen = _newest_frozen(connection, wanted.project_id, kind, period)
            if frozen is None:
                _enclose_draft(connection, wanted, whole, kind, period, (done * each, steps))
            else:
                _enclose_frozen(connection, wanted, whole, frozen)
        except CallRefused as refused:
            whole.absent.append((kind.label.ja, refused.said.ja))
    wanted.progress(len(kinds) * each, steps, ReportKind.SET.label.ja)
    return _with_cover_letter(connection, wanted, whole)


def _newest_frozen(connection: Database, project_id: int, kind: ReportKind, period: Period) -> KeptReport | None:
    """The newest revision of the submission about this period, without its document, which may be large."""
    about = (period.first_day, period.last_day)
    kept = list_reports(connection, project_id, limit=MOST_LOOKED_AT, kind=kind)
    frozen = [each for each in kept if each.revision is not None and (each.first_day, each.last_day) == about]
    return max(frozen, key=lambda each: each.revision or 0, default=None)


def _enclose_frozen(connection: Database, wanted: SetWanted, whole: _Set, frozen: KeptReport) -> None:
    title = f"{frozen.kind.label.ja} {frozen.submission} 第{frozen.revision}版"
    names = {file.form: file.name for file in frozen.files}
    for form in wanted.forms:
        content = read_file(connection, wanted.project_id, frozen.number, form)
        if content is None:
            whole.absent.append((f"{title} {form.label.ja}", "この形式は提出版にありません"))
        else:
            whole.add(title, form.label.ja, names[form], content)


def _enclose_draft(
    connection: Database, wanted: SetWanted, whole: _Set, kind: ReportKind, period: Period, at: tuple[int, int]
) -> None:
    document = make_report(connection, wanted.project_id, kind, period, wanted.now, wanted.made_by)
    files: dict[str, tuple[str, bytes]] = {}
    done, steps = at
    with form_writer(document, wanted.options) as write:
        for number, form in enumerate(wanted.forms, 1):
            wanted.progress(done + number, steps, f"{kind.label.ja} {form.label.ja}")
            try:
                files[form] = _add(whole, document, form, write)
            except CallRefused as refused:  # too large for this form
                whole.absent.append((f"{kind.label.ja} {form.label.ja}", refused.said.ja))
    wanted.keep(document, files)


def _with_cover_letter(connection: Database, wanted: SetWanted, whole: _Set) -> tuple[ReportDocument, Files]:
    kept = {KEPT: Enclosure(tuple(whole.files), tuple(whole.absent))}
    period = Period.of_year(wanted.year, to_jst(wanted.now))
    letter = make_report(connection, wanted.project_id, ReportKind.SET, period, wanted.now, wanted.made_by, kept)
    with form_writer(letter, wanted.options) as write:
        files: dict[str, tuple[str, bytes]] = {form: _add(whole, letter, form, write) for form in wanted.forms}
    files[ZIP] = f"{base_name(letter)}.zip", whole.close()
    return letter, files


def _add(
    whole: _Set, document: ReportDocument, form: ReportForm, write: Callable[[ReportForm], bytes]
) -> tuple[str, bytes]:
    name, content = file_name(document, form), write(form)
    whole.add(document.title, form.label.ja, name, content)
    return name, content
