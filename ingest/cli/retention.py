"""`noroshi retention`: shows and sets periods of retention, and deletes what is older."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import click

from ingest.access.audit import Action, Entry
from ingest.cli.audited import note
from ingest.cli.command import group, option
from ingest.cli.correct import WHO, WHY
from ingest.cli.database import open_database
from ingest.cli.moments import shown
from ingest.cli.options import database_option, settings_for
from ingest.cli.say import say
from ingest.cli.table import padded
from ingest.errors import CallRefused
from ingest.settings.model import Settings
from ingest.store.database import Database
from ingest.store.retention.policy import UNKNOWN, Policy, keep, policies
from ingest.store.retention.retention import Going, Retained, run_retention
from schemas.bilingual import LANGUAGES, Bilingual, quoted
from schemas.retention import RetentionKind

MIB = 2**20


@group(
    help=Bilingual(
        "保存期間。事業と種類ごと: raw(測定値)、rollup(集計値)、quarantine(隔離)、link(受信記録)、log(収支記録)。",
        "Periods of retention by project and kind: raw, rollup, quarantine, link (messages), log (account).",
    )
)
def retention() -> None:
    """The group of these commands."""


@retention.command(
    help=Bilingual(
        "何がどれだけ保存され、だれが決め、何が引き留めているかを示します。",
        "What is kept how long, by whose word, and what holds it.",
    )
)
@database_option
def show(database: str | None) -> None:
    """Print the periods, one line for each project and kind."""
    settings = settings_for(database=database)
    with open_database(settings, autocommit=True) as connection:
        found = policies(connection, settings.retention, datetime.now(UTC))
    say(_columns(HEADINGS), *map(described, found))


HEADINGS = (
    Bilingual("事業", "project"),
    Bilingual("種類", "kind"),
    Bilingual("保存", "keep"),
    Bilingual("決めた所", "said by"),
    Bilingual("補助事業の義務", "held by the subsidy"),
)
WIDTHS = (20, 12, 14, 10, 0)


def _columns(cells: Sequence[Bilingual]) -> Bilingual:
    ja, en = (
        "".join(padded(cell.to(language), columns) for cell, columns in zip(cells, WIDTHS, strict=True)).rstrip()
        for language in LANGUAGES
    )
    return Bilingual(ja, en)


@retention.command(
    "set",
    help=Bilingual(
        "一つの期間を決めます。台帳の事業に retention: と書いても同じです。",
        "Set one period. The registry document says the same with `retention:` under a project.",
    ),
)
@option("--project", metavar="CODE", required=True, help=Bilingual("事業コード。", "Code of the project"))
@option(
    "--kind",
    type=click.Choice([kind.value for kind in RetentionKind]),
    required=True,
    help=Bilingual("種類。", "Kind of what is kept"),
)
@option("--months", type=click.IntRange(1, 1200), required=True, help=Bilingual("保存する月数。", "Keep for so long"))
@option(
    "--force",
    is_flag=True,
    help=Bilingual(
        "補助事業の求めより短くします。--who と --why が記録されます。",
        "Shorter than the subsidy demands; --who and --why are recorded",
    ),
)
@option("--who", metavar="NAME", help=WHO)
@option("--why", metavar="TEXT", help=WHY)
@database_option
def set_(
    *,
    project: str,
    kind: str,
    months: int,
    force: bool,
    who: str | None,
    why: str | None,
    database: str | None,
) -> None:
    """Set the period of one project and kind."""
    if force and not ((who or "").strip() and (why or "").strip()):
        raise CallRefused(
            Bilingual(
                "--force には --who NAME と --why TEXT が要ります。五年後に尋ねる人が読みます",
                "--force needs --who NAME and --why TEXT: whoever asks in five years reads them",
            )
        )
    settings = settings_for(database=database)
    with open_database(settings, autocommit=True) as connection, connection.transaction():
        before = _months(connection, settings, project, kind)
        keep(connection, project, RetentionKind(kind), months, (str(who), str(why)) if force else None)
        after = {"months": months, "who": who, "why": why} if force else {"months": months}
        entry = Entry(Action.RETENTION_CHANGED, f"{project} {kind}", project=project, before=before, after=after)
        note(connection, entry)
    say(Bilingual(f"{project}: {kind} を {months} か月保存します。", f"{project}: {kind} is kept {months} months"))


@retention.command(
    help=Bilingual(
        "期間の過ぎたものを消します。消したものは表 retention_run に記録されます。",
        "Let go what every policy lets go. What went is on record in the table retention_run.",
    )
)
@option("--dry-run", is_flag=True, help=Bilingual("何が消えるかだけを示します。", "Only say what would go"))
@database_option
def apply(
    *,
    dry_run: bool,
    database: str | None,
) -> None:
    """Delete what every policy allows to delete."""
    settings = settings_for(database=database)
    with open_database(settings, autocommit=True) as connection:
        found = run_retention(connection, settings.retention, datetime.now(UTC), dry_run=dry_run)
        if found.going and not dry_run:
            after = _counts(found)
            note(connection, Entry(Action.RETENTION_APPLIED, "all", after=after))
    say(*lines(found))
    done = Bilingual("終わりました。", "done")
    say(Bilingual("確認だけを行いました。何も消していません。", "dry run: nothing was let go") if dry_run else done)


def _counts(found: Retained) -> dict[str, int]:
    """Deleted rows by project and table."""
    counts: Counter[str] = Counter()
    for each in found.going:
        counts[f"{each.policy.project} {each.part.table}"] += each.rows
    return dict(counts)


def _months(connection: Database, settings: Settings, project: str, kind: str) -> dict[str, int | None]:
    """The period that holds until now."""
    found = policies(connection, settings.retention, datetime.now(UTC))
    return {"months": next((each.keep_months for each in found if (each.project, each.kind) == (project, kind)), None)}


def _project(policy: Policy) -> Bilingual:
    return Bilingual("(事業なし)", UNKNOWN) if policy.project == UNKNOWN else quoted(policy.project)


_SOURCES = {"registry": Bilingual("台帳", "registry"), "settings": Bilingual("設定", "settings")}


def described(policy: Policy) -> Bilingual:
    """One policy as one line."""
    months, why = policy.keep_months, policy.held or quoted("-")
    keep = Bilingual("無期限", "for ever") if months is None else Bilingual(f"{months} か月", f"{months} months")
    if policy.forced_by:
        why = Bilingual(
            f"{policy.forced_by} の判断: {policy.forced_why}", f"forced by {policy.forced_by}: {policy.forced_why}"
        )
    return _columns((_project(policy), quoted(policy.kind), keep, _SOURCES[policy.source], why))


def lines(retained: Retained) -> Iterator[Bilingual]:
    """Lines on what is deleted: by project, kind and table, then whole chunks."""
    for each in retained.going:
        yield _going(each)
    for table in dict.fromkeys(chunk.table for chunk in retained.chunks):
        mine = [chunk for chunk in retained.chunks if chunk.table == table]
        span = f"{shown(mine[0].start)} - {shown(mine[-1].end)}"
        size = f"{sum(chunk.bytes for chunk in mine) / MIB:,.1f} MiB"
        yield Bilingual(
            f"{table}: まるごと消えるチャンク {len(mine)} 個  {span}  {size}",
            f"{table}: {len(mine)} whole chunks  {span}  {size}",
        )
    if not retained.going:
        yield Bilingual("消してよいものはありません。", "nothing may go")


def _going(each: Going) -> Bilingual:
    policy, span = each.policy, f"{shown(each.first_at)} - {shown(each.last_at)}"
    forced, size = quoted(""), f"{each.bytes / MIB:,.1f} MiB"
    if policy.forced_by:
        forced = Bilingual(f"  {policy.forced_by} の判断", f"  forced by {policy.forced_by}")
    head, what = _project(policy), f"{policy.kind:<12}{each.part.table:<18}{each.rows:>14,}"
    return Bilingual(
        f"{padded(head.ja, 20)}{what} 件  {span}  およそ {size}{forced.ja}",
        f"{padded(head.en, 20)}{what} rows  {span}  about {size}{forced.en}",
    )
