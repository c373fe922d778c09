"""`noroshi watch apply`, `show` and `template`: the document of the watch, from a file and back."""

import json
from importlib.resources import files
from pathlib import Path

import click

from ingest.cli.account_texts import by_command
from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.options import REGISTRY_FILE, database_option, settings_for
from ingest.cli.plan_check import find_project, project_option
from ingest.cli.say import say, say_file, say_json, say_lines, say_written
from ingest.errors import CallRefused
from ingest.watch.document.database import document_rows
from ingest.watch.document.read import read_file
from ingest.watch.document.versions import Applied
from ingest.watch.document.versions import apply as apply_document
from schemas.bilingual import Bilingual
from schemas.japan import to_jst

TEMPLATES = ("river", "rain", "slope", "farm", "greenhouse", "snow", "heat", "trap")
SHOWN = 200
"""Changes that are shown. All of them can be seen by comparing the versions."""

APPLY_HELP = Bilingual(
    """監視計画を YAML から反映します。

    - は標準入力です。ファイルは事業の監視計画全体で、書かなくなったルールは監視しなくなります。
    変更の前の計画は版として残ります。一件でも誤りがあれば、何も書き込みません。同じ内容なら、版は増えません。

    \b
    noroshi watch apply watch.yaml --check
    noroshi watch apply watch.yaml --reason '出水期の前の見直し'""",
    """Bring the watch document of a project in from YAML.

    - is standard input. The file is the whole document: a rule that it no longer has is no longer watched.
    What was valid before is kept as a version. If one thing is wrong, nothing is written. The same again makes no
    version.

    \b
    noroshi watch apply watch.yaml --check
    noroshi watch apply watch.yaml --reason 'review before the season of floods'""",
)


@command("apply", help=APPLY_HELP)
@click.argument("file", type=REGISTRY_FILE)
@option(
    "--check", is_flag=True, help=Bilingual("何が変わるかだけを示し、書き込みません。", "Only say what would change")
)
@option("--reason", metavar="TEXT", default="", help=Bilingual("なぜ変えるか。", "Why it is changed"))
@database_option
def apply(file: Path, *, check: bool, reason: str, database: str | None) -> None:
    """Read the file, compare it with the database, and write all of it or nothing."""
    source = read_file(file)
    with open_database(settings_for(database=database)) as connection:
        applied = apply_document(connection, by_command(), source, reason.strip(), check_only=check)
    _say_applied(applied, check=check)


def _say_applied(applied: Applied, *, check: bool) -> None:
    for note in applied.notes:
        say(Bilingual(f"注意 {note.ja}", f"note: {note.en}"), err=True)
    for change in applied.changes[:SHOWN]:
        say(Bilingual(f"  {change.said.ja}", f"  {change.said.en}"))
    more = len(applied.changes) - SHOWN
    if more > 0:
        say(Bilingual(f"  ほか {more} 件", f"  and {more} more"))
    project = applied.project
    if applied.number is not None:
        said = Bilingual(
            f"事業 {project}: 監視計画の第{applied.number}版として保存しました。",
            f"project {project}: stored as version {applied.number} of the watch document.",
        )
    elif check and (applied.first or applied.changes):
        said = Bilingual(
            f"事業 {project}: {len(applied.changes)} 件が変わります。書き込みませんでした。",
            f"project {project}: {len(applied.changes)} changes. Nothing was written.",
        )
    else:
        said = Bilingual(f"事業 {project}: 変わりません。", f"project {project}: nothing changes.")
    say(said)


@command(
    "show",
    help=Bilingual(
        "いまの監視計画を、書かれたままの YAML で出力します。apply がそのまま読めます。",
        "Write the watch document that holds as it was written, in YAML that `apply` reads.",
    ),
)
@project_option
@option(
    "--version",
    "number",
    type=click.IntRange(min=1),
    help=Bilingual("この版。省略時は今の版。", "This version  [default: the present one]"),
)
@option(
    "--versions",
    "all_",
    is_flag=True,
    help=Bilingual("版の一覧(だれが、いつ、なぜ)。", "List who changed it, when, why"),
)
@option(
    "--json",
    "as_json",
    is_flag=True,
    help=Bilingual("省略した項目も含めて JSON で出力します。", "Print JSON, with all that was left to the usual"),
)
@database_option
def show(project: str | None, number: int | None, *, all_: bool, as_json: bool, database: str | None) -> None:
    """Write what the database has."""
    with open_database(settings_for(database=database)) as connection:
        chosen = find_project(connection, project)
        rows = document_rows(connection, chosen.project_id, number=number, limit=None if all_ else 1)
    if not rows:
        raise CallRefused(
            Bilingual(
                f"事業 {chosen.code} にその監視計画はありません。台帳の基準水位だけを監視しています",
                f"the project {chosen.code} has no such watch document: only stages of the registry are watched",
            )
        )
    if all_:
        at = [f"{to_jst(row.applied_at):%Y-%m-%d %H:%M}" for row in rows]
        say_lines(f"{row.number}  {when}  {row.applied_by}  {row.reason}" for row, when in zip(rows, at, strict=True))
    elif as_json:
        say_json(json.dumps(rows[0].body, ensure_ascii=False, indent=2).encode())
    else:
        say_written(rows[0].source)


@command(
    "template",
    help=Bilingual(
        "監視計画のひな形を YAML で出力します。機器のコードと値を、自分の事業のものに書き換えてください。",
        "Write a template of a watch document in YAML. Put the codes of your devices and your own values in.",
    ),
)
@click.argument("name", type=click.Choice(TEMPLATES))
def template(name: str) -> None:
    """Write the template of this name."""
    say_file(files("ingest.watch.document").joinpath("templates", f"{name}.yaml").read_bytes())
