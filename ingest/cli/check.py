"""`noroshi check`: shows step by step what would happen to a message, without storing anything."""

import sys
import time
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click
import orjson

from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.options import AS_JSON, MAX_FILE_BYTES, REGISTRY_FILE, database_option, settings_for
from ingest.cli.say import say, say_json
from ingest.decode.sparkplug.births import Births
from ingest.errors import CallRefused
from ingest.message import Received
from ingest.pipeline.build import birth_limits, build_interpreter
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.trace import Step, Trace, trace
from ingest.registry.index import Directory, directory_of
from ingest.registry.read import STANDARD_INPUT, read
from ingest.runtime.bounded_files import read_stream
from ingest.settings.model import Settings
from ingest.store.batch.births import certificates
from ingest.store.registry.registry import load_directory
from schemas.bilingual import Bilingual, joined
from schemas.certificate import Certificate

_HELP = Bilingual(
    """このメッセージを受けたらどうなるかを、順を追って言葉で示します。何も保存しません。

    台帳は --registry のファイル(何個でも)か、データベースのものを使います。
    終了コード: 0 すべて保存、1 全部か一部を隔離、2 呼び方の誤り。""",
    """What would happen to this message, step by step, in words. Nothing is stored.

    The registry is that of the files of --registry (as many as you like), or that of the database.
    Exit codes: 0 all is stored, 1 some or all is set aside, 2 the call is wrong.""",
)


@command(help=_HELP)
@option("--topic", metavar="T", required=True, help=Bilingual("メッセージのトピック。", "The topic of the message"))
@option(
    "--file",
    "file",
    required=True,
    type=click.File("rb"),
    help=Bilingual("メッセージの中身。- は標準入力。", "What is in the message; - is standard input"),
)
@option(
    "--registry",
    "files",
    multiple=True,
    type=REGISTRY_FILE,
    help=Bilingual(
        "データベースの代わりに使う台帳のファイル。- は標準入力。",
        "A registry file, instead of the database; - is standard input",
    ),
)
@option(
    "--retain",
    is_flag=True,
    help=Bilingual("保持メッセージとして届いたことにします。", "As if it were a retained message"),
)
@option("--json", "as_json", is_flag=True, help=AS_JSON)
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
    """Read the registry, trace the message, print the steps."""
    if file is sys.stdin.buffer and STANDARD_INPUT in files:
        raise CallRefused(
            Bilingual(
                "標準入力(-)は --file か --registry の、どちらか一方にしてください",
                "- (standard input) can be --file or --registry, not both",
            )
        )
    if files and database:
        raise CallRefused(
            Bilingual(
                "--registry か --database の、どちらか一方を書いてください", "give either --registry or --database"
            )
        )
    settings = settings_for(database=database)
    directory, births = (_from_files(files), Births()) if files else _from_database(settings)
    interpreter = build_interpreter(settings, directory, FirstReceipts(), births)
    payload = read_stream(file, MAX_FILE_BYTES, "--file")
    traced = trace(interpreter, Received(topic, payload, time.time_ns() // 1000, retain=retain))
    if as_json:
        say_json(_json(traced))
    else:
        say(*map(_line, traced.steps))
    if not traced.stored:
        raise SystemExit(1)


def _line(step: Step) -> Bilingual:
    mark = "○" if step.good else "×"
    return Bilingual(f"{mark} {step.name.ja}: {step.text.ja}", f"{mark} {step.name.en}: {step.text.en}")


def _json(traced: Trace) -> bytes:
    """The trace as JSON, the same in every language."""
    steps = [
        {"step": name.ja, "text": text.ja, "step_en": name.en, "text_en": text.en, "good": good}
        for name, text, good in traced.steps
    ]
    return orjson.dumps({"stored": traced.stored, "steps": steps}, option=orjson.OPT_INDENT_2)


def _from_files(files: tuple[Path, ...]) -> Directory:
    reading = read(files)
    if reading.problems:
        raise CallRefused(joined(problem.said for problem in reading.problems))
    return directory_of(reading.document)


def _from_database(settings: Settings) -> tuple[Directory, Births]:
    with open_database(settings) as connection:
        directory = load_directory(connection)
    return directory, Births(limits=birth_limits(settings.sparkplug), fetch=partial(_announced, settings))


def _announced(settings: Settings, node: str) -> list[tuple[Certificate, bool]]:
    with open_database(settings) as connection:
        return [*certificates(connection, [node])]
