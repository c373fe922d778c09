"""`noroshi watch replay`: past days once more through the machine, with present or other stages."""

import csv
import io
import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from ingest.cli.account_texts import by_command
from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.moments import Moment
from ingest.cli.options import REGISTRY_FILE, database_option, settings_for
from ingest.cli.say import say, say_file, say_json, say_progress
from ingest.errors import CallRefused
from ingest.store.database import Database
from ingest.watch.document.read import document_of, read_file
from ingest.watch.document.versions import apply as apply_document
from ingest.watch.replay.compare import Crossing, Verdict
from ingest.watch.replay.database import project_number
from ingest.watch.replay.replay import Answer, replay
from schemas.bilingual import Bilingual
from schemas.foreign import kept_cell
from schemas.japan import to_datetime, to_jst
from schemas.watch import WatchDocument

HELP = Bilingual(
    """過ぎた日の測定値を、もう一度監視に通します。何も書き込みません。

    いまの段階(--stages を付ければ、その監視計画の段階)なら何がいつ分かったかを、記録された監視イベントと並べて
    示します。早く分かったもの、遅く分かったもの、知らせていなかったはずのもの、記録になかったもの。

    \b
    noroshi watch replay --from 2026-09-12 --to 2026-09-13
    noroshi watch replay --from 2026-06-01 --to 2026-07-05 --stages new.yaml --format csv > replay.csv""",
    """Run readings of past days through the watch once more. Nothing is written.

    It shows what the present stages (with --stages those of that watch document) would have noticed, and when, beside
    the events that were recorded: what is earlier, what is later, what would not have been told, what is new.

    \b
    noroshi watch replay --from 2026-09-12 --to 2026-09-13
    noroshi watch replay --from 2026-06-01 --to 2026-07-05 --stages new.yaml --format csv > replay.csv""",
)
HEADINGS = ("time", "project", "device", "name", "rule", "rank", "stage", "value", "verdict", "recorded", "minutes")


@command("replay", help=HELP)
@option("--from", "start", type=Moment(), required=True, help=Bilingual("期間の始まり。", "Beginning of the period"))
@option(
    "--to", "end", type=Moment(end=True), required=True,
    help=Bilingual("期間の終わり。日を書けば、その日を含む。", "End of the period; a day is included"),
)  # fmt: skip
@option(
    "--stages", "file", type=REGISTRY_FILE,
    help=Bilingual("保存された監視計画の代わりに使う監視計画(YAML)。", "A watch document in place of the stored one"),
)  # fmt: skip
@option("--project", metavar="CODE", help=Bilingual("この事業だけ。", "Only this project"))
@option(
    "--format", "form", type=click.Choice(["text", "json", "csv"]), default="text",
    help=Bilingual("出力の形。", "Form of the output"),
)  # fmt: skip
@database_option
def replay_command(
    start: datetime, end: datetime, *, file: Path | None, project: str | None, form: str, database: str | None
) -> None:
    """Read, compute, compare, print."""
    if start >= end:
        raise CallRefused(Bilingual("--to は --from より後にしてください", "--to has to be after --from"))
    begun = time.monotonic()
    with open_database(settings_for(database=database)) as connection:
        if project is not None and project_number(connection, project) is None:
            raise CallRefused(Bilingual(f"台帳に事業 {project} がありません", f"the registry has no project {project}"))
        instead = {} if file is None else _tried(connection, file)
        connection.rollback()  # what was only read: the replay has one look of its own
        answer = replay(connection, start, end, project=project, instead=instead, advanced=say_progress)
    if form == "json":
        say_json(json.dumps(_document(answer), ensure_ascii=False, indent=2).encode())
    elif form == "csv":
        say_file(_csv(answer))
    else:
        _say(answer, time.monotonic() - begun)


def _tried(connection: Database, file: Path) -> dict[int, WatchDocument]:
    """The document of the file by its project. Raises WatchRefused with all that is wrong with it."""
    source = read_file(file)
    document = document_of(source)
    apply_document(connection, by_command(), source, check_only=True)
    number = project_number(connection, document.project)
    assert number is not None  # else it was refused
    return {number: document}


def _say(answer: Answer, seconds: float) -> None:
    begin, end = to_jst(answer.start), to_jst(answer.end)
    say(
        Bilingual(
            f"{begin:%Y-%m-%d %H:%M} から {end:%Y-%m-%d %H:%M} まで: 規則 {answer.rules:,} 件、"
            f"測定 {answer.readings:,} 件({seconds:.1f} 秒)。何も書き込みませんでした。",
            f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}: {answer.rules:,} rules, {answer.readings:,} readings "
            f"({seconds:.1f} s). Nothing was written.",
        )
    )
    for verdict in Verdict:
        said, count = verdict.label, answer.count(verdict)
        say(Bilingual(f"  {said.ja}: {count} 件", f"  {said.en}: {count}"))
    for each in answer.crossings:
        say(_line(each, answer))


def _line(each: Crossing, answer: Answer) -> Bilingual:
    at = to_jst(to_datetime(each.time_us))
    station = answer.stations[each.device_id]
    value = "" if each.value is None else f" {each.value:.6g}"
    rule = f" [{each.rule}]" if each.rule else ""
    minutes = "" if not each.minutes else f" {abs(each.minutes):.0f}"
    ja = f"{minutes} 分{each.verdict.label.ja}" if minutes else f" {each.verdict.label.ja}"
    en = f"{minutes} min {each.verdict.label.en}" if minutes else f" {each.verdict.label.en}"
    head = f"{at:%Y-%m-%d %H:%M:%S} {station.code} {station.name} {each.name}{value}{rule}:"
    return Bilingual(head + ja, head + en)


def _rows(answer: Answer) -> Iterator[tuple[object, ...]]:
    for each in answer.crossings:
        station = answer.stations[each.device_id]
        yield (
            _time(each.at_us), station.project, station.code, station.name, each.rule, each.rank, each.name, each.value,
            each.verdict.value, _time(each.recorded_us), None if each.minutes is None else round(each.minutes, 3),
        )  # fmt: skip


def _time(at_us: int | None) -> str | None:
    return None if at_us is None else to_jst(to_datetime(at_us)).isoformat()


def _document(answer: Answer) -> dict[str, object]:
    return {
        "from": to_jst(answer.start).isoformat(), "to": to_jst(answer.end).isoformat(), "rules": answer.rules,
        "readings": answer.readings, "verdicts": {verdict.value: answer.count(verdict) for verdict in Verdict},
        "crossings": [dict(zip(HEADINGS, row, strict=True)) for row in _rows(answer)],
    }  # fmt: skip


def _cell(value: object) -> object:
    """A cell that no program takes for a formula."""
    return kept_cell(value) if isinstance(value, str) else "" if value is None else value


def _csv(answer: Answer) -> bytes:
    text = io.StringIO()
    written = csv.writer(text, lineterminator="\r\n")
    written.writerow(HEADINGS)
    written.writerows([_cell(cell) for cell in row] for row in _rows(answer))
    return text.getvalue().encode("utf-8-sig")
