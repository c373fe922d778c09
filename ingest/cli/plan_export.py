"""`noroshi plan export`: everything of a plan, for whoever runs the system next."""

import json
from pathlib import Path

import click

from ingest.access.audit import Action, Entry
from ingest.cli.audited import note
from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.options import database_option, settings_for
from ingest.cli.plan_document import project_id_or_refused
from ingest.cli.say import say, say_file
from ingest.errors import CallRefused
from ingest.plan.export.export import everything, tables
from ingest.registry.write import dump_yaml
from schemas.bilingual import Bilingual

HELP = Bilingual(
    """計画の一式を書き出します: すべての版、作業記録、停止、確定した実績、評価、改善措置。

    yaml と json は一つの文書で、標準出力に書きます。csv は表ごとのファイルで、--output のディレクトリに書きます。
    測定値も含めた引き継ぎには noroshi export を使ってください。計画の表もその中に入ります。""",
    """Write everything of a plan: all versions, work log, outages, what was frozen, reviews, measures.

    yaml and json are one document on standard output; csv is a file for each table, in the directory of --output.
    To hand over the readings too, use `noroshi export`: the tables of the plan are in it.""",
)

_NO_PLACE = Bilingual(
    "csv には --output ディレクトリ が要ります", "csv needs --output DIR: it is a file for each table"
)


@command("export", help=HELP)
@option("--project", metavar="CODE", required=True, help=Bilingual("事業コード。", "Code of the project"))
@option(
    "--format",
    "format_",
    type=click.Choice(["yaml", "json", "csv"]),
    default="yaml",
    show_default=True,
    help=Bilingual("形式。", "Format"),
)
@option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=Bilingual("csv を書くディレクトリ。なければ作ります。", "Where csv is written; made if it is not there"),
)
@database_option
def export(project: str, format_: str, output: Path | None, database: str | None) -> None:
    """Read all tables of the plan from one moment, and write them."""
    if format_ == "csv" and output is None:
        raise CallRefused(_NO_PLACE)
    with open_database(settings_for(database=database), autocommit=True) as connection:
        found = everything(connection, project_id_or_refused(connection, project), project)
        note(connection, Entry(Action.EXPORT_MADE, f"plan {project}", project=project, after={"format": format_}))
    files = tables(found) if format_ == "csv" else {f"plan.{format_}": _document(found, format_)}
    if output is None:
        say_file("".join(files.values()).encode())
        return
    output.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (output / name).write_text(text, encoding="utf-8", newline="")
    say(Bilingual(f"{output} に書き出しました。", f"written to {output}."), err=True)


def _document(found: dict[str, object], format_: str) -> str:
    return dump_yaml(found) if format_ == "yaml" else json.dumps(found, ensure_ascii=False, indent=2) + "\n"
