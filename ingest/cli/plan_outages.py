"""`noroshi plan outages`: brings causes of outages from a table into the database, all or nothing."""

import sys
from pathlib import Path

import click

from ingest.cli.account_texts import by_command
from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.options import REGISTRY_FILE, STANDARD_OUTPUT, database_option, settings_for
from ingest.cli.refused import refusal_of
from ingest.cli.say import say_text
from ingest.errors import CallRefused
from ingest.plan.outage.enter import enter_causes
from ingest.registry.read import MAX_BYTES
from ingest.runtime.bounded_files import FileRefused, read_regular, read_stream
from schemas.bilingual import Bilingual

OUTAGES_HELP = Bilingual(
    """停止の原因の表(CSV)を登録します。

    停止のページの「CSV で保存」で得た表の「原因」と「メモ」を書き足したものです。
    原因が空の行はそのままです。一行でも誤りがあれば、何も書き込みません。- は標準入力です。""",
    """Bring causes of outages from a table (CSV) into the database.

    The table is that of the page of outages, with its columns cause and note filled in. Lines without a cause stay
    as they are. If one line is wrong, nothing is written. - is standard input.""",
)


@command("outages", help=OUTAGES_HELP)
@click.argument("file", type=REGISTRY_FILE)
@option("--project", required=True, help=Bilingual("事業コード。", "Code of the project"))
@option(
    "--dry-run",
    is_flag=True,
    help=Bilingual("確かめるだけで、書き込みません。", "Only say what would be written"),
)
@database_option
def outages(file: Path, project: str, database: str | None, *, dry_run: bool) -> None:
    """Read the file, and write all of its causes or none."""
    name = "標準入力" if file == STANDARD_OUTPUT else file.name
    with open_database(settings_for(database=database)) as connection:
        changed, problems = enter_causes(connection, by_command(), project, name, _content(file), dry_run=dry_run)
    if problems:
        raise refusal_of(problems)
    asked = Bilingual("確認だけを行いました。書き込みはしていません。", "This was a dry run: nothing was written.")
    said = Bilingual(f"{changed} 件の停止に原因を記入しました。", f"The cause of {changed} outages was written.")
    say_text(asked if dry_run else said)


def _content(path: Path) -> bytes:
    try:
        if path == STANDARD_OUTPUT:
            return read_stream(sys.stdin.buffer, MAX_BYTES, "標準入力")
        return read_regular(path, MAX_BYTES)
    except FileRefused as refused:
        raise CallRefused(Bilingual(f"{path}: {refused.reason.ja}", f"{path}: {refused.reason.en}")) from None
