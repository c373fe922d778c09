"""`noroshi import`: what `noroshi export` wrote, verified, brought into a database, or compared with one."""

from pathlib import Path

import click

from ingest.cli.options import database_option, settings_for
from ingest.errors import CallRefused, HandoverIncomplete
from ingest.handover.compare import compare as compared
from ingest.handover.compare import shown
from ingest.handover.difference import Difference
from ingest.handover.manifest import Manifest, PartEntry
from ingest.handover.read import bring_in
from ingest.handover.verify import verify as verified
from ingest.store.database import connect, translated
from ingest.store.handover import Database

HELP = """noroshi export の書き出したデータを、その事業のないデータベースに取り込みます。

書き込む前にすべてのファイルを照合し、一つでも合わなければ何も書き込みません。"""


@click.command("import", help=HELP)
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--verify", is_flag=True, help="ファイルの照合だけを行います(データベースは要りません)。")
@click.option("--compare", is_flag=True, help="取り込まず、データベースの内容と比べます。")
@database_option
def import_(directory: Path, *, verify: bool, compare: bool, database: str | None) -> None:
    """Verify the files; then, unless only that was asked for, bring them in or compare them."""
    if verify and compare:
        raise CallRefused("--verify と --compare は同時に使えません / choose --verify or --compare")
    manifest = verified(directory)
    rows = sum(part.rows for part in manifest.parts)
    click.echo(f"{manifest.project.name}: ファイルはすべて元のままです({rows:,} 件)。")
    if verify:
        return
    with connect(settings_for(database=database).database, autocommit=True) as connection, translated():
        if compare:
            _compare(connection, directory, manifest)
        else:
            bring_in(connection, directory, manifest, _say)
            click.echo(f"{manifest.project.name} を取り込みました。確認: noroshi import {directory} --compare")


def _compare(connection: Database, directory: Path, manifest: Manifest) -> None:
    if not compared(connection, directory, manifest, _say_difference):
        raise HandoverIncomplete("データベースにないもの、違うものがあります / something is missing or different")
    click.echo("欠けているものはありません。")


def _say(part: PartEntry) -> None:
    note = " (データベースが計算し直します)" if part.derived else ""
    click.echo(f"  {part.name:<17}{part.rows:>13,} 件{note}")


def _say_difference(part: PartEntry, found: Difference) -> None:
    counts = f"同じ {found.same:,}、不足 {found.missing:,}、余分 {found.extra:,}、相違 {found.different:,}"
    click.echo(f"  {part.name:<17}{counts}")
    for example in found.examples:
        click.echo(f"    {shown(example.key)}")
        click.echo(f"      file:     {_row(example.said)}")
        click.echo(f"      database: {_row(example.found)}")


def _row(row: tuple[object, ...] | None) -> str:
    return "なし" if row is None else shown(row)
