"""What a project has to hand in and when (暦): a data file, because programmes change their dates every year."""

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, NamedTuple

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, Month
from schemas.report_document import Name, ReportKind

EVERY = "every"
_FORM = re.compile(r"(every|0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


class About(StrEnum):
    """Of which period a duty is, seen from the day on which it begins."""

    LAST_MONTH = "last_month"
    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"


def _checked(text: str) -> str:
    if _FORM.fullmatch(text) is None:
        raise ValueError(
            Bilingual(
                f"{text}: 毎年の日は 04-30、毎月の日は every-10 のように書いてください",
                f"{text}: write a day of every year as 04-30, of every month as every-10",
            )
        )
    return text


Day = Annotated[str, BeforeValidator(str), AfterValidator(_checked)]


class Duty(BaseModel):
    """One line of the calendar, from `begins` to `ends`, both included. `kind`: what is made; None: no report.

    `only_new`: only for a project that is completed in this fiscal year, or not yet. `remind_days`: so many days before
    the last one whoever wants to be reminded gets an e-mail.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Name
    kind: ReportKind | None
    about: About
    begins: Day
    ends: Day
    only_new: bool = False
    remind_days: int = Field(14, ge=0, le=90)
    ja: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @property
    def said(self) -> Bilingual:
        """What is to be done."""
        return Bilingual(self.ja, self.en)

    @property
    def monthly(self) -> bool:
        """Whether it falls due every month."""
        return self.begins.startswith(EVERY)


class Calendar(BaseModel):
    """The data file. `set`: the kinds that belong to the set of a year, in the order of the cover letter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    set: tuple[ReportKind, ...]
    duties: tuple[Duty, ...]


class Due(NamedTuple):
    """A duty in its time: from the first to the last day, about a month or a fiscal year."""

    duty: Duty
    first_day: date
    last_day: date
    about: Month | FiscalYear


@cache
def report_calendar() -> Calendar:
    """The calendar of `report_calendar.yaml`."""
    body: Any = yaml.safe_load(files("schemas").joinpath("report_calendar.yaml").read_bytes())
    return Calendar.model_validate(body)


def dues_of_year(year: FiscalYear, duties: tuple[Duty, ...]) -> list[Due]:
    """Every duty that begins within a fiscal year, by the day on which it ends."""
    found = [due for duty in duties for due in _in_year(year, duty)]
    return sorted(found, key=lambda due: (due.last_day, due.first_day))


def dues_around(today: date, duties: tuple[Duty, ...], *, ahead_days: int = 60, behind_days: int = 31) -> list[Due]:
    """The duties that run today, begin soon, or ended not long ago, by the day on which they end."""
    year = FiscalYear.of(today)
    years = (FiscalYear(year.year - 1), year, year.next)
    every = [due for each in years for due in dues_of_year(each, duties)]
    until, since = today + timedelta(days=ahead_days), today - timedelta(days=behind_days)
    return sorted(
        (due for due in every if due.first_day <= until and due.last_day >= since), key=lambda due: due.last_day
    )


def _in_year(year: FiscalYear, duty: Duty) -> Iterator[Due]:
    months = year.months if duty.monthly else (_month_in(year, duty.begins),)
    for month in months:
        first = _day_of(month, duty.begins)
        last = _day_of(month, duty.ends) if duty.monthly else _after(first, duty.ends)
        yield Due(duty, first, last, _about(duty, first))


def _month_in(year: FiscalYear, written: str) -> Month:
    number = int(written[:2])
    return next(month for month in year.months if month.month == number)


def _after(first: date, written: str) -> date:
    """The first such day of a year at or after a day."""
    year = first.year if (int(written[:2]), int(written[3:])) >= (first.month, first.day) else first.year + 1
    return _day_of(Month(year, int(written[:2])), written)


def _day_of(month: Month, written: str) -> date:
    """The day in a month; the 31st of a shorter month, and 28 February of a leap year, are its last day."""
    last = calendar.monthrange(*month)[1]
    day = int(written.rpartition("-")[2])
    return month.first_day.replace(day=last if day >= min(last, 28) and month.month == 2 else min(day, last))


def _about(duty: Duty, first: date) -> Month | FiscalYear:
    match duty.about:
        case About.LAST_MONTH:
            return Month.of(first.replace(day=1) - timedelta(days=1))
        case About.LAST_YEAR:
            return FiscalYear(FiscalYear.of(first).year - 1)
        case About.THIS_YEAR:
            return FiscalYear.of(first)
