"""Periods that are frozen: months, quarters and fiscal years of Japan, and the day each of them is frozen on. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from schemas.bilingual import Bilingual
from schemas.japan import JST, FiscalYear, Month
from schemas.labelled import Labelled
from schemas.plan import Calendar, PlanDocument


class PeriodKind(Labelled):
    """How long a frozen period is. The names stand in the table."""

    MONTH = "month", "月次", "month"
    QUARTER = "quarter", "四半期", "quarter"
    YEAR = "year", "年度", "fiscal year"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A month, quarter or fiscal year, from `first_day` to the day before `until_day`, in Japan."""

    kind: PeriodKind
    first_day: date
    until_day: date

    @property
    def start(self) -> datetime:
        """Midnight in Japan with which it begins."""
        return datetime.combine(self.first_day, time(), JST)

    @property
    def end(self) -> datetime:
        """Midnight in Japan with which it is over."""
        return datetime.combine(self.until_day, time(), JST)

    @property
    def label(self) -> Bilingual:
        """The period in words: 令和8年(2026年)11月; 令和8年度(2026年度)第2四半期."""
        year = FiscalYear.of(self.first_day)
        if self.kind is PeriodKind.MONTH:
            return Bilingual(Month.of(self.first_day).label, f"{self.first_day:%Y-%m}")
        if self.kind is PeriodKind.YEAR:
            return Bilingual(year.label, f"fiscal year {year.year}")
        number = year.months.index(Month.of(self.first_day)) // 3 + 1
        return Bilingual(f"{year.label}第{number}四半期", f"quarter {number} of fiscal year {year.year}")


def month_span(month: Month) -> Span:
    """A calendar month."""
    return Span(PeriodKind.MONTH, month.first_day, month.next.first_day)


def quarter_span(month: Month) -> Span:
    """The quarter of the fiscal year that a month lies in: April to June, and so on."""
    months = FiscalYear.of(month.first_day).months
    number = months.index(month) // 3
    return Span(PeriodKind.QUARTER, months[number * 3].first_day, months[number * 3 + 2].next.first_day)


def year_span(year: FiscalYear) -> Span:
    """A fiscal year."""
    return Span(PeriodKind.YEAR, year.first_day, year.next.first_day)


def span_of(kind: PeriodKind, day: date) -> Span:
    """The period of this kind that a day lies in."""
    if kind is PeriodKind.MONTH:
        return month_span(Month.of(day))
    return quarter_span(Month.of(day)) if kind is PeriodKind.QUARTER else year_span(FiscalYear.of(day))


def spans_of(document: PlanDocument, until: date) -> Iterator[Span]:
    """Every month, quarter and fiscal year that the plan touches and that is over at `until`, in the order of its end.

    Of periods that end together the shorter comes first.
    """
    month = Month.of(document.begins)
    while month.first_day <= document.ends and month.next.first_day <= until:
        yield month_span(month)
        quarter, year = quarter_span(month), year_span(FiscalYear.of(month.first_day))
        if quarter.until_day == month.next.first_day or _is_last(month, document, quarter, until):
            yield quarter
        if year.until_day == month.next.first_day or _is_last(month, document, year, until):
            yield year
        month = month.next


def frozen_from(span: Span, calendar: Calendar) -> date:
    """The day in Japan from which a period is frozen, by the review calendar of the plan.

    A month: on the given day of the next month. A quarter: on that day of the next month of quarterly reviews. A year:
    on the day of the yearly review.
    """
    after = Month.of(span.until_day)
    if span.kind is PeriodKind.YEAR:
        month, day = (int(part) for part in calendar.yearly.split("-"))
        year = after.year if (month, day) >= (after.month, 1) else after.year + 1
        last = Month(year, month).last_day.day
        return date(year, month, min(day, last))
    if span.kind is PeriodKind.QUARTER and calendar.quarterly_months:
        while after.month not in calendar.quarterly_months:
            after = after.next
    return date(after.year, after.month, calendar.monthly_day)


def _is_last(month: Month, document: PlanDocument, span: Span, until: date) -> bool:
    """Whether the plan ends within the period, in this month, and the period itself is over."""
    return month == Month.of(document.ends) and span.until_day <= until
