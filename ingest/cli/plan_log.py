"""`noroshi plan log`: brings tables of work, planned stops and observations into the database, all or nothing."""

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
from ingest.plan.work.enter import Entered, enter_tables
from ingest.plan.work.table import read_table
from ingest.registry.read import MAX_BYTES
from ingest.runtime.bounded_files import FileRefused, read_regular, read_stream
from schemas.bilingual import Bilingual, joined

LOG_HELP = Bilingual(
    """作業記録・計画停止・観測の表(CSV)を登録します。

    どの表かは見出しで決まります。一行でも誤りがあれば、何も書き込みません。
    同じファイルをもう一度登録しても、増えません。- は標準入力です。""",
    """Bring tables (CSV) of work, planned stops or observations into the database.

    The headings say which of them a table is. If one line is wrong, nothing is written.
    The same file given again adds nothing. - is standard input.""",
)


@command("log", help=LOG_HELP)
@click.argument("files", nargs=-1, required=True, type=REGISTRY_FILE)
@option("--project", required=True, help=Bilingual("事業コード。", "Code of the project"))
@option(
    "--dry-run",
    is_flag=True,
    help=Bilingual("確かめるだけで、書き込みません。", "Only say what would be added"),
)
@database_option
def log(files: tuple[Path, ...], project: str, database: str | None, *, dry_run: bool) -> None:
    """Read the files, and add all of their entries or none."""
    tables = [read_table("標準入力" if path == STANDARD_OUTPUT else path.name, _content(path)) for path in files]
    with open_database(settings_for(database=database)) as connection:
        entered, problems = enter_tables(connection, by_command(), project, tables, dry_run=dry_run)
    if problems:
        raise refusal_of(problems)
    say_text(_report(entered, dry_run=dry_run))


def _content(path: Path) -> bytes:
    try:
        if path == STANDARD_OUTPUT:
            return read_stream(sys.stdin.buffer, MAX_BYTES, "標準入力")
        return read_regular(path, MAX_BYTES)
    except FileRefused as refused:
        raise CallRefused(Bilingual(f"{path}: {refused.reason.ja}", f"{path}: {refused.reason.en}")) from None


def _report(entered: list[Entered], *, dry_run: bool) -> Bilingual:
    asked = Bilingual("確認だけを行いました。書き込みはしていません。", "This was a dry run: nothing was written.")
    title = asked if dry_run else Bilingual("登録しました。", "Entered.")
    lines = [
        Bilingual(
            f"  {each.file} {each.what.label.ja}: 新規 {each.added} 件、登録済み {each.already} 件",
            f"  {each.file} {each.what.label.en}: {each.added} new, {each.already} there already",
        )
        for each in entered
    ]
    return joined((title, *lines))
