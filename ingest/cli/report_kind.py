"""`noroshi report KIND`: one command for each kind of report, and one for the whole set of a year."""

import io
import sys
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from ingest.access.audit import Action, Entry
from ingest.cli.audited import note, system_user
from ingest.cli.command import Command, command, option
from ingest.cli.database import open_database
from ingest.cli.new_file import refuse_existing, write_new_file
from ingest.cli.options import OUTPUT_FILE, STANDARD_OUTPUT, database_option, settings_for
from ingest.cli.plan_document import project_id_or_refused
from ingest.cli.say import say, say_file
from ingest.errors import CallRefused
from ingest.report.form.apart import form_writer
from ingest.report.form.forms import FORMS, ReportForm, file_name, write_form
from ingest.report.make import make_report, period_of, refuse_future
from ingest.report.month import parse_month
from ingest.report.order.model import ZIP
from ingest.report.order.whole_set import SetWanted, make_set
from ingest.store.database import Database
from schemas.bilingual import Bilingual, quoted
from schemas.japan import FiscalYear, Month, to_jst
from schemas.report_document import Period, ReportDocument, ReportKind

ALL = "all"
_NAMES = tuple(form.value for form in FORMS if form is not ReportForm.CSV_CP932)
_OF_SUFFIX: Mapping[str, str] = {**{f".{name}": name for name in ("xlsx", "pdf", "csv", "json")}, ".zip": ALL}
_BINARY = ("xlsx", "pdf", ALL)
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


def _command(kind: ReportKind) -> Command:
    label = kind.label
    said = _HELP.get(kind, Bilingual(f"{label.ja}。", f"{label.en[0].upper()}{label.en[1:]}."))

    @command(kind.value, help=said)
    @option("--project", metavar="CODE", required=True, help=Bilingual("事業コード。", "Code of the project"))
    @option("--fy", metavar="YYYY", help=Bilingual("対象年度。例 2026 は令和8年度。", "Fiscal year, e.g. 2026"))
    @option("--month", metavar="YYYY-MM", help=Bilingual("対象月。例 2026-11。", "Month, e.g. 2026-11"))
    @option(
        "--format",
        "form",
        type=click.Choice([*_NAMES, ALL]),
        help=Bilingual(
            "形式。省略時はファイル名から決めます。all はすべての形式を入れた ZIP。",
            "Format  [default: as the name of the file says]; all is a ZIP with every format",
        ),
    )
    @option(
        "--encoding",
        type=click.Choice(("utf-8", "cp932")),
        help=Bilingual("CSV の文字コード。省略時は utf-8。", "Of CSV  [default: utf-8]"),
    )
    @option(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        type=OUTPUT_FILE,
        help=Bilingual("書き出すファイル。- は標準出力。", "The file to write; - is standard output"),
    )
    @option("--force", is_flag=True, help=Bilingual("すでにあるファイルに上書きします。", "Overwrite a file"))
    @database_option
    def make(
        project: str, fy: str | None, month: str | None, form: str | None, encoding: str | None, output: Path,
        force: bool, database: str | None,  # noqa: FBT001  as click calls it
    ) -> None:  # fmt: skip
        """Make the report, and write it."""
        wanted = _form_of(kind, form, output, encoding)
        asked = _asked(fy, month)
        if output != STANDARD_OUTPUT:
            refuse_existing(output, force=force)
        with open_database(settings_for(database=database), autocommit=True) as connection:
            document, content = _make(connection, project, kind, asked, wanted)
            note(
                connection,
                Entry(Action.REPORT_MADE, f"{kind} {document.period.label} {wanted}", project=project),
            )
        _write(document, content, output, force=force)

    return make


def _form_of(kind: ReportKind, form: str | None, output: Path, encoding: str | None) -> str:
    """The form, as said or as the name of the file says. Raises CallRefused where they contradict each other."""
    of_name = None if output == STANDARD_OUTPUT else _OF_SUFFIX.get(output.suffix.lower())
    if form is None and of_name is None:
        raise CallRefused(
            Bilingual(
                f"--format を書くか、ファイル名の終わりを {' '.join(_OF_SUFFIX)} のどれかにしてください",
                f"say --format, or let the name of the file end in one of {' '.join(_OF_SUFFIX)}",
            )
        )
    if form is not None and of_name is not None and form != of_name:
        raise CallRefused(
            Bilingual(
                f"--format {form} とファイル名 {output.name} が食い違っています",
                f"--format {form} contradicts the name of the file, {output.name}",
            )
        )
    chosen = form or of_name or ALL
    if kind is ReportKind.SET and chosen != ALL:
        raise CallRefused(
            Bilingual(
                "年度の一式は ZIP です。ファイル名の終わりを .zip にしてください",
                "the set of a year is a ZIP: let the name end in .zip",
            )
        )
    if chosen != ALL and chosen not in _NAMES:
        raise CallRefused(quoted(f"--output {output}: {chosen}; {', '.join(_NAMES)}"))
    if encoding is not None and chosen != "csv":
        raise CallRefused(Bilingual("--encoding は CSV のときだけ書けます", "--encoding is for CSV"))
    if output == STANDARD_OUTPUT and chosen in _BINARY and sys.stdout.isatty():
        raise CallRefused(
            Bilingual(
                f"--output -: {chosen} は端末に表示できません。> ファイル名 を付けてください",
                f"--output -: {chosen} is not for a terminal; add > FILE",
            )
        )
    return ReportForm.CSV_CP932.value if encoding == "cp932" else chosen


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


def _make(
    connection: Database, project: str, kind: ReportKind, asked: FiscalYear | Month | None, form: str
) -> tuple[ReportDocument, bytes]:
    project_id, now, user = project_id_or_refused(connection, project), datetime.now(UTC), system_user()
    if kind is ReportKind.SET:
        if not isinstance(asked, FiscalYear):
            raise CallRefused(Bilingual("--fy に対象年度を書いてください", "say the fiscal year with --fy"))
        refuse_future(Period.of_year(asked, to_jst(now)), now)
        document, files = make_set(connection, SetWanted(project_id, asked, FORMS, user, now))
        return document, files[ZIP][1]
    document = make_report(connection, project_id, kind, period_of(kind, asked, now), now, user)
    if form == ALL:
        return document, _zip_of(document, now)
    return document, write_form(document, ReportForm(form))


def _zip_of(document: ReportDocument, now: datetime) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, form_writer(document) as write:
        for form in FORMS:
            entry = zipfile.ZipInfo(file_name(document, form), to_jst(now).timetuple()[:6])
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(entry, write(form))
    return packed.getvalue()


def _write(document: ReportDocument, content: bytes, output: Path, *, force: bool) -> None:
    if output == STANDARD_OUTPUT:
        say_file(content)
        return
    write_new_file(output, content, force=force)
    about = f"{document.title} {document.period.label} {document.project.name} -> {output}"
    say(quoted(about))
    for mark in document.marks:
        say(Bilingual(f"注意: {mark.ja}", f"note: {mark.en}"), err=True)
