"""`noroshi plan review`: what was written about a period, more of it, and that the review is done."""

import json

from ingest.cli.account_texts import by_command
from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.options import AS_JSON, database_option, settings_for
from ingest.cli.plan_check import find_project, month_option, project_option, quarter_option, span_asked, year_option
from ingest.cli.say import say, say_json
from ingest.plan.check.review import Review, ReviewText, close_review, lacking, reviews, write_review
from schemas.bilingual import Bilingual, quoted
from schemas.japan import to_jst

HELP = Bilingual(
    """期間の評価(要因分析、課題、改善、外部意見、今後の方針)を示し、書き足し、完了します。

    書いた項目だけが変わり、前の文は残ります。--close は、すべての指標に評価がなければ断ります。

    \b
    noroshi plan review --project tea --year 2026
    noroshi plan review --project tea --year 2026 --kpi patrol --factors 基地局の停電 --direction 継続
    noroshi plan review --project tea --year 2026 --close""",
    """Show what was written about a period (factors, issues, improvement, opinion, direction), add to it, close it.

    Only what is given changes, and what stood there before is kept. --close is refused while a KPI has no evaluation.

    \b
    noroshi plan review --project tea --year 2026
    noroshi plan review --project tea --year 2026 --kpi patrol --factors "gateway without power" --direction "go on"
    noroshi plan review --project tea --year 2026 --close""",
)

_LABELS = {
    "factors": Bilingual("要因分析", "factors"),
    "issues": Bilingual("課題", "issues"),
    "improvement": Bilingual("改善", "improvement"),
    "opinion": Bilingual("外部意見", "opinion"),
    "direction": Bilingual("今後の方針", "direction"),
}


@command(help=HELP)
@project_option
@month_option
@quarter_option
@year_option
@option("--kpi", default="", metavar="CODE", help=Bilingual("この指標について。", "About this KPI"))
@option("--factors", help=_LABELS["factors"])
@option("--issues", help=_LABELS["issues"])
@option("--improvement", help=_LABELS["improvement"])
@option("--opinion", help=_LABELS["opinion"])
@option("--direction", help=_LABELS["direction"])
@option("--close", is_flag=True, help=Bilingual("評価を完了します。", "Say that the review is done"))
@option("--json", "as_json", is_flag=True, help=AS_JSON)
@database_option
def review(
    project: str | None, month: str | None, quarter: str | None, year: int | None, kpi: str, database: str | None,
    *, close: bool, as_json: bool, **texts: str | None,
) -> None:  # fmt: skip
    """Show, write or close the review of one period."""
    span = span_asked(month, quarter, year)
    given = {name: text for name, text in texts.items() if text is not None}
    with open_database(settings_for(database=database), autocommit=True) as connection:
        chosen = find_project(connection, project)
        if given:
            before = reviews(connection, chosen.project_id, span.kind, span.first_day).get(kpi)
            text = {name: getattr(before.text, name) if before else "" for name in _LABELS} | given
            write_review(connection, by_command(), chosen, span.kind, span.first_day, kpi, ReviewText(**text))
        if close:
            close_review(connection, by_command(), chosen, span.kind, span.first_day)
        known = reviews(connection, chosen.project_id, span.kind, span.first_day)
        missing = lacking(connection, chosen.project_id, span.kind, span.first_day)
    if as_json:
        say_json(json.dumps([_object(each) for each in known.values()], ensure_ascii=False, indent=2).encode())
        return
    say(Bilingual(f"{chosen.name} {span.label.ja}", f"{chosen.name}, {span.label.en}"))
    for code in sorted(known):
        _say_review(known[code])
    if "" in known and known[""].closed:
        say(Bilingual("評価は完了しています。", "The review is closed."))
    else:
        say(*(Bilingual(f"未了: {each.ja}", f"to do: {each.en}") for each in missing))


def _say_review(each: Review) -> None:
    at = f"{to_jst(each.entered_at):%Y-%m-%d %H:%M}"
    about = quoted(each.kpi) if each.kpi else Bilingual("全体", "the whole")
    say(Bilingual(f"[{about.ja}] {at} {each.entered_by}", f"[{about.en}] {at} {each.entered_by}"))
    for name, label in _LABELS.items():
        if text := getattr(each.text, name):
            say(Bilingual(f"  {label.ja}: {text}", f"  {label.en}: {text}"))


def _object(each: Review) -> dict[str, object]:
    return {
        "kind": each.kind.value, "first_day": str(each.first_day), "kpi": each.kpi, "closed": each.closed,
        "entered_at": to_jst(each.entered_at).isoformat(), "entered_by": each.entered_by,
        **{name: getattr(each.text, name) for name in _LABELS},
    }  # fmt: skip
