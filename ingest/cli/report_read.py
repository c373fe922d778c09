"""`noroshi report read`: takes over what people wrote into a workbook of a report."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import click

from ingest.cli.account_texts import by_command
from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.options import AS_JSON, database_option, settings_for
from ingest.cli.plan_check import find_project, project_option
from ingest.cli.say import say, say_json
from ingest.errors import CallRefused
from ingest.report.read.package import MOST_BYTES
from ingest.report.read.take_over import take_over
from ingest.report.read.taken import TakenOver
from schemas.bilingual import Bilingual, joined, quoted

_HELP = Bilingual(
    """返ってきたブック(.xlsx)の記入欄の文を、報告書に取り込みます。

    書き出したときから変わった記入欄だけを、記入した人の名前とともに残します。前の文も残ります。
    数値やシートが書き換えられたファイルは、どこが違うかを示して断ります。

    \b
    noroshi report read 返送.xlsx --project tea --author 田中""",
    """Take over what people wrote into a workbook (.xlsx) of a report.

    Only places that changed since the file was made are kept, with who wrote them; what stood there before is kept
    too. A file in which a figure or a sheet was changed is refused, with all that differs.

    \b
    noroshi report read returned.xlsx --project tea --author Tanaka""",
)


@command("read", help=_HELP)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@project_option
@option(
    "--author",
    required=True,
    metavar="NAME",
    help=Bilingual("記入した人(委員など)。", "Who wrote it, as a member of the committee"),
)
@option("--json", "as_json", is_flag=True, help=AS_JSON)
@database_option
def read(file: Path, project: str | None, author: str, database: str | None, *, as_json: bool) -> None:
    """Take the words of a file over."""
    content = _content(file)
    with open_database(settings_for(database=database), autocommit=True) as connection:
        chosen = find_project(connection, project)
        taken = take_over(connection, by_command(), chosen, content, author, file.name)
    if as_json:
        body = dataclasses.asdict(taken) | {"notes": [note._asdict() for note in taken.notes]}
        say_json(json.dumps(body, ensure_ascii=False, default=str, indent=2).encode())
        return
    for sentence in _lines(taken):
        say(sentence)


def _lines(taken: TakenOver) -> Iterator[Bilingual]:
    yield taken.said
    for text in taken.texts:
        yield joined([Bilingual("  ", "  "), quoted(text.key)], "")
    yield from (Bilingual(f"注意: {note.ja}", f"note: {note.en}") for note in taken.notes)


def _content(file: Path) -> bytes:
    """The bytes of the file, but no more than a workbook may have and one."""
    try:
        with file.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise CallRefused(quoted(f"{file}: {error.strerror}")) from error
