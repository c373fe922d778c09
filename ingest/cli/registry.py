"""`noroshi registry`: bring files into the registry (台帳), and take them out again."""

from collections.abc import Iterable
from pathlib import Path

import click

from ingest.cli.options import database_option, settings_for
from ingest.errors import CallRefused, StoreUnavailable
from ingest.registry.columns import label
from ingest.registry.plan import FieldChange, Item, Plan
from ingest.registry.problem import Kind, Problem
from ingest.registry.read import Reading, read
from ingest.registry.write import as_yaml, devices_csv
from ingest.settings import Settings
from ingest.store import registry as store
from ingest.store.database import connect

CHANGES_SHOWN = 50

APPLY_HELP = """YAML と CSV のファイルを台帳に反映します。

ファイルに書かれていないものは変わりません。一件でも誤りがあれば、何も書き込みません。"""


@click.group(help="事業・通信網・基地局・機器の台帳を、ファイルから反映し、ファイルへ出力します。")
def registry() -> None:
    """The registry (台帳): files in, files out. A clerk reads what these commands print."""


@registry.command(help=APPLY_HELP)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="何が変わるかだけを示し、書き込みません。")
@click.option("--allow-moves", is_flag=True, help="機器を別の事業へ移すことを許します(過去の集計も移ります)。")
@database_option
def apply(files: tuple[Path, ...], *, dry_run: bool, allow_moves: bool, database: str | None) -> None:
    """Read the files, compare them with the database, and write all of it or nothing."""
    reading = read(files)
    plan = _plan(reading, settings_for(database=database), allow_moves=allow_moves, dry_run=dry_run)
    click.echo(report(plan, dry_run=dry_run))


@registry.command(help="台帳を出力します。csv は機器だけの一覧です(Excel で開けます)。")
@click.option("--format", "format_", type=click.Choice(["yaml", "csv"]), default="yaml", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="省略時は標準出力。")
@database_option
def export(format_: str, output: Path | None, database: str | None) -> None:
    """Write the registry so that `apply` can read it again."""
    with connect(settings_for(database=database).database) as connection:
        document = store.export(connection)
    content = (as_yaml(document) if format_ == "yaml" else devices_csv(document)).encode()
    if output is None:
        click.echo(content, nl=False)
    else:
        try:
            output.write_bytes(content)
        except OSError as error:
            raise CallRefused(f"{output} に書き込めません: {error.strerror}") from error
        click.echo(f"{output} に出力しました。", err=True)


def _plan(reading: Reading, settings: Settings, *, allow_moves: bool, dry_run: bool) -> Plan:
    try:
        with connect(settings.database) as connection:
            plan = store.plan(connection, reading.document, allow_moves=allow_moves, broken=frozenset(reading.broken))
            _refuse([*reading.problems, *map(reading.located, plan.problems)])
            return plan if dry_run else store.apply(connection, plan)
    except StoreUnavailable:
        _refuse(reading.problems)  # what the files alone tell is worth telling, database or not
        raise


def _refuse(problems: list[Problem]) -> None:
    if problems:
        lines = "\n".join(str(problem) for problem in problems)
        raise CallRefused(f"{lines}\n誤りが {len(problems)} 件あります。何も書き込みませんでした。")


def report(plan: Plan, *, dry_run: bool) -> str:
    """What was (or would be) done, for a clerk: counts of each kind, then each changed field."""
    title = "確認だけを行いました。書き込みはしていません。" if dry_run else _done(plan)
    return "\n".join((title, *_counts(plan), *_changes(plan)))


def _done(plan: Plan) -> str:
    return "台帳に反映しました。" if plan.changes_something else "台帳はファイルのとおりです。変更はありません。"


def _counts(plan: Plan) -> Iterable[str]:
    for kind, part in plan.parts.items():
        if part.created or part.changed or part.unchanged:
            counts = f"新規 {len(part.created)} 件、変更 {len(part.changed)} 件、変更なし {part.unchanged} 件"
            yield f"  {kind.label_ja}: {counts}"


def _changes(plan: Plan) -> Iterable[str]:
    changed = [item for part in plan.parts.values() for item in part.changed]
    for item in changed[:CHANGES_SHOWN]:
        yield f"  変更 {item.subject}: {'、'.join(_change(item, change) for change in item.changes)}"
    if len(changed) > CHANGES_SHOWN:
        yield f"  変更 ほか {len(changed) - CHANGES_SHOWN} 件"


def _change(item: Item, change: FieldChange) -> str:
    if item.subject.kind is Kind.PROFILE:
        return "内容"
    return f"{label(item.subject.kind, change.field)} {_shown(change.old)} → {_shown(change.new)}"


def _shown(value: object) -> str:
    match value:
        case None:
            return "(空)"
        case bool():
            return "○" if value else "×"
        case dict():
            return "、".join(f"{name} {each}" for name, each in value.items())
        case _:
            return str(value)
