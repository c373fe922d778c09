"""`noroshi plan measure`: improvement measures of a project, entered, moved on and listed."""

import json
from datetime import UTC, datetime
from typing import Any

import click

from ingest.cli.account_texts import by_command
from ingest.cli.command import group, option
from ingest.cli.database import open_database
from ingest.cli.options import AS_JSON, database_option, settings_for
from ingest.cli.plan_check import find_project, project_option
from ingest.cli.say import say, say_json, say_lines
from ingest.plan.act.coded import draft_by_codes
from ingest.plan.act.measures import Move, enter_measure, measures_of, move_measure
from ingest.plan.act.model import Measure
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear
from schemas.work import MeasureKind, MeasureState

DAY = click.DateTime(["%Y-%m-%d"])


@group(help=Bilingual("改善措置。", "Improvement measures."))
def measure() -> None:
    """The group of these commands."""


ADD_HELP = Bilingual(
    """改善措置を「提案」として登録し、その番号を示します。

    \b
    noroshi plan measure add 中継機を置く --project tea --owner 防災課 --due 2026-12-25 --network nogyo-halow""",
    """Enter an improvement measure as proposed, and say its number.

    \b
    noroshi plan measure add "A relay" --project tea --owner Bosai --due 2026-12-25 --network nogyo-halow""",
)


@measure.command("add", help=ADD_HELP)
@click.argument("title")
@option("--owner", required=True, help=Bilingual("担当。", "Who does it"))
@option("--due", required=True, type=DAY, help=Bilingual("期限。", "When it is to be done"))
@option(
    "--year", type=click.IntRange(2015, 2100),
    help=Bilingual("年度。なければ期限の年度。", "Fiscal year; without it that of the day it is due"),
)  # fmt: skip
@option(
    "--kind", type=click.Choice([each.value for each in MeasureKind]), default=MeasureKind.IMPROVEMENT.value,
    help=Bilingual("種類。", "Kind"),
)  # fmt: skip
@option("--detail", default="", help=Bilingual("内容。", "Details"))
@option("--kpi", multiple=True, metavar="CODE", help=Bilingual("関係する指標。", "A KPI it is about"))
@option("--device", multiple=True, metavar="CODE", help=Bilingual("対象の機器。", "A device it is about"))
@option("--network", multiple=True, metavar="CODE", help=Bilingual("対象の通信網。", "A network it is about"))
@option("--figure", default="completeness", help=Bilingual("効果を見る数値。", "Figure whose change is its effect"))
@option("--cost", type=click.IntRange(0), default=0, help=Bilingual("費用(円)。", "Cost in yen"))
@option("--window", type=int, default=28, help=Bilingual("前後を比べる日数。", "Days compared before and after"))
@project_option
@database_option
def add(**given: Any) -> None:
    """Enter the measure."""
    due = given["due"].date()
    said = {
        "title": given["title"], "owner": given["owner"], "due": due, "detail": given["detail"],
        "fiscal_year": given["year"] or FiscalYear.of(due).year, "kind": MeasureKind(given["kind"]),
        "kpis": tuple(given["kpi"]), "figure": given["figure"], "cost_yen": given["cost"],
        "window_days": given["window"],
    }  # fmt: skip
    with open_database(settings_for(database=given["database"])) as connection:
        project = find_project(connection, given["project"])
        draft = draft_by_codes(connection, project.project_id, given["device"], given["network"], said)
        (_, number), _ = enter_measure(connection, by_command(), project, draft, None)
    say(Bilingual(f"改善措置 {number} を登録しました。", f"Measure {number} was entered."))


@measure.command("move", help=Bilingual("改善措置を次の状態に進めます。", "Move a measure to another state."))
@click.argument("number", type=click.IntRange(1))
@click.argument("state", type=click.Choice([each.value for each in MeasureState]))
@option("--done-on", type=DAY, help=Bilingual("実施日(done のとき)。", "The day it was done, of done"))
@option("--result", help=Bilingual("結果。", "What came of it"))
@option("--note", default="", help=Bilingual("備考、理由。", "Note, or why"))
@project_option
@database_option
def move(
    number: int, state: str, done_on: datetime | None, result: str | None, note: str, project: str | None,
    database: str | None,
) -> None:  # fmt: skip
    """Move the measure."""
    wanted = Move(MeasureState(state), None if done_on is None else done_on.date(), result, note)
    with open_database(settings_for(database=database)) as connection:
        found = find_project(connection, project)
        moved = move_measure(connection, by_command(), found, number, wanted, datetime.now(UTC))
    say(
        Bilingual(
            f"改善措置 {number}: {moved.state.label.ja}にしました。", f"Measure {number} is {moved.state.label.en} now."
        )
    )


@measure.command("list", help=Bilingual("改善措置の一覧。", "List the measures."))
@option("--year", type=click.IntRange(2015, 2100), help=Bilingual("この年度。", "This fiscal year"))
@option("--json", "as_json", is_flag=True, help=AS_JSON)
@project_option
@database_option
def list_(year: int | None, project: str | None, database: str | None, *, as_json: bool) -> None:
    """List them."""
    with open_database(settings_for(database=database)) as connection:
        rows = measures_of(connection, find_project(connection, project).project_id, year)
    if as_json:
        say_json(json.dumps([_as_json(row) for row in rows], ensure_ascii=False, indent=2).encode())
        return
    say_lines([f"{row.number:>3}  {row.due}  {row.state.label}  {row.title} ({row.owner})" for row in rows])


def _as_json(row: Measure) -> dict[str, Any]:
    return {
        "number": row.number, "title": row.title, "owner": row.owner, "due": row.due.isoformat(),
        "state": row.state.value, "fiscal_year": row.fiscal_year,
    }  # fmt: skip
