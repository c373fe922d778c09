"""`noroshi report KIND`: one command for each kind of report, and one for the whole set of a year."""

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ingest.access.audit import Action, Entry
from ingest.cli.audited import note, system_user
from ingest.cli.command import Command, command, option
from ingest.cli.database import open_database
from ingest.cli.new_file import refuse_existing, write_new_file
from ingest.cli.options import OUTPUT_FILE, STANDARD_OUTPUT, database_option, settings_for
from ingest.cli.plan_document import project_id_or_refused
from ingest.cli.report_form import ALL, FormSaid, FormWanted, form_options, form_wanted
from ingest.cli.say import say, say_file
from ingest.errors import CallRefused
from ingest.report.form.apart import form_writer
from ingest.report.form.csv import Encoding, table_csv
from ingest.report.form.forms import FORMS, ReportForm, file_name, fits_form
from ingest.report.form.options import FormOptions
from ingest.report.make import make_report, period_of, refuse_future
from ingest.report.month import parse_month
from ingest.report.order.drafts import keep_draft
from ingest.report.order.model import ZIP
from ingest.report.order.whole_set import Files, SetWanted, make_set
from ingest.store.database import Database
from schemas.bilingual import Bilingual, quoted
from schemas.japan import FiscalYear, Month, to_jst
from schemas.report_document import Period, ReportDocument, ReportKind

_YEARS = range(2000, 2101)

_HELP: Mapping[ReportKind, Bilingual] = {
    ReportKind.SET: Bilingual(
        "年度の一式: 年度に出す報告書のすべてと送付状を、ZIP 一つに。",
        "The whole set of a fiscal year: every report of it and a cover letter, in one ZIP.",
    ),
}


def commands() -> list[Command]:
    """The command of each kind, by its name."""
    return [_command(kind) for kind in ReportKind]


_output = option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=OUTPUT_FILE,
    help=Bilingual("書き出すファイル。- は標準出力。", "The file to write; - is standard output"),
)
_keep_draft = option(
    "--keep",
    is_flag=True,
    help=Bilingual(
        "下書きとして残します。check と freeze で提出版にできます。",
        "Keep it as a draft, for check and freeze",
    ),
)


def _command(kind: ReportKind) -> Command:
    label = kind.label
    said = _HELP.get(kind, Bilingual(f"{label.ja}。", f"{label.en[0].upper()}{label.en[1:]}."))

    @command(kind.value, help=said)
    @option("--project", metavar="CODE", required=True, help=Bilingual("事業コード。", "Code of the project"))
    @option("--fy", metavar="YYYY", help=Bilingual("対象年度。例 2026 は令和8年度。", "Fiscal year, e.g. 2026"))
    @option("--month", metavar="YYYY-MM", help=Bilingual("対象月。例 2026-11。", "Month, e.g. 2026-11"))
    @form_options
    @_output
    @option("--force", is_flag=True, help=Bilingual("すでにあるファイルに上書きします。", "Overwrite a file"))
    @_keep_draft
    @database_option
    def make(
        project: str, fy: str | None, month: str | None, output: Path,
        force: bool, keep: bool, database: str | None,  # noqa: FBT001  as click calls it
        **form: str | None,
    ) -> None:  # fmt: skip
        """Make the report, and write it."""
        wanted, asked = form_wanted(kind, output, FormSaid(**form)), _asked(fy, month)
        if keep and wanted.table is not None:
            raise CallRefused(_NOT_KEPT)
        if output != STANDARD_OUTPUT:
            refuse_existing(output, force=force)
        with open_database(settings_for(database=database), autocommit=True) as connection:
            made = _make(connection, project, kind, asked, wanted)
            number = _keep(connection, project, made, wanted.options) if keep else None
            about = f"{kind} {made.document.period.label} {wanted.form}"
            note(connection, Entry(Action.REPORT_MADE, about, project=project, after=number and {"report": number}))
        _write(made, output, force=force)
        if number is not None:
            say(_kept(number), err=output == STANDARD_OUTPUT)

    return make


_NOT_KEPT = Bilingual(
    "一つの表だけ(--table)は、下書きとして残せません", "one table alone (--table) is no draft to be kept"
)


def _kept(number: int) -> Bilingual:
    return Bilingual(
        f"下書き {number} として残しました: noroshi report check {number}",
        f"kept as draft {number}: noroshi report check {number}",
    )


def _asked(fy: str | None, month: str | None) -> FiscalYear | Month | None:
    if fy is not None and month is not None:
        raise CallRefused(Bilingual("--fy と --month は、どちらか一つにしてください", "say either --fy or --month"))
    if month is not None:
        return parse_month(month)
    if fy is None:
        return None
    if not (fy.isascii() and fy.isdigit() and len(fy) < 5 and int(fy) in _YEARS):
        raise CallRefused(
            Bilingual(
                f"--fy {fy}: 年度は西暦で 2026 のように書いてください(令和8年度は 2026)",
                f"--fy {fy}: write a fiscal year as YYYY, by the year in which it begins",
            )
        )
    return FiscalYear(int(fy))


class _Made(NamedTuple):
    """A report, the bytes that are written, and every file of it. `others`: the reports of a set."""

    document: ReportDocument
    content: bytes
    files: Files
    others: tuple[tuple[ReportDocument, Files], ...] = ()


def _make(
    connection: Database, project: str, kind: ReportKind, asked: FiscalYear | Month | None, wanted: FormWanted
) -> _Made:
    project_id, now, user = project_id_or_refused(connection, project), datetime.now(UTC), system_user()
    if kind is ReportKind.SET:
        return _make_set(connection, project_id, asked, wanted, now)
    document = make_report(connection, project_id, kind, period_of(kind, asked, now), now, user)
    if wanted.table is not None:
        encoding: Encoding = "cp932" if wanted.form == ReportForm.CSV_CP932 else "utf-8"
        return _Made(document, table_csv(document, wanted.table, encoding, wanted.options.times), {})
    forms = [form for form in FORMS if fits_form(document, form)] if wanted.form == ALL else [ReportForm(wanted.form)]
    with form_writer(document, wanted.options) as write:
        files: Files = {form: (file_name(document, form), write(form)) for form in forms}
    content = _zip_of(files, now) if wanted.form == ALL else files[wanted.form][1]
    return _Made(document, content, files)


def _make_set(
    connection: Database, project_id: int, asked: FiscalYear | Month | None, wanted: FormWanted, now: datetime
) -> _Made:
    if not isinstance(asked, FiscalYear):
        raise CallRefused(Bilingual("--fy に対象年度を書いてください", "say the fiscal year with --fy"))
    refuse_future(Period.of_year(asked, to_jst(now)), now)
    others: list[tuple[ReportDocument, Files]] = []
    document, files = make_set(
        connection,
        SetWanted(
            project_id, asked, FORMS, system_user(), now, keep=lambda *made: others.append(made),
            options=wanted.options,
        ),
    )  # fmt: skip
    return _Made(document, files[ZIP][1], files, tuple(others))


def _keep(connection: Database, project: str, made: _Made, options: FormOptions) -> int:
    """The number of the draft that is kept now."""
    project_id = project_id_or_refused(connection, project)
    with connection.transaction():
        for document, files in made.others:
            keep_draft(connection, project_id, document, files, options)
        return keep_draft(connection, project_id, made.document, made.files, options)


def _zip_of(files: Files, now: datetime) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.values():
            entry = zipfile.ZipInfo(name, to_jst(now).timetuple()[:6])
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def _write(made: _Made, output: Path, *, force: bool) -> None:
    if output == STANDARD_OUTPUT:
        say_file(made.content)
        return
    document = made.document
    write_new_file(output, made.content, force=force)
    about = f"{document.title} {document.period.label} {document.project.name} -> {output}"
    say(quoted(about))
    for mark in document.marks:
        say(Bilingual(f"注意: {mark.ja}", f"note: {mark.en}"), err=True)
