"""Periods of retention (保存期間) of a project, and the least that the subsidy demands."""

from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from schemas.bilingual import Bilingual
from schemas.japan import JST, FiscalYear
from schemas.labelled import Labelled

DUTY_YEARS = 5
DUTY_MONTHS = 12 * (DUTY_YEARS + 1)
"""Months from the first day of the fiscal year of completion to the last day of the fifth year after it."""

DUTY = Bilingual(
    "補助事業は、完了年度の翌年度から5年度の報告と、その間の証拠の保管が必要です",
    "the subsidy has its recipient report for five fiscal years after the year of completion,"
    " and keep the evidence as long",
)


class RetentionKind(Labelled):
    """What a period of retention is about."""

    RAW = "raw", "測定値", "readings"
    ROLLUP = "rollup", "集計値", "sums"
    QUARANTINE = "quarantine", "隔離", "quarantine"
    LINK = "link", "受信記録", "reception records"
    LOG = "log", "収支記録", "account"


Months = Annotated[int, Field(ge=1, le=1200)]


def duty_ends(completed_on: date) -> datetime:
    """The first moment after the duty: 1 April in Japan after the fifth fiscal year (4月〜3月) after completion."""
    return FiscalYear(FiscalYear.of(completed_on).year + DUTY_YEARS).end


def on_duty(completed_on: date | None, now: datetime) -> bool:
    """Whether the subsidy still demands all data of a project, as it does before completion."""
    return completed_on is None or now < duty_ends(completed_on)


def too_short(months: int, completed_on: date | None, now: datetime) -> bool:
    """Whether this period would delete evidence that the subsidy still demands."""
    return months < DUTY_MONTHS and on_duty(completed_on, now)


def months_before(now: datetime, months: int) -> datetime:
    """The same day in Japan `months` earlier, at midnight; the last day of the month if it has no such day."""
    local = now.astimezone(JST)
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    first = datetime(year, month + 1, 1, tzinfo=JST)
    following = datetime(year + (month + 1) // 12, (month + 1) % 12 + 1, 1, tzinfo=JST)
    return first + timedelta(days=min(local.day, (following - first).days) - 1)
