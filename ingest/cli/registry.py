"""`noroshi registry`: imports files into the registry (台帳), exports it, and changes single fields."""

from pathlib import Path

import click

from ingest.cli.audited import note_registry
from ingest.cli.command import group, option
from ingest.cli.database import open_database
from ingest.cli.options import OUTPUT_FILE, REGISTRY_FILE, STANDARD_OUTPUT, database_option, reserved_in, settings_for
from ingest.cli.say import say, say_file, say_text
from ingest.errors import CallRefused, StoreUnavailable
from ingest.registry.changes import ChangeSet
from ingest.registry.outcome import report
from ingest.registry.partial import BY_CODE, complete, read_assignments
from ingest.registry.problem import Problem
from ingest.registry.read import Reading, read
from ingest.registry.write import as_yaml, devices_csv
from ingest.settings.model import Settings
from ingest.store.registry import registry as store
from schemas.bilingual import Bilingual, joined

DRY_RUN = Bilingual("何が変わるかだけを示し、書き込みません。", "Only say what would change")

APPLY_HELP = Bilingual(
    """YAML と CSV のファイルを台帳に反映します。

    - は標準入力です(registry apply - <registry.yaml)。
    ファイルに書かれていないものは変わりません。台帳にあるものは、コードと変える項目だけでもかまいません。
    一件でも誤りがあれば、何も書き込みません。""",
    """Bring YAML and CSV files into the registry.

    - is standard input (registry apply - <registry.yaml).
    What the files do not name stays as it is; of what the registry has, code and changed fields are enough.
    If one entry is wrong, nothing is written.""",
)


@group(
    help=Bilingual(
        "事業・通信網・基地局・機器の台帳を、ファイルから反映し、ファイルへ出力します。",
        "The registry of projects, networks, gateways and devices: files in, files out.",
    )
)
def registry() -> None:
    """The group of these commands. Clerks read their output."""


@registry.command(help=APPLY_HELP)
@click.argument("files", nargs=-1, required=True, type=REGISTRY_FILE)
@option("--dry-run", is_flag=True, help=DRY_RUN)
@option(
    "--allow-moves",
    is_flag=True,
    help=Bilingual(
        "機器を別の事業へ移すことを許します(過去の集計も移ります)。",
        "Devices may go to another project, with their past sums",
    ),
)
@database_option
def apply(files: tuple[Path, ...], *, dry_run: bool, allow_moves: bool, database: str | None) -> None:
    """Read the files, compare them with the database, and write all of it or nothing."""
    reading = read(files)
    plan = _plan(reading, settings_for(database=database), allow_moves=allow_moves, dry_run=dry_run)
    say_text(report(plan, dry_run=dry_run))


@registry.command(
    help=Bilingual(
        "台帳を出力します。csv は機器だけの一覧です(Excel で開けます)。",
        "Write the registry. csv is a table of the devices alone, for Excel.",
    )
)
@option(
    "--format",
    "format_",
    type=click.Choice(["yaml", "csv"]),
    default="yaml",
    show_default=True,
    help=Bilingual("形式。", "Format"),
)
@option(
    "-o",
    "--output",
    type=OUTPUT_FILE,
    help=Bilingual("ファイル。省略時と - は標準出力。", "File; - is standard output  [default: -]"),
)
@database_option
def export(format_: str, output: Path | None, database: str | None) -> None:
    """Write the registry so that `apply` can read it again."""
    with open_database(settings_for(database=database)) as connection:
        document = store.export(connection)
    content = (as_yaml(document) if format_ == "yaml" else devices_csv(document)).encode()
    if output is None or output == STANDARD_OUTPUT:
        say_file(content)
    else:
        try:
            output.write_bytes(content)
        except OSError as error:
            raise CallRefused(
                Bilingual(
                    f"{output} に書き込めません: {error.strerror}", f"{output} cannot be written: {error.strerror}"
                )
            ) from error
        say(Bilingual(f"{output} に出力しました。", f"written to {output}"), err=True)


@registry.command(
    "set",
    help=Bilingual(
        """台帳にあるものの項目を変えます。書いた項目だけが変わり、ほかはそのままです。

        \b
        noroshi registry set device tea/soil-07 enabled=false
        noroshi registry set project tea 交付決定番号="6農振第123号" 事業主体=袋井市
        noroshi registry set device soil-07 installed_on=        (空にします)

        KEY は事業/コード。コードだけでも、その名前が一つの事業にしかなければ使えます。
        取付条件、範囲、基準水位は apply のファイルで変えます(ここでも、書いた項目だけが変わります)。""",
        """Change fields of something in the registry: those you write, and no others.

        \b
        noroshi registry set device tea/soil-07 enabled=false
        noroshi registry set project tea grant_number="6-123" organisation_name=Fukuroi
        noroshi registry set device soil-07 installed_on=        (clears it)

        KEY is project/code; a code alone will do where one project alone has it. Bindings, ranges and stages are
        changed by a file for `apply`, of which only what it says is changed too.""",
    ),
)
@click.argument("kind", type=click.Choice(list(BY_CODE)))
@click.argument("key")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE...")
@option("--dry-run", is_flag=True, help=DRY_RUN)
@database_option
def set_(kind: str, key: str, assignments: tuple[str, ...], *, dry_run: bool, database: str | None) -> None:
    """Read the thing from the registry, then apply the assignments to it."""
    settings = settings_for(database=database)
    with open_database(settings) as connection:
        reading = read_assignments(BY_CODE[kind], key, assignments, store.known(connection))
    plan = _plan(reading, settings, allow_moves=False, dry_run=dry_run)
    say_text(report(plan, dry_run=dry_run))


def _plan(reading: Reading, settings: Settings, *, allow_moves: bool, dry_run: bool) -> ChangeSet:
    try:
        with open_database(settings) as connection:
            if reading.partial:
                complete(reading, store.known(connection))
            plan = store.plan(
                connection, reading.document,
                allow_moves=allow_moves, broken=frozenset(reading.broken), reserved=reserved_in(settings),
            )  # fmt: skip
            _refuse([*reading.problems, *map(reading.located, plan.problems)])
            if dry_run:
                return plan
            done = store.apply(connection, plan)
            note_registry(connection, done)
            return done
    except StoreUnavailable:
        _refuse(reading.problems)  # problems of the files are reported even if the database is down
        raise


def _refuse(problems: list[Problem]) -> None:
    if problems:
        count = len(problems)
        nothing = Bilingual(
            f"誤りが {count} 件あります。何も書き込みませんでした。",
            f"{count} {'mistake' if count == 1 else 'mistakes'}. Nothing was written.",
        )
        raise CallRefused(joined([*(problem.said for problem in problems), nothing]))
