"""`noroshi plan apply` and `noroshi plan show`: plans from files into the database, and out of it again."""

import json
from dataclasses import dataclass
from pathlib import Path

import click

from ingest.cli.account_texts import by_command
from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.options import REGISTRY_FILE, database_option, settings_for
from ingest.cli.say import say, say_file, say_json
from ingest.errors import CallRefused, StoreUnavailable
from ingest.plan.document.database import project_id_of
from ingest.plan.document.difference import Difference
from ingest.plan.document.merge import document_of
from ingest.plan.document.read import Wanted, read
from ingest.plan.document.refused import PlanRefused
from ingest.plan.document.source import Source
from ingest.plan.document.versions import PlanVersion, current, version_of, versions
from ingest.plan.document.versions import apply as apply_document
from ingest.plan.document.write import as_yaml, kpis_csv
from ingest.registry.problem import Place, Problem
from ingest.store.database import Database
from schemas.bilingual import Bilingual, quoted
from schemas.japan import to_jst

APPLY_HELP = Bilingual(
    """運用計画を YAML から、指標を表(CSV)から反映します。

    - は標準入力です。YAML は事業の計画全体で、書かなくなったものは計画からなくなります。
    表だけを渡すと、今の計画の指標のうち、表にある指標と列だけが変わります。
    変更の前の計画は版として残ります。一件でも誤りがあれば、何も書き込みません。

    \b
    noroshi plan apply plan.yaml --dry-run
    noroshi plan apply plan.yaml kpis.csv --reason '猛暑で見回りが増えたため'""",
    """Bring the plan of a project in from YAML, and its KPIs from tables (CSV).

    - is standard input. The YAML is the whole plan: what it no longer says is no longer planned.
    Tables alone change the present plan: the KPIs they have, and of these the columns they have.
    The plan as it was is kept as a version. If one thing is wrong, nothing is written.

    \b
    noroshi plan apply plan.yaml --dry-run
    noroshi plan apply plan.yaml kpis.csv --reason 'more patrols in the heat'""",
)


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of one plan."""

    project: str
    found: Difference


@command("apply", help=APPLY_HELP)
@click.argument("files", nargs=-1, required=True, type=REGISTRY_FILE)
@option(
    "--dry-run", is_flag=True, help=Bilingual("何が変わるかだけを示し、書き込みません。", "Only say what would change")
)
@option(
    "--reason",
    metavar="TEXT",
    default="",
    help=Bilingual(
        "なぜ変えるか。最初の計画のほかは必ず要ります。", "Why it is changed; needed for all but the first plan"
    ),
)
@database_option
def apply(files: tuple[Path, ...], *, dry_run: bool, reason: str, database: str | None) -> None:
    """Read the files, compare them with the database, and write all of it or nothing."""
    wanted = read(files)
    try:
        with open_database(settings_for(database=database)) as connection:
            done = _apply_all(connection, wanted, reason, dry_run=dry_run)
    except StoreUnavailable:
        if wanted.problems:  # problems of the files are told even if the database is down
            raise PlanRefused(wanted.problems) from None
        raise
    for each in done:
        _say_done(each, dry_run=dry_run)


def _apply_all(connection: Database, wanted: Wanted, reason: str, *, dry_run: bool) -> list[_Done]:
    """Apply every plan, and tell all problems of all of them at once."""
    problems, done = list(wanted.problems), []
    for source in wanted.sources.values():
        try:
            # Where a file is wrong nothing will be written, but the rest of it is judged all the same.
            done.append(_apply_one(connection, source, reason, dry_run=dry_run or bool(problems)))
        except PlanRefused as refused:
            problems += refused.problems
    if problems:
        raise PlanRefused(problems)
    return done


def _apply_one(connection: Database, source: Source, reason: str, *, dry_run: bool) -> _Done:
    project_id = project_id_of(connection, source.project)
    if project_id is None:
        place = source.spots.get(("project",)) or (source.rows[0].place if source.rows else Place(source.project, 1))
        none = Bilingual(f"台帳に事業 {source.project} がありません", f"the registry has no project {source.project}")
        problems = [Problem(none, place, quoted("project"))]
        if source.body is not None:
            try:
                document_of(source, None)
            except PlanRefused as refused:
                problems += refused.problems
        raise PlanRefused(problems)
    before = current(connection, project_id)
    document = document_of(source, before.document if before else None)
    found = apply_document(connection, by_command(), project_id, document, reason, dry_run=dry_run, spots=source.spots)
    return _Done(source.project, found)


def _say_done(done: _Done, *, dry_run: bool) -> None:
    found, project = done.found, done.project
    for note in found.notes:
        say(Bilingual(f"注意 {note.ja}", f"note: {note.en}"), err=True)
    for change in found.changes:
        say(Bilingual(f"  {change.said.ja}", f"  {change.said.en}"))
    if not found:
        say(Bilingual(f"事業 {project}: 変わりません。", f"project {project}: nothing changes."))
    elif dry_run:
        first = Bilingual("最初の計画です", "it is the first plan") if found.first else None
        count = Bilingual(f"{len(found.changes)} 件が変わります", f"{len(found.changes)} changes")
        said = first or count
        say(
            Bilingual(
                f"事業 {project}: {said.ja}。書き込みませんでした。",
                f"project {project}: {said.en}. Nothing was written.",
            )
        )
    else:
        say(
            Bilingual(
                f"事業 {project}: 計画の第{found.number}版として保存しました。",
                f"project {project}: stored as version {found.number} of the plan.",
            )
        )


@command(
    "show",
    help=Bilingual(
        "計画を apply が読める形で出力します。csv は指標だけの表です(Excel で開けます)。",
        "Write a plan as `apply` reads it. csv is a table of its KPIs, for Excel.",
    ),
)
@option("--project", metavar="CODE", required=True, help=Bilingual("事業コード。", "Code of the project"))
@option(
    "--format",
    "format_",
    type=click.Choice(["yaml", "json", "csv"]),
    default="yaml",
    show_default=True,
    help=Bilingual("形式。", "Format"),
)
@option(
    "--version",
    "number",
    type=click.IntRange(min=1),
    help=Bilingual("この版。省略時は今の版。", "This version  [default: the present one]"),
)
@option(
    "--versions",
    "all_",
    is_flag=True,
    help=Bilingual("版の一覧(だれが、いつ、なぜ)。", "List who changed it, when, why"),
)
@database_option
def show(project: str, format_: str, number: int | None, *, all_: bool, database: str | None) -> None:
    """Write what the database has."""
    with open_database(settings_for(database=database)) as connection:
        project_id = project_id_or_refused(connection, project)
        found = versions(connection, project_id) if all_ else []
        version = version_of(connection, project_id, number) if number else current(connection, project_id)
    if all_:
        for each in found:
            _say_version(each)
        return
    if version is None:
        raise CallRefused(_no_plan(project, number))
    if format_ == "json":
        say_json(json.dumps(version.document.model_dump(mode="json"), ensure_ascii=False, indent=2).encode())
    else:
        text = as_yaml(version.document) if format_ == "yaml" else kpis_csv(version.document)
        say_file(text.encode())


def _say_version(version: PlanVersion) -> None:
    when = f"{to_jst(version.entered_at):%Y-%m-%d %H:%M}"
    reason = f"  {version.reason}" if version.reason else ""
    say(
        Bilingual(
            f"第{version.number}版  {when}  {version.entered_by}{reason}",
            f"version {version.number}  {when} JST  {version.entered_by}{reason}",
        )
    )


def project_id_or_refused(connection: Database, code: str) -> int:
    """The id of a project. Raises CallRefused for a code that the registry does not have."""
    found = project_id_of(connection, code)
    if found is None:
        raise CallRefused(Bilingual(f"台帳に事業 {code} がありません", f"the registry has no project {code}"))
    return found


def _no_plan(project: str, number: int | None) -> Bilingual:
    if number is not None:
        return Bilingual(
            f"事業 {project} の計画に第{number}版はありません", f"the plan of {project} has no version {number}"
        )
    return Bilingual(
        f"事業 {project} の計画がまだありません。noroshi plan apply で反映するか、画面の「計画」で作ってください",
        f"the project {project} has no plan yet: `noroshi plan apply` one, or make it on the page of the plan",
    )
