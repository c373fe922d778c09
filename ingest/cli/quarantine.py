"""`noroshi quarantine`: lists, shows and replays what is in quarantine."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

import click
import orjson

from ingest.access.audit import Action, Entry
from ingest.cli.audited import note
from ingest.cli.command import group, option
from ingest.cli.database import open_database
from ingest.cli.options import database_option, settings_for
from ingest.cli.say import say, say_lines
from ingest.cli.table import row as fact
from ingest.errors import CallRefused
from ingest.pipeline.build import birth_limits, build_interpreter
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.replay import replay as replay_again
from ingest.store import quarantine as store
from ingest.store.batch.births import births_when_asked
from ingest.store.registry.registry import load_directory
from schemas.bilingual import Bilingual, quoted
from schemas.detail import in_japanese
from schemas.japan import JST
from schemas.rejection import RejectionReason

_REASONS = click.Choice([reason.value for reason in RejectionReason])


@group(
    help=Bilingual(
        "隔離したメッセージと測定値の一覧、中身、再処理。",
        "Messages and readings that were set aside: list, look, send again.",
    )
)
def quarantine() -> None:
    """The group of these commands."""


@quarantine.command(
    "list", help=Bilingual("まだ処理していないものを、新しい順に示します。", "Open rows, newest first.")
)
@database_option
@option("--reason", type=_REASONS, help=Bilingual("この理由のものだけ。", "Only this reason"))
@option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=50,
    show_default=True,
    help=Bilingual("最大の件数。", "At most so many"),
)
def list_(database: str | None, reason: str | None, limit: int) -> None:
    """List rows of the quarantine, one line each."""
    with open_database(settings_for(database=database)) as connection:
        entries = store.entries(connection, reason=reason, limit=limit)
    for row in entries:
        part = quoted(f" {row.part_name}" if row.part_name else "")
        if row.parts > 1:
            part = Bilingual(f" ({row.parts} 件の部分)", f" ({row.parts} parts)")
        head = f"{row.quarantine_id:>8}  {_jst(row.received_at)}  {row.reason:<22} {row.topic}"
        say(Bilingual(f"{head}{part.ja}  {in_japanese(row.detail) or row.detail}", f"{head}{part.en}  {row.detail}"))
    if not entries:
        say(_nothing(reason))


def _nothing(reason: str | None) -> Bilingual:
    if reason is None:
        return Bilingual("隔離したものはありません。", "nothing is set aside")
    return Bilingual(f"理由 {reason} で隔離したものはありません。", f"nothing is set aside for reason {reason}")


@quarantine.command(
    help=Bilingual("一件を、メッセージの中身とともに示します。", "One row with the bytes of its message.")
)
@click.argument("quarantine_id", metavar="ID", type=int)
@database_option
def show(quarantine_id: int, database: str | None) -> None:
    """Show all facts about one row, with its bytes."""
    with open_database(settings_for(database=database)) as connection:
        row = store.entry(connection, quarantine_id)
    if row is None:
        raise CallRefused(
            Bilingual(
                f"隔離に {quarantine_id} 番はありません。noroshi quarantine list で一覧を見られます",
                f"there is no row {quarantine_id} in the quarantine; `noroshi quarantine list` shows them",
            )
        )
    say(*_facts(row))
    # Indented, so that no payload can look like our own lines about it.
    say_lines(f"  {line}" for line in _readable(row.payload or b"").split("\n"))


def _facts(row: store.Entry) -> Iterator[Bilingual]:
    reason = RejectionReason(row.reason)
    yield fact("番号", "id", quoted(row.quarantine_id))
    yield fact("受信", "received", quoted(_jst(row.received_at)))
    retained = Bilingual(" (保持)", " (retained)") if row.retained else quoted("")
    yield fact("トピック", "topic", Bilingual(f"{row.topic}{retained.ja}", f"{row.topic}{retained.en}"))
    yield fact("理由", "reason", Bilingual(f"{reason} {reason.label.ja}", str(reason)))
    yield fact("詳細", "detail", Bilingual(in_japanese(row.detail) or row.detail, row.detail))
    if row.parts > 1:
        others = Bilingual(
            f"{row.parts} 件。部分がとても多いメッセージの残りで、再処理ではすべてを見直します",
            f"{row.parts}: the others of a message with very many; a replay judges them all",
        )
        yield fact("部分", "parts", others)
    if row.part_name is not None:
        yield fact("部分", "part", quoted(f"{row.part_name} = {orjson.dumps(row.part_value).decode()}"))
    if row.replayed_at is not None:
        yield fact("再処理", "replayed", quoted(_jst(row.replayed_at)))
    size = len(row.payload or b"")
    yield fact("中身", "payload", Bilingual(f"{size} バイト", f"{size} bytes"))


def _jst(at: datetime) -> str:
    """A time in Japan as RFC 3339, for people and programs."""
    return at.astimezone(JST).isoformat(timespec="seconds")


def _readable(payload: bytes) -> str:
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return payload.hex(" ")
    return payload.hex(" ") if any(character in text for character in "\0\x1b") else text.replace("\r\n", "\n")


@quarantine.command(
    help=Bilingual(
        "隔離したものを、今の台帳でもう一度処理します。",
        "Send what is set aside through the path again, by the registry of today.",
    )
)
@database_option
@option("--reason", type=_REASONS, help=Bilingual("この理由のものだけ。", "Only what was set aside for this reason"))
def replay(database: str | None, reason: str | None) -> None:
    """Replay quarantined messages by the present registry."""
    settings = settings_for(database=database)
    with open_database(settings) as connection:
        births = births_when_asked(connection, birth_limits(settings.sparkplug))
        interpreter = build_interpreter(settings, load_directory(connection), FirstReceipts(), births)
        # The replay commits page by page. That it began is on record even if it is cut off.
        note(connection, Entry(Action.QUARANTINE_REPLAYED, reason or "all", after={"begun": True}))
        result = replay_again(connection, interpreter, reason=reason)
        note(connection, Entry(Action.QUARANTINE_REPLAYED, reason or "all", after=asdict(result)))
    say(
        Bilingual(
            f"{result.tried} 件を試しました。保存 {result.stored}、保存済み {result.duplicate}、"
            f"保存済みのメッセージに測定値を追加 {result.improved}、なお隔離 {result.refused}。"
            f"増えた測定値 {result.readings_stored}",
            f"tried {result.tried}: stored {result.stored}, stored before {result.duplicate}, "
            f"readings added to stored messages in {result.improved}, still refused {result.refused}; "
            f"readings gained {result.readings_stored}",
        )
    )
