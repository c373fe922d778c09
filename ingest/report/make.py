"""Makes a report: which project, which kind, which period; the layout of that period and the plan valid at its end."""

from collections.abc import Mapping
from datetime import date, datetime

from ingest.errors import CallRefused
from ingest.figures.fetch import Database, snapshot
from ingest.figures.project import ProjectEntry, project_of_id
from ingest.plan.check.results import plan_of_period
from ingest.report.compose import compose_report
from ingest.report.layouts import LayoutFile, layout_files, layout_of
from ingest.report.source.base import Asked
from ingest.report.source.duty import count_report
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, Month, to_jst
from schemas.report_document import Period, ReportDocument, ReportKind, Said

_OF_TARGETS = frozenset({ReportKind.MONTHLY, ReportKind.YEARLY, ReportKind.EFFECT})
"""What says how far targets were reached: without a plan it cannot."""

_RUNS = Said(
    ja="期間の途中で作成したもので、集計時点までの値です。",
    en="Made while the period runs: the figures count up to the time of the count.",
)
_PLAN_CAME_LATER = Said(
    ja="計画は期間が終わったあとに登録されたもので、その最初の版で数えています。",
    en="The plan was entered after the end of the period; its first version is used.",
)
_NO_PLAN = Said(
    ja="計画(KPI・目標)が登録されていないため、達成状況は数えられません。",
    en="No plan is entered, so what was achieved cannot be computed.",
)


def make_report(
    connection: Database,
    project_id: int,
    kind: ReportKind,
    period: Period,
    now: datetime,
    made_by: str,
    kept: Mapping[str, object] | None = None,
) -> ReportDocument:
    """The document of one report as of `now` (aware), every figure from one look at the database.

    `kept`: what sources of this kind are told beforehand (`Asked.kept`).
    The connection must not be within a transaction. Raises CallRefused for a project that this connection does not
    see, for a kind that has no layout, for a span that the kind is not about, and for a period that has not begun.
    """
    refuse_future(period, now)
    file = _layout(kind, period)
    with snapshot(connection):
        project = project_of_id(connection, project_id)
        if project is None:
            raise CallRefused(NO_PROJECT)
        asked, marks = _ask(connection, project_id, project, kind, period, now)
        asked.kept.update(kept or {})
        document = compose_report(asked, file, made_by, count_report(asked))
    return document.model_copy(update={"marks": (*marks, *document.marks)})


NO_PROJECT = Bilingual("台帳にない事業です", "the registry has no such project")


def kinds_offered() -> tuple[ReportKind, ...]:
    """The kinds of reports that have a layout, in the order in which they are listed; the set of a year is none."""
    known = {file.layout.kind for file in layout_files()} - {ReportKind.SET}
    return tuple(kind for kind in ReportKind if kind in known)


def span_of(kind: ReportKind) -> str:
    """What the newest layout of a kind is about: month, year or day. Raises CallRefused for a kind without a layout."""
    return spans_of(kind)[0]


def spans_of(kind: ReportKind) -> tuple[str, ...]:
    """The same, with what else it may be about: open data of a year, or of a month."""
    layout = _layout_at(kind, date.max).layout
    return (layout.span, *layout.also)


def period_of(kind: ReportKind, asked: FiscalYear | Month | None, now: datetime) -> Period:
    """The period of a report of this kind as of `now` (aware).

    What is about the state on a day takes the last day of the fiscal year or month, today while it runs, and today
    where none is asked for. Raises CallRefused for a month where a year is needed, and the other way round.
    """
    spans = spans_of(kind)
    if "day" in spans:
        return _day(asked, now)
    if "year" in spans and isinstance(asked, FiscalYear):
        return Period.of_year(asked, to_jst(now))
    if "month" in spans and isinstance(asked, Month):
        return Period.of_month(asked, to_jst(now))
    raise CallRefused(_wrong_span(kind, spans[0]))


def same_period(span: str, first_day: date, now: datetime) -> Period:
    """The period of a report that is kept, as of `now`."""
    at = to_jst(now)
    if span == "year":
        return Period.of_year(FiscalYear.of(first_day), at)
    return Period.of_month(Month.of(first_day), at) if span == "month" else Period.of_day(first_day, at)


def refuse_future(period: Period, now: datetime) -> None:
    """Raises CallRefused for a period that has not begun."""
    if period.first_day > to_jst(now).date():
        raise CallRefused(
            Bilingual(
                f"{period.label} はまだ始まっていません。報告するものがありません",
                f"{period.label} has not begun yet: there is nothing to report",
            )
        )


def _ask(
    connection: Database, project_id: int, project: ProjectEntry, kind: ReportKind, period: Period, now: datetime
) -> tuple[Asked, tuple[Said, ...]]:
    """What the sources are asked, and what a reader has to know first."""
    found = plan_of_period(connection, project_id, date.fromordinal(period.last_day.toordinal() + 1))
    plan, later = found or (None, False)
    needs_plan, runs = kind in _OF_TARGETS, not period.over and period.last_day != period.first_day
    marks = [
        mark
        for mark, holds in (
            (_RUNS, runs), (_NO_PLAN, needs_plan and plan is None), (_PLAN_CAME_LATER, needs_plan and later),
        )
        if holds
    ]  # fmt: skip
    return Asked(connection, project_id, project, kind, period, plan, now), tuple(marks)


def _layout(kind: ReportKind, period: Period) -> LayoutFile:
    file = _layout_at(kind, period.first_day)
    if period.span not in (file.layout.span, *file.layout.also):
        raise CallRefused(_wrong_span(kind, file.layout.span))
    return file


def _layout_at(kind: ReportKind, day: date) -> LayoutFile:
    if kind not in (*kinds_offered(), ReportKind.SET):
        said = kind.label
        raise CallRefused(Bilingual(f"{said.ja}の様式がありません", f"there is no layout of the {said.en}"))
    return layout_of(kind, day)


def _day(asked: FiscalYear | Month | None, now: datetime) -> Period:
    """The last day of what is asked for, today while it runs; its first day, which is refused, before it begins."""
    today = to_jst(now).date()
    if asked is None:
        return Period.of_day(today, to_jst(now))
    return Period.of_day(max(asked.first_day, min(asked.last_day, today)), to_jst(now))


_SPANS = {
    "month": Bilingual("月ごとです。対象月を選んでください", "about a month: say which"),
    "year": Bilingual("年度ごとです。対象年度を選んでください", "about a fiscal year: say which"),
    "day": Bilingual("ある日の状態についてです", "about the state on a day"),
}


def _wrong_span(kind: ReportKind, span: str) -> Bilingual:
    label, said = kind.label, _SPANS[span]
    return Bilingual(f"{label.ja}は{said.ja}", f"the {label.en} is {said.en}")
