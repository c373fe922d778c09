"""`noroshi check`: what would happen to a message, step by step, in words, without storing anything."""

import time
from pathlib import Path
from typing import BinaryIO

import click
import orjson

from ingest.cli.options import database_option, settings_for
from ingest.compose import build_judge
from ingest.decode.sparkplug_births import Births
from ingest.directory import Directory
from ingest.errors import CallRefused
from ingest.receipts import FirstReceipts
from ingest.receive.message import Received
from ingest.registry.directory import directory_of
from ingest.registry.read import read
from ingest.settings import Settings
from ingest.store.births import load_births
from ingest.store.database import connect, translated
from ingest.store.registry import load_directory
from ingest.trace import Trace, trace

_HELP = """このメッセージを受けたらどうなるかを、順を追って言葉で示します。何も保存しません。

台帳は --registry のファイル(何個でも)か、データベースのものを使います。
終了コード: 0 すべて保存、1 全部か一部を隔離、2 呼び方の誤り。"""


@click.command(help=_HELP)
@click.option("--topic", metavar="T", required=True, help="メッセージのトピック。")
@click.option("--file", "file", required=True, type=click.File("rb"), help="メッセージの中身。- は標準入力。")
@click.option(
    "--registry",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="データベースの代わりに使う台帳のファイル。",
)
@click.option("--retain", is_flag=True, help="保持メッセージとして届いたことにします。")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します。")
@database_option
def check(
    topic: str,
    file: BinaryIO,
    files: tuple[Path, ...],
    database: str | None,
    *,
    retain: bool,
    as_json: bool,
) -> None:
    """Read the registry, follow the message, print the steps."""
    if files and database:
        raise CallRefused("--registry か --database の、どちらか一方を書いてください")
    settings = settings_for(database=database)
    directory, births = (_from_files(files), Births()) if files else _from_database(settings)
    judge = build_judge(settings, directory, FirstReceipts(), births)
    found = trace(judge, Received(topic, file.read(), time.time_ns() // 1000, retain=retain))
    click.echo(
        _json(found) if as_json else "\n".join(f"{'○' if s.good else '×'} {s.name}: {s.text}" for s in found.steps)
    )
    if not found.stored:
        raise SystemExit(1)


def _json(found: Trace) -> bytes:
    steps = [{"step": step.name, "text": step.text, "good": step.good} for step in found.steps]
    return orjson.dumps({"stored": found.stored, "steps": steps}, option=orjson.OPT_INDENT_2)


def _from_files(files: tuple[Path, ...]) -> Directory:
    reading = read(files)
    if reading.problems:
        raise CallRefused("\n".join(str(problem) for problem in reading.problems))
    return directory_of(reading.document)


def _from_database(settings: Settings) -> tuple[Directory, Births]:
    with connect(settings.database) as connection, translated():
        return load_directory(connection), load_births(connection)
