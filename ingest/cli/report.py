"""`noroshi report`: writes the reports that a subsidy demands."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from ingest.access.audit import Action, Entry
from ingest.cli import report_kind, report_read, report_schedule, report_submit, report_verify
from ingest.cli.audited import note
from ingest.cli.command import group, option
from ingest.cli.database import open_database
from ingest.cli.options import OUTPUT_FILE, STANDARD_OUTPUT, database_option, settings_for
from ingest.cli.say import say, say_file
from ingest.errors import CallRefused
from ingest.report.csv_file import usage_csv
from ingest.report.json_file import usage_json
from ingest.report.month import parse_month
from ingest.report.usage import usage_report
from ingest.report.workbook import usage_workbook
from schemas.bilingual import Bilingual, quoted
from schemas.report import UsageReport

_FORMATS: dict[str, Callable[[UsageReport], bytes]] = {"csv": usage_csv, "xlsx": usage_workbook, "json": usage_json}
_ENCODINGS = ("utf-8", "cp932")


@group(help=Bilingual("保存したものから作る報告書。", "Reports from what is stored."))
def report() -> None:
    """The group with one command for each report."""


for _each in (
    *report_kind.commands(),
    report_read.read,
    report_verify.verify,
    report_verify.frozen,
    report_verify.key,
    report_schedule.schedule,
    *report_submit.COMMANDS,
):
    report.add_command(_each)


@report.command(
    help=Bilingual(
        "月次利用実績: 受信率、測定値、途絶を、機器と通信網ごとに。",
        "Monthly usage: completeness, readings, silence; by device and network.",
    )
)
@option("--project", metavar="CODE", required=True, help=Bilingual("報告する事業のコード。", "Project to report about"))
@option(
    "--month",
    metavar="YYYY-MM",
    required=True,
    help=Bilingual("対象月(日本の暦月)。例 2026-11。", "Calendar month in Japan, e.g. 2026-11"),
)
@option(
    "--format",
    "form",
    type=click.Choice(list(_FORMATS)),
    default="xlsx",
    show_default=True,
    help=Bilingual("形式。", "Format"),
)
@option(
    "--encoding",
    type=click.Choice(_ENCODINGS),
    help=Bilingual(
        "CSV の文字コード。cp932 は古いマクロ用。省略時は utf-8。",
        "Of CSV; cp932 is for older office macros  [default: utf-8]",
    ),
)
@option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=OUTPUT_FILE,
    help=Bilingual("書き出すファイル。- は標準出力。", "The file to write; - is standard output"),
)
@database_option
def usage(project: str, month: str, form: str, encoding: str | None, output: Path, database: str | None) -> None:
    """Write the usage report of one month of one project."""
    if encoding is not None and form != "csv":
        raise CallRefused(
            Bilingual(
                f"--encoding は --format csv のときだけ書けます({form} の文字コードは決まっています)",
                f"--encoding is for --format csv; {form} has an encoding of its own",
            )
        )
    asked = parse_month(month)
    with open_database(settings_for(database=database), autocommit=True) as connection:
        made = usage_report(connection, project, asked, datetime.now(UTC))
        note(connection, Entry(Action.REPORT_MADE, f"usage {month} {form}", project=project))
    content = usage_csv(made, "cp932") if encoding == "cp932" else _FORMATS[form](made)
    if output == STANDARD_OUTPUT:
        _print(content, form)
        return
    _write(output, content)
    about, count = f"{made.period.label} {made.project.name}", len(made.devices)
    say(Bilingual(f"{about}: 機器 {count} 台 -> {output}", f"{about}: {count} devices -> {output}"))


def _print(content: bytes, form: str) -> None:
    if form == "xlsx" and sys.stdout.isatty():
        raise CallRefused(
            Bilingual(
                "--output -: ブックは端末に表示できません。> ファイル名 を付けてください",
                "--output -: a workbook is not for a terminal; add > FILE",
            )
        )
    say_file(content)


def _write(output: Path, content: bytes) -> None:
    try:
        output.write_bytes(content)
    except OSError as error:
        raise CallRefused(quoted(f"--output {output}: {error.strerror}")) from error
