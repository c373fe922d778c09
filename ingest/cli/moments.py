"""Reads and writes times as operators in Japan do."""

from datetime import datetime, timedelta
from typing import Any

import click

from schemas.bilingual import Bilingual, quoted
from schemas.japan import JST

YEARS = range(1900, 3000)
"""Beyond them it is a typing mistake. What is reckoned from a time stays in the calendar."""


class Moment(click.ParamType[datetime]):
    """2026-08-01 (a day in Japan), 2026-08-01T09:00 (a time in Japan), or a time with an offset of its own.

    `end`: a day means its end, so that `--to 2026-08-03` includes the third.
    """

    name = "time"

    def __init__(self, *, end: bool = False) -> None:
        self._end = end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Part of click's ParamType: an aware time. Refuses other texts, and says how to write one."""
        if isinstance(value, datetime):
            return value
        try:
            written = datetime.fromisoformat(value)
        except ValueError:
            why = Bilingual(
                f"{value!r} は時刻ではありません。2026-08-01、2026-08-01T09:00 か 2026-08-01T00:00Z と書いてください",
                f"{value!r} is no time; write 2026-08-01, 2026-08-01T09:00 or 2026-08-01T00:00Z",
            )
            self.fail(str(why), param, ctx)
        if written.year not in YEARS:
            why = Bilingual(
                f"{value!r} は {YEARS[0]} 年から {YEARS[-1]} 年までの時刻ではありません",
                f"{value!r} is not of the years {YEARS[0]} to {YEARS[-1]}",
            )
            self.fail(str(why), param, ctx)
        day = len(value) <= len("2026-08-01")
        at = written if written.tzinfo else written.replace(tzinfo=JST)
        return at + timedelta(days=1) if day and self._end else at


NO_TIME = quoted("")


def shown(at: datetime | None, otherwise: Bilingual = NO_TIME) -> Bilingual:
    """A time as the commands print it: to the second, in Japan."""
    return otherwise if at is None else quoted(f"{at.astimezone(JST):%Y-%m-%d %H:%M:%S}")
