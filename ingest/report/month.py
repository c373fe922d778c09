"""A calendar month as a Japanese office counts it: from midnight to midnight in Japan, named in 令和 and A.D."""

import re
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

from ingest.errors import CallRefused

JST = timezone(timedelta(hours=9), "JST")
"""Japan has no daylight saving time."""

_REIWA_BEGAN = (2019, 5)
_FIRST_YEAR = 2000


class Month(NamedTuple):
    """Year (A.D.) and month (1-12)."""

    year: int
    month: int

    @property
    def first_day(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day."""
        return self._next.first_day - timedelta(days=1)

    @property
    def start(self) -> datetime:
        """Midnight in Japan with which the month begins."""
        return datetime(self.year, self.month, 1, tzinfo=JST)

    @property
    def end(self) -> datetime:
        """Midnight in Japan with which the next month begins."""
        return self._next.start

    @property
    def label(self) -> str:
        """令和8年(2026年)11月."""
        if self < _REIWA_BEGAN:
            return f"{self.year}年{self.month}月"
        reiwa = self.year - 2018
        return f"令和{'元' if reiwa == 1 else reiwa}年({self.year}年){self.month}月"

    @property
    def _next(self) -> "Month":
        return Month(self.year + 1, 1) if self.month == 12 else Month(self.year, self.month + 1)


def parse_month(text: str) -> Month:
    """`2026-11` as a Month. Raises CallRefused saying how to write it."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
    if match is None or not 1 <= int(match[2]) <= 12 or int(match[1]) < _FIRST_YEAR:
        raise CallRefused(f"--month {text}: write a month as YYYY-MM, e.g. 2026-11 (対象月は 2026-11 のように書きます)")
    return Month(int(match[1]), int(match[2]))
