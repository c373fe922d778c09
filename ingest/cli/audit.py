"""`noroshi audit`: verifies the audit log (監査ログ), and lists it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import click

from ingest.access.audit import Action, read_entries
from ingest.access.audit_log.chain import Link, Verification
from ingest.access.audit_log.columns import csv_lines, fields_of, label_of
from ingest.access.audit_log.entry import AuditEntry, Wanted
from ingest.access.audit_log.verify import verify as verified
from ingest.cli.command import group, option
from ingest.cli.database import open_database
from ingest.cli.moments import Moment, shown
from ingest.cli.options import database_option, settings_for
from ingest.cli.say import say, say_file, say_json
from ingest.errors import AuditLogWrong
from ingest.store.database import Database
from schemas.bilingual import Bilingual, spoken

AT_ONCE = 1_000
"""Entries that are read from the database together."""

FAULTS_SHOWN = 100


@group(
    help=Bilingual(
        "監査ログ: だれが何をしたかの一覧と、改ざんの検査。", "The audit log: who did what, and whether it is whole."
    )
)
def audit() -> None:
    """The group of these commands."""


class Noted(click.ParamType[Link]):
    """ENTRY:HASH, as `audit verify` prints it."""

    name = "link"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Link:
        """Part of click's ParamType: the link. Refuses other texts, and says how to write one."""
        if isinstance(value, Link):
            return value
        try:
            return Link.read(value)
        except ValueError:
            why = Bilingual(
                f"{value!r}: audit verify の示した 番号:ハッシュ をそのまま書いてください",
                f"{value!r}: write ENTRY:HASH exactly as audit verify printed it",
            )
            self.fail(str(why), param, ctx)


VERIFY_HELP = Bilingual(
    """監査ログのすべての記録とその連鎖を検査します。誤りがあれば、どの記録の何かを示し、1 で終わります。

    書き換え、抜け、挿入、入れ替えが分かります。末尾の記録だけがすべて消されたことと、全体を作り直されたことは、
    連鎖だけでは分かりません。最後に示す 番号:ハッシュ を別の場所に控え、次の検査で --expect に渡してください。""",
    """Verify every entry of the audit log and how each follows the one before. Says what is wrong, and exits with 1.

    It finds entries that were changed, taken out, inserted or reordered. That the end of the log was cut off, or the
    whole of it written anew, cannot be seen from the log alone: note the ENTRY:HASH it prints elsewhere, and give it
    to the next verification with --expect.""",
)


@audit.command(help=VERIFY_HELP)
@option(
    "--expect",
    "noted",
    type=Noted(),
    multiple=True,
    metavar="ENTRY:HASH",
    help=Bilingual("控えておいた番号とハッシュ。何度でも書けます。", "A number and hash noted before; may be repeated"),
)
@database_option
def verify(noted: tuple[Link, ...], database: str | None) -> None:
    """Walk along the chain, and print what is wrong and the last link."""
    found, faults = Verification(), 0
    with open_database(settings_for(database=database)) as connection:
        for fault in verified(connection, datetime.now(UTC), noted, found):
            faults += 1
            if faults <= FAULTS_SHOWN:
                say(fault.said)
    if faults > FAULTS_SHOWN:
        more = faults - FAULTS_SHOWN
        say(Bilingual(f"ほかに {more:,} 件の誤りがあります。", f"{more:,} more things are wrong."))
    last = Bilingual(
        f"最後の記録: {found.last}  (控えておき、次の検査で --expect に渡してください)",
        f"last entry: {found.last}  (note it elsewhere, and give it to --expect next time)",
    )
    if faults:
        say(last)
        raise AuditLogWrong(
            Bilingual(
                f"監査ログに {faults:,} 件の誤りがあります({found.entries:,} 件を検査)",
                f"{faults:,} things are wrong with the audit log ({found.entries:,} entries verified)",
            )
        )
    say(
        Bilingual(
            f"監査ログの {found.entries:,} 件に誤りはありません。",
            f"The {found.entries:,} entries are as they were written.",
        ),
        last,
    )


@audit.command(
    "list",
    help=Bilingual(
        "記録を、新しい順に示します。時刻は日本時間です。", "The entries, newest first. Times are of Japan."
    ),
)
@option("--from", "start", type=Moment(), help=Bilingual("この時刻から。日だけなら0時から。", "From this time or day"))
@option(
    "--to",
    "end",
    type=Moment(end=True),
    help=Bilingual("この時刻まで。日だけならその日を含みます。", "Before this time; a day belongs to it"),
)
@option(
    "--actor", metavar="NAME", help=Bilingual("この利用者だけ(ログイン名など)。", "Only this actor, as it is listed")
)
@option(
    "--action",
    type=click.Choice([action.value for action in Action]),
    help=Bilingual("この操作だけ。", "Only this action"),
)
@option(
    "--organisation",
    metavar="CODE",
    help=Bilingual("この団体のデータについてだけ。", "Only about this organisation's data"),
)
@option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
    help=Bilingual("形式。json は一行に一件です。", "Format; json is one entry a line"),
)
@option(
    "--limit", type=click.IntRange(1), help=Bilingual("最大の件数。省略時はすべて。", "At most so many  [default: all]")
)
@database_option
def list_(
    *,
    start: datetime | None,
    end: datetime | None,
    actor: str | None,
    action: str | None,
    organisation: str | None,
    form: str,
    limit: int | None,
    database: str | None,
) -> None:
    """List the wanted entries, newest first."""
    wanted = Wanted(start, end, actor, action, organisation)
    with open_database(settings_for(database=database), autocommit=True) as connection:
        entries = _every(connection, wanted, limit)
        if form == "csv":
            for line in csv_lines(entries, spoken()):
                say_file(line.encode())
        elif form == "json":
            for entry in entries:
                say_json(json.dumps(fields_of(entry, spoken()), ensure_ascii=False).encode())
        else:
            for entry in entries:
                say(_described(entry))


def _every(connection: Database, wanted: Wanted, limit: int | None) -> Iterator[AuditEntry]:
    """The wanted entries, a page in memory at a time."""
    left, below = limit, None
    while left is None or left > 0:
        size = AT_ONCE if left is None else min(left, AT_ONCE)
        page = read_entries(connection, replace(wanted, below=below, limit=size))
        yield from page
        if len(page) < size:
            return
        below = page[-1].entry_id
        left = None if left is None else left - len(page)


def _described(entry: AuditEntry) -> Bilingual:
    where = "/".join(code for code in (entry.organisation, entry.project) if code)
    about = "  ".join(text for text in (entry.subject, where, entry.after or "") if text)
    head, label = f"{entry.entry_id:>8}  {shown(entry.at)}  {entry.actor or '-'}", label_of(entry.action)
    return Bilingual(f"{head}  {label.ja}  {about}", f"{head}  {label.en}  {about}")
