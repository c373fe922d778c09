"""`noroshi plan check` and `noroshi plan freeze`: what a period came to, and keeping it as it was."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from ingest.access.authority import PROJECT, NotThere
from ingest.cli.account_texts import by_command
from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.options import AS_JSON, database_option, settings_for
from ingest.cli.say import say, say_json, say_lines
from ingest.cli.table import padded, width
from ingest.errors import CallRefused
from ingest.figures.project import ProjectRef, project_refs
from ingest.plan.check.actual import cut
from ingest.plan.check.body import kpi_json
from ingest.plan.check.freeze import NO_PLAN, Snapshot, awaits_outages, due_spans, freeze
from ingest.plan.check.results import KpiResult, kpi_results
from ingest.plan.check.spans import Span, month_span, quarter_span, year_span
from ingest.plan.document.achievement import shown
from ingest.plan.document.years import year_written
from ingest.report.month import parse_month
from ingest.store.database import Database
from schemas.bilingual import Bilingual, joined, quoted
from schemas.japan import FiscalYear

FISCAL_YEARS = range(2015, 2101)
NO_VALUE = "―"
REFERENCE = Bilingual("参考値", "reference only")

project_option = option(
    "--project",
    metavar="CODE",
    help=Bilingual("事業。一つしかなければ省略できます。", "Project; may be left out where there is one"),
)
month_option = option("--month", metavar="YYYY-MM", help=Bilingual("この月。", "This month"))
quarter_option = option(
    "--quarter", metavar="YYYY-MM", help=Bilingual("この月を含む四半期。", "The quarter with this month in it")
)


class Year(click.ParamType[int]):
    """A fiscal year as people write it: 2026, R8, 令和8年度."""

    name = "year"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Part of click's ParamType: the year in which it begins. Refuses other texts, and says how to write one."""
        text = year_written(str(value))
        if not (text.isascii() and text.isdigit() and int(text) in FISCAL_YEARS):
            why = Bilingual(
                f"{value!r} は年度ではありません。2026、R8、令和8年度 のどれかの形で書いてください",
                f"{value!r} is no fiscal year; write 2026 or R8",
            )
            self.fail(str(why), param, ctx)
        return int(text)


year_option = option(
    "--year",
    type=Year(),
    metavar="YEAR",
    help=Bilingual("この年度(2026、R8、令和8年度)。", "This fiscal year, as 2026 or R8"),
)


def find_project(connection: Database, code: str | None) -> ProjectRef:
    """The project of this code, or the only one. Raises CallRefused."""
    projects = project_refs(connection)
    if code is None and len(projects) != 1:
        known = " ".join(project.code for project in projects)
        raise CallRefused(
            Bilingual(f"--project で事業を選んでください: {known}", f"choose a project by --project: {known}")
        )
    found = next((project for project in projects if code in (None, project.code)), None)
    if found is None:
        raise NotThere(PROJECT)
    return found


def span_asked(month: str | None, quarter: str | None, year: int | None) -> Span:
    """The one period that was named. Raises CallRefused if none was, or several."""
    if sum(each is not None for each in (month, quarter, year)) != 1:
        raise CallRefused(
            Bilingual(
                "--month、--quarter、--year のどれか一つを書いてください", "give one of --month, --quarter, --year"
            )
        )
    if year is not None:
        return year_span(FiscalYear(year))
    return month_span(parse_month(month)) if month else quarter_span(parse_month(quarter or ""))


CHECK_HELP = Bilingual(
    """ひと月(または四半期、年度)の指標の実績、達成率、評価を示します。何も書き込みません。

    \b
    noroshi plan check --project tea --month 2026-10
    noroshi plan check --project tea --year 2026 --json""",
    """Show what the KPIs of a month (or a quarter, or a fiscal year) came to. Nothing is written.

    \b
    noroshi plan check --project tea --month 2026-10
    noroshi plan check --project tea --year 2026 --json""",
)


@command(help=CHECK_HELP)
@project_option
@month_option
@quarter_option
@year_option
@option("--json", "as_json", is_flag=True, help=AS_JSON)
@database_option
def check(
    project: str | None,
    month: str | None,
    quarter: str | None,
    year: int | None,
    database: str | None,
    *,
    as_json: bool,
) -> None:
    """Compute the KPIs of one period and print them."""
    span = span_asked(month, quarter, year)
    with open_database(settings_for(database=database)) as connection:
        chosen = find_project(connection, project)
        found = kpi_results(connection, chosen.project_id, span.first_day, span.until_day, datetime.now(UTC))
        due = due_spans(connection, chosen.project_id, datetime.now(UTC))
    if found is None:
        raise CallRefused(NO_PLAN)
    if as_json:
        answer = {"project": chosen.code, "first_day": str(span.first_day), "until_day": str(span.until_day),
                  "plan_number": found.plan.number, "kpis": [kpi_json(each) for each in found.kpis]}  # fmt: skip
        say_json(json.dumps(answer, ensure_ascii=False, indent=2).encode())
        return
    say(Bilingual(f"{chosen.name} {span.label.ja}", f"{chosen.name}, {span.label.en}"), *found.notes)
    say_lines(_table([_HEAD, *(_cells(each) for each in found.kpis)]))
    say(*_remarks(found.kpis))
    if due:
        named = joined((each.label for each in due), "、", ", ")
        say(
            Bilingual(
                f"確定していない期間: {named.ja}(noroshi plan freeze)",
                f"not frozen yet: {named.en} (noroshi plan freeze)",
            )
        )


FREEZE_HELP = Bilingual(
    """実績を確定します。期間を書かなければ、計画の暦で確定の日が来ているすべてを確定します。

    確定した期間を書くと、結果が変わっていれば改版します。確定したものは、決して書き換えません。

    \b
    noroshi plan freeze --project tea
    noroshi plan freeze --project tea --month 2026-10 --reason 修理した機器のまとめ送り""",
    """Freeze what periods came to. Without a period, all that are due by the calendar of the plan.

    A period that is frozen already gets a revision if its results are not the same any more. Nothing that is frozen is
    ever changed.

    \b
    noroshi plan freeze --project tea
    noroshi plan freeze --project tea --month 2026-10 --reason "backfill of a repaired device\"""",
)


@command("freeze", help=FREEZE_HELP)
@project_option
@month_option
@quarter_option
@year_option
@option("--reason", default="", help=Bilingual("改版の理由。", "Why it is revised"))
@option(
    "--force",
    is_flag=True,
    help=Bilingual(
        "停止の検出が期間の終わりまで済んでいなくても確定します。",
        "Freeze also before outages were looked for up to the end of the period",
    ),
)
@database_option
def freeze_(
    project: str | None,
    month: str | None,
    quarter: str | None,
    year: int | None,
    reason: str,
    database: str | None,
    *,
    force: bool,
) -> None:
    """Freeze one period, or all that are due."""
    now = datetime.now(UTC)
    with open_database(settings_for(database=database), autocommit=True) as connection:
        chosen = find_project(connection, project)
        if month or quarter or year:
            spans = [span_asked(month, quarter, year)]
        else:
            spans = due_spans(connection, chosen.project_id, now)
        waiting = [] if force else [span for span in spans if span.end <= now and awaits_outages(connection, span)]
        if waiting and len(waiting) == len(spans):
            raise CallRefused(_waiting(waiting))
        frozen = [
            (span, freeze(connection, by_command(), chosen, span, now, reason)) for span in spans if span not in waiting
        ]
    if waiting:
        say(_waiting(waiting))
    if not spans:
        say(Bilingual("確定の日が来ている期間はありません。", "No period is due."))
    for span, made in frozen:
        say(_frozen(span, made))


def _waiting(spans: Sequence[Span]) -> Bilingual:
    named = joined((each.label for each in spans), "、", ", ")
    return Bilingual(
        f"{named.ja}: 停止の検出が期間の終わりまで済んでいないため、確定しません。"
        "サービスの処理 outages が済むのを待つか、"
        "停止を不明のまま確定するときは --force を付けてください",
        f"{named.en}: not frozen, because outages were not looked for up to the end of the period; wait for the job"
        " outages of the service, or freeze without knowing the outages by --force",
    )


def _frozen(span: Span, made: Snapshot | None) -> Bilingual:
    if made is None:
        return Bilingual(f"{span.label.ja}: 変わりはありません", f"{span.label.en}: nothing changed")
    digest = made.digest.hex()[:16]
    if made.difference is None:
        return Bilingual(f"{span.label.ja}: 確定しました({digest})", f"{span.label.en}: frozen ({digest})")
    count = len(made.difference)
    return Bilingual(
        f"{span.label.ja}: 第{made.revision}版、{count} か所が変わりました。{made.reason}({digest})",
        f"{span.label.en}: revision {made.revision}, {count} differences; {made.reason} ({digest})",
    )


def _cells(each: KpiResult) -> tuple[Bilingual, ...]:
    value = NO_VALUE if each.actual.value is None else f"{cut(each.actual.value, each.decimals):,f}"
    mark = Bilingual(f"({REFERENCE.ja})", f" ({REFERENCE.en})") if each.actual.reference_only else quoted("")
    return (
        quoted(each.code),
        quoted(each.label),
        quoted(NO_VALUE if each.target is None else f"{cut(each.target, each.decimals):,f}"),
        Bilingual(f"{value} {each.unit}{mark.ja}", f"{value} {each.unit}{mark.en}"),
        quoted(NO_VALUE if each.rate is None else f"{shown(each.rate)} %"),
        quoted(each.grade or NO_VALUE),
    )


_HEAD = (
    Bilingual("指標", "KPI"),
    Bilingual("名称", "name"),
    Bilingual("目標", "target"),
    Bilingual("実績", "actual"),
    Bilingual("達成率", "rate"),
    Bilingual("評価", "grade"),
)


def _table(rows: Sequence[tuple[Bilingual, ...]]) -> Iterator[str]:
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(width(row[column]) for row in texts) + 2 for column in range(len(texts[0]))]
    for row in texts:
        yield "".join(padded(text, columns) for text, columns in zip(row, widths, strict=True)).rstrip()


def _remarks(kpis: Sequence[KpiResult]) -> Iterator[Bilingual]:
    for each in kpis:
        why = each.actual.missing or each.rate_missing
        for said in (*((why,) if why else ()), *each.changes):
            yield Bilingual(f"{each.code}: {said.ja}", f"{each.code}: {said.en}")
