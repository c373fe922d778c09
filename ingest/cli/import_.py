"""`noroshi import`: verifies the files of `noroshi export`, and writes them into a database or compares both."""

from pathlib import Path

import click

from ingest.access.audit import Action, Entry
from ingest.cli.audited import note
from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.options import database_option, settings_for
from ingest.cli.plan_document import project_id_or_refused
from ingest.cli.say import say
from ingest.errors import CallRefused, HandoverIncomplete
from ingest.handover.compare import compare as compared
from ingest.handover.compare import shown
from ingest.handover.difference import Difference
from ingest.handover.manifest import Manifest, PartEntry
from ingest.handover.read import bring_in
from ingest.handover.verify import verify as verified
from ingest.report.submission.database import list_frozen
from ingest.store.database import Database
from schemas.bilingual import Bilingual, quoted

HELP = Bilingual(
    """noroshi export の書き出したデータを、その事業のないデータベースに取り込みます。

    書き込む前にすべてのファイルを照合し、一つでも合わなければ何も書き込みません。""",
    """Bring what `noroshi export` wrote into a database that does not have the project yet.

    Every file is verified before anything is written; if one is not as it was, nothing is.""",
)


@command("import", help=HELP)
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@option(
    "--verify",
    is_flag=True,
    help=Bilingual(
        "ファイルの照合だけを行います(データベースは要りません)。", "Only verify the files; no database is needed"
    ),
)
@option(
    "--compare",
    is_flag=True,
    help=Bilingual("取り込まず、データベースの内容と比べます。", "Compare with the database, and bring nothing in"),
)
@database_option
def import_(directory: Path, *, verify: bool, compare: bool, database: str | None) -> None:
    """Verify the files; then, unless only that was asked for, import or compare them."""
    if verify and compare:
        raise CallRefused(Bilingual("--verify と --compare は同時に使えません", "choose --verify or --compare"))
    manifest = verified(directory)
    rows = sum(part.rows for part in manifest.parts)
    name = manifest.project.name
    say(
        Bilingual(
            f"{name}: ファイルはすべて元のままです({rows:,} 件)。",
            f"{name}: all files are as they were written ({rows:,} rows).",
        )
    )
    if verify:
        return
    with open_database(settings_for(database=database), autocommit=True) as connection:
        if compare:
            _compare(connection, directory, manifest)
        else:
            with connection.transaction():
                bring_in(connection, directory, manifest, _say)
                code = manifest.project.code
                keys = _signing_keys(connection, code)
                after = {"from": str(directory), "rows": rows, "made_by": manifest.made_by, "signing_keys": keys}
                note(connection, Entry(Action.IMPORT_MADE, code, project=code, after=after))
            again = f"noroshi import {directory} --compare"
            if keys:
                say(_compare_keys(keys))
            say(Bilingual(f"{name} を取り込みました。確認: {again}", f"{name} is brought in. To verify: {again}"))


def _signing_keys(connection: Database, code: str) -> list[str]:
    """The ids of the keys that signed the frozen reports that came."""
    frozen = list_frozen(connection, project_id_or_refused(connection, code))
    return sorted({report.key_id for report in frozen})


def _compare_keys(keys: list[str]) -> Bilingual:
    named = ", ".join(keys)
    return Bilingual(
        f"提出版を署名で確かめました。署名の鍵: {named}。発注者の手元にある表紙の鍵番号と比べてください。",
        f"The frozen reports were proven by their signatures. Signed by the keys {named}: compare them with the covers"
        " that the authority has.",
    )


def _compare(connection: Database, directory: Path, manifest: Manifest) -> None:
    if not compared(connection, directory, manifest, _say_difference):
        raise HandoverIncomplete(
            Bilingual("データベースにないもの、違うものがあります", "something is missing or different in the database")
        )
    say(Bilingual("欠けているものはありません。", "Nothing is missing."))


def _say(part: PartEntry) -> None:
    note = (
        Bilingual(" (データベースが計算し直します)", " (the database computes it again)")
        if part.derived
        else quoted("")
    )
    head = f"  {part.name:<17}{part.rows:>13,}"
    say(Bilingual(f"{head} 件{note.ja}", f"{head} rows{note.en}"))


def _say_difference(part: PartEntry, counts: Difference) -> None:
    head = f"  {part.name:<17}"
    say(
        Bilingual(
            f"{head}同じ {counts.same:,}、不足 {counts.missing:,}、余分 {counts.extra:,}、相違 {counts.different:,}",
            f"{head}same {counts.same:,}, missing {counts.missing:,}, extra {counts.extra:,},"
            f" different {counts.different:,}",
        )
    )
    for example in counts.examples:
        in_file, in_database = _row(example.said), _row(example.found)
        say(
            quoted(f"    {shown(example.key)}"),
            Bilingual(f"      ファイル:     {in_file.ja}", f"      file:     {in_file.en}"),
            Bilingual(f"      データベース: {in_database.ja}", f"      database: {in_database.en}"),
        )


def _row(row: tuple[object, ...] | None) -> Bilingual:
    return Bilingual("なし", "none") if row is None else quoted(shown(row))
