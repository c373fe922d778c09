"""Writes times, durations, numbers and codes for people, in one language."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from ingest.figures.model import CorrectionInForce, Latest
from ingest.figures.stages import Stage
from ingest.web.text import CATALOGUES, Language
from ingest.web.text.states_ja import STATE_NAMES as STATE_NAMES_JA
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, to_jst
from schemas.quantity import Quantity, written_unit
from schemas.reading import Quality
from schemas.rejection import RejectionReason

_FLAG_TEXTS = {flag: f"flag_{(flag.name or '').lower()}" for flag in Quality}
_FIRST_CJK = "\u3000"
"""From here on characters are Japanese: 回, 秒, 人."""


class Writer:
    """Writes for one reader: language chosen, present moment fixed."""

    def __init__(self, language: Language, now: datetime) -> None:
        self.language = language
        self.texts: Mapping[str, str] = CATALOGUES[language]
        self.now = to_jst(now)

    def moment(self, at: datetime | None) -> str:
        """A time as short as is clear: 09:12 today, 11月23日 09:12 this year, 2025年3月1日 before."""
        if at is None:
            return self.texts["not_given"]
        local = to_jst(at)
        if local.date() == self.now.date():
            return f"{local:%H:%M:%S}"
        if local.year == self.now.year:
            return f"{self.day(local)} {local:%H:%M}"
        return self.day(local, year=True)

    def moment_of(self, since_s: float) -> str:
        """`moment` of seconds since 1970."""
        return self.moment(datetime.fromtimestamp(since_s, UTC))

    def day(self, at: datetime, *, year: bool = False) -> str:
        """A date: 11月23日, or Nov 23."""
        local = to_jst(at)
        if self.language is Language.JA:
            return f"{local.year}年{local.month}月{local.day}日" if year else f"{local.month}月{local.day}日"
        return f"{local:%b} {local.day}, {local.year}" if year else f"{local:%b} {local.day}"

    def month(self, at: datetime) -> str:
        """A month: 2026年11月, or Nov 2026."""
        local = to_jst(at)
        return f"{local.year}年{local.month}月" if self.language is Language.JA else f"{local:%b} {local.year}"

    def calendar_day(self, day: date) -> str:
        """A day of Japan in full: 2026年11月23日, or Nov 23, 2026."""
        if self.language is Language.JA:
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day:%b} {day.day}, {day.year}"

    def month_name(self, day: date) -> str:
        """The month of a day: 2026年11月, or Nov 2026."""
        return f"{day.year}年{day.month}月" if self.language is Language.JA else f"{day:%b %Y}"

    def month_day(self, written: str) -> str:
        """A day of every year, written as 05-31: 5月31日, or May 31."""
        day = date(2000, *map(int, written.split("-")))
        return f"{day.month}月{day.day}日" if self.language is Language.JA else f"{day:%b} {day.day}"

    def fiscal_year(self, year: FiscalYear) -> str:
        """A fiscal year: 令和8年度(2026年度), or FY2026."""
        return year.label if self.language is Language.JA else f"FY{year.year}"

    def fiscal_year_short(self, year: FiscalYear | int) -> str:
        """A fiscal year where there is little room: 2026年度, or FY2026."""
        number = year if isinstance(year, int) else year.year
        return f"{number}年度" if self.language is Language.JA else f"FY{number}"

    def clock(self, at: datetime) -> str:
        """Date and time to the minute, for the tip of a chart."""
        return f"{self.day(at)} {to_jst(at):%H:%M}"

    def full(self, at: datetime) -> str:
        """Date and time in full, for paper: nobody knows when it is read."""
        return f"{self.day(at, year=True)} {to_jst(at):%H:%M}"

    def exactly(self, at: datetime) -> str:
        """Date and time to the second, for a log: 2026-11-29 09:12:45 in Japan."""
        return f"{to_jst(at):%Y-%m-%d %H:%M:%S}"

    def stamp(self, at: datetime) -> str:
        """Time of day to the second, for the update mark."""
        return f"{to_jst(at):%H:%M:%S}"

    def duration(self, span: timedelta | float | None) -> str:
        """Two units at most: 45秒, 12分, 3時間5分, 2日4時間, 40日."""
        if span is None:
            return self.texts["not_given"]
        seconds = int(span.total_seconds() if isinstance(span, timedelta) else span)
        if seconds < 60:
            return self.texts["seconds"].format(n=max(0, seconds))
        minutes = seconds // 60
        if minutes < 60:
            return self.texts["minutes"].format(n=minutes)
        return self._hours_and_more(*divmod(minutes, 60))

    def _hours_and_more(self, hours: int, minutes: int) -> str:
        days, rest = divmod(hours, 24)
        if days >= 10 or (days and not rest):
            return self.texts["days"].format(n=days)
        if days:
            return self.texts["days_hours"].format(d=days, h=rest)
        return self.texts["hours_minutes" if minutes else "hours"].format(n=hours, h=hours, m=minutes)

    def count(self, number: int) -> str:
        """A count with thousands separated."""
        return f"{number:,}"

    def number(self, value: float) -> str:
        """A measured value with about four significant digits and no exponent."""
        size = abs(value)
        places = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 3
        text = f"{value:,.{places}f}"
        text = text.rstrip("0").rstrip(".") if places else text
        return "0" if text == "-0" else text

    def fixed(self, value: Decimal | Fraction | float, places: int, *, sign: bool = False) -> str:
        """A value with a fixed number of digits, cut and not rounded: 79.96 is not 80.0. `sign`: + before gains."""
        exact = Fraction(str(value)) if isinstance(value, float) else Fraction(value)
        units = int(exact * 10**places)  # towards zero
        text = f"{Decimal(units).scaleb(-places):,.{places}f}"
        return f"+{text}" if sign and units > 0 else text.replace("-", "−")

    def percent(self, share: Fraction, places: int = 1) -> str:
        """A fraction of one in percent, cut: 14/15 is 93.3 %."""
        return f"{self.fixed(share * 100, places)} %"

    def who(self, actor: str) -> str:
        """Somebody who changed something, as the audit log has them: what is no login is said in words."""
        if actor == "service":
            return self.texts["board_by_service"]
        kind, _, name = actor.partition(":")
        return self.texts[f"who_{kind}"].format(name=name) if kind in ("command", "token") and name else actor

    def either(self, japanese: str | None, english: str | None) -> str:
        """The text in the language of this reader, or an empty text."""
        return (japanese if self.language is Language.JA else english) or ""

    def said(self, text: Bilingual) -> str:
        """A text that is written in both languages, in that of this reader."""
        return text.to(self.language.value)

    def quantity(self, named: Quantity | Latest | CorrectionInForce | Stage) -> str:
        """The label of a quantity, or the words for all quantities if a correction names none."""
        label = named.label_ja if self.language is Language.JA else named.label_en
        return self.texts["all_quantities"] if label is None else label

    def unit(self, named: Quantity | Latest) -> str:
        """The unit of a quantity as it is written beside a number."""
        if self.language is Language.JA:
            return named.unit_ja
        foreign = any(character >= _FIRST_CJK for character in named.unit_ja)
        return "" if foreign else named.unit_ja.replace("℃", "°C")

    def value(self, quantity: Quantity, value: float) -> str:
        """A value with its unit, or the name of a state."""
        if quantity.states:
            return self.state_name(quantity, round(value))
        return self._with_unit(quantity, value)

    def exact(self, quantity: Quantity, value: float | None) -> str:
        """A value with all its digits and its unit, so that small differences are visible."""
        if value is None or quantity.states:
            return self.texts["not_given"] if value is None else self.state_name(quantity, round(value))
        return f"{value:.12g} {self.unit(quantity)}".rstrip()

    def measured(self, value: float | None, unit: str | None, measure: str | None = None) -> str:
        """A value that was compared with a stage, with the unit (UCUM) of the rule; a dash for one that is not known.

        Nothing for a state: its number says nothing, and the stage is named after it.
        """
        if measure == "state":
            return ""
        if value is None or value != value:  # noqa: PLR0124  nan is not itself
            return self.texts["watch_no_value"]
        return f"{self.number(value)} {self._written(unit or '')}".rstrip()

    def _written(self, unit: str) -> str:
        written = written_unit(unit)
        return written if self.language is Language.JA else written.replace("℃", "°C").replace("秒", "s")

    def delay(self, seconds: float) -> str:
        """How long something took: 0.8秒, 12秒, 3分."""
        if seconds < 10:
            return self.texts["seconds"].format(n=self.number(round(seconds, 1)))
        return self.duration(seconds)

    def millimetres(self, rain: float | None) -> str:
        """An amount of rain, or the words for an unknown one."""
        return self.texts["not_known"] if rain is None else f"{rain:.1f} mm"

    def latest(self, last: Latest) -> str:
        """A last value with its unit, or the name of its state."""
        if last.state_name is not None:
            return self._state_word(last.state_name)
        return self._with_unit(last, last.value)

    def _with_unit(self, named: Quantity | Latest, value: float) -> str:
        unit = self.unit(named)
        return f"{self.number(value)} {unit}" if unit else self.number(value)

    def state_name(self, quantity: Quantity, number: int) -> str:
        """The name of a state of a quantity (gate open, boar seen) by its number."""
        name = next((name for name, state in quantity.states.items() if state == number), str(number))
        return self._state_word(name)

    def _state_word(self, name: str) -> str:
        return STATE_NAMES_JA.get(name, name) if self.language is Language.JA else name

    def reason(self, code: str) -> str:
        """The label of a reason of the quarantine."""
        if code not in tuple(RejectionReason):
            return code
        return RejectionReason(code).label.ja if self.language is Language.JA else code.replace("_", " ").capitalize()

    def network_kind(self, code: str) -> str:
        """The radio technology of a network."""
        return self.texts.get(f"kind_{code}", code)

    def correction(self, kind: str, scale: float | None, offset: float | None, value: float | None) -> str:
        """The effect of a correction in words, with all digits: a thousandth matters to a calibration."""
        return self.texts[f"correction_{kind}"].format(
            scale=f"{scale or 0:g}",
            sign="−" if (offset or 0) < 0 else "+",
            offset=f"{abs(offset or 0):g}",
            value=self.number(value or 0),
        )

    def payload(self, head: bytes) -> str:
        """The beginning of a message as text, or as hexadecimal digits if it is not text."""
        text = head.decode("utf-8", errors="ignore")
        legible = len(text.encode()) + 3 >= len(head) and all(part.isprintable() for part in text.split())
        return text if legible else head.hex(" ")

    @staticmethod
    def doubted(quality: int | None) -> bool:
        """Whether flags doubt the value itself, so that it reaches no stage. Flags of the clock do not."""
        return bool((quality or 0) & (Quality.RANGE | Quality.CLAMPED | Quality.PUBLISHER))

    def flags(self, quality: int | None) -> list[str]:
        """The remarks about a reading, in words."""
        return [self.texts[text] for flag, text in _FLAG_TEXTS.items() if (quality or 0) & flag]
