"""Japan's clock, months, fiscal years and eras, and the characters of its office programs."""

import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NamedTuple

JST_OFFSET_S = 9 * 3600
JST = timezone(timedelta(seconds=JST_OFFSET_S), "JST")
"""Japan has had no summer time since 1951, so a fixed offset is exact."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_REIWA_BEGAN = (2019, 5)
_BEFORE_REIWA = 2018
APRIL = 4
"""The month with which a fiscal year begins."""

# The same sign in two code points: the one most programs write -> the one in CP932.
_CP932_TWINS = {
    0x301C: 0xFF5E,  # wave dash -> full-width tilde
    0x2212: 0xFF0D,  # minus sign -> full-width hyphen-minus
    0x2014: 0x2015,  # em dash -> horizontal bar
    0x2016: 0x2225,  # double vertical line -> parallel to
    0x00B5: 0x03BC,  # micro sign -> mu
    0x00A0: 0x0020,  # no-break space -> space
}
_GETA = "〓"
"""The sign that Japanese printers set for a missing character."""


def now_jst() -> datetime:
    """The present time in JST."""
    return datetime.now(JST)


def to_jst(at: datetime) -> datetime:
    """The same time on a Japanese clock. A time without zone is taken as UTC."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(JST)


def to_datetime(time_us: int) -> datetime:
    """Microseconds since 1970 as an aware time in UTC, without a detour over floating point."""
    return EPOCH + timedelta(microseconds=time_us)


def to_us(at: datetime) -> int:
    """An aware time as whole microseconds since 1970; smaller parts are cut off."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class Month(NamedTuple):
    """A calendar month from midnight to midnight in Japan: year (A.D.) and month (1-12)."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The one this day of Japan lies in. A datetime is taken as its date: bring it to JST before."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day."""
        return self.next.first_day - timedelta(days=1)

    @property
    def start(self) -> datetime:
        """Midnight in Japan with which the month begins."""
        return datetime(self.year, self.month, 1, tzinfo=JST)

    @property
    def end(self) -> datetime:
        """Midnight in Japan with which the next month begins."""
        return self.next.start

    @property
    def next(self) -> "Month":
        """The next month."""
        return Month(self.year + 1, 1) if self.month == 12 else Month(self.year, self.month + 1)

    @property
    def label(self) -> str:
        """令和8年(2026年)11月; 2019年4月 before the era began."""
        if self < _REIWA_BEGAN:
            return f"{self.year}年{self.month}月"
        return f"令和{_era_year(self.year)}年({self.year}年){self.month}月"


class FiscalYear(NamedTuple):
    """年度: from 1 April to 31 March, named after the year (A.D.) in which it begins."""

    year: int

    @classmethod
    def of(cls, day: date) -> "FiscalYear":
        """The one this day of Japan lies in. A datetime is taken as its date: bring it to JST before."""
        return cls(day.year if day.month >= APRIL else day.year - 1)

    @property
    def first_day(self) -> date:
        """The first day, 1 April."""
        return date(self.year, APRIL, 1)

    @property
    def last_day(self) -> date:
        """The last day, 31 March of the next year."""
        return self.next.first_day - timedelta(days=1)

    @property
    def start(self) -> datetime:
        """Midnight in Japan with which the fiscal year begins."""
        return self.months[0].start

    @property
    def end(self) -> datetime:
        """Midnight in Japan with which the next fiscal year begins."""
        return self.next.start

    @property
    def next(self) -> "FiscalYear":
        """The next fiscal year."""
        return FiscalYear(self.year + 1)

    @property
    def months(self) -> tuple[Month, ...]:
        """Its twelve months, April to March."""
        months = [Month(self.year, APRIL)]
        while len(months) < 12:
            months.append(months[-1].next)
        return tuple(months)

    @property
    def label(self) -> str:
        """令和8年度(2026年度); the one in which the era began is 令和元年度, one before it is 2018年度."""
        if self.year <= _BEFORE_REIWA:
            return f"{self.year}年度"
        return f"令和{_era_year(self.year)}年度({self.year}年度)"


def to_cp932(text: str) -> bytes:
    """The text in CP932 (Shift_JIS of Windows), every character as itself, its twin, its compatibility form, or 〓."""
    return "".join(_fitting(character) for character in text.translate(_CP932_TWINS)).encode("cp932")


def not_in_cp932(text: str) -> tuple[str, ...]:
    """The characters of a text in place of which `to_cp932` writes 〓, each once, in order."""
    found = dict.fromkeys(text.translate(_CP932_TWINS))
    return tuple(character for character in found if character != _GETA and _fitting(character) == _GETA)


def _fitting(character: str) -> str:
    for candidate in (character, unicodedata.normalize("NFKC", character)):
        try:
            candidate.encode("cp932")
        except UnicodeEncodeError:
            continue
        return candidate
    return _GETA


def _era_year(year: int) -> str:
    """A year of an era as text; the first is 元年."""
    reiwa = year - _BEFORE_REIWA
    return "元" if reiwa == 1 else str(reiwa)
