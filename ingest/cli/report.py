"""`noroshi report`: the reports a subsidy demands, as files."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from ingest.cli.options import database_option, settings_for
from ingest.errors import CallRefused
from ingest.report.csv_file import usage_csv
from ingest.report.json_file import usage_json
from ingest.report.month import parse_month
from ingest.report.usage import usage_report
from ingest.report.workbook import usage_workbook
from ingest.store.database import connect, translated
from schemas.report import UsageReport

_FORMATS: dict[str, Callable[[UsageReport], bytes]] = {"csv": usage_csv, "xlsx": usage_workbook, "json": usage_json}
_ENCODINGS = ("utf-8", "cp932")


@click.group()
def report() -> None:
    """Reports (報告書) from what is stored."""


@report.command()
@click.option("--project", metavar="CODE", required=True, help="Project (事業) to report about")
@click.option("--month", metavar="YYYY-MM", required=True, help="Calendar month in Japan, e.g. 2026-11")
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), default="xlsx", show_default=True)
@click.option(
    "--encoding", type=click.Choice(_ENCODINGS), help="Of CSV; cp932 is for older office macros  [default: utf-8]"
)
@click.option("-o", "--output", metavar="FILE", required=True, type=click.Path(path_type=Path, dir_okay=False))
@database_option
def usage(project: str, month: str, form: str, encoding: str | None, output: Path, database: str | None) -> None:
    """Monthly usage (月次利用実績): completeness, readings, silence; by device and network."""
    if encoding is not None and form != "csv":
        raise CallRefused(f"--encoding is for --format csv; {form} has an encoding of its own")
    asked = parse_month(month)
    with connect(settings_for(database=database).database, autocommit=True) as connection, translated():
        made = usage_report(connection, project, asked, datetime.now(UTC))
    _write(output, usage_csv(made, "cp932") if encoding == "cp932" else _FORMATS[form](made))
    click.echo(f"{made.period.label} {made.project.name}: {len(made.devices)} devices -> {output}")


def _write(output: Path, content: bytes) -> None:
    try:
        output.write_bytes(content)
    except OSError as error:
        raise CallRefused(f"--output {output}: {error.strerror}") from error
