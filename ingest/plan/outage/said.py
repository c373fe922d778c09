"""Sentences about how an outage changed, in both languages."""

from datetime import datetime

from schemas.bilingual import Bilingual
from schemas.japan import to_jst


def back(ends: datetime) -> Bilingual:
    """It ended."""
    return Bilingual(f"{at(ends)}に復旧", f"back at {at(ends)}")


def span(starts: datetime, ends: datetime | None) -> Bilingual:
    """From when until when."""
    if ends is None:
        return Bilingual(f"{at(starts)}から", f"from {at(starts)} on")
    return Bilingual(f"{at(starts)}から{at(ends)}まで", f"from {at(starts)} to {at(ends)}")


def moved(
    starts: datetime,
    ends: datetime | None,
    now_starts: datetime,
    now_ends: datetime | None,
    because: Bilingual | None = None,
) -> Bilingual:
    """It is shorter or longer than it was said to be."""
    was, now = span(starts, ends), span(now_starts, now_ends)
    why = because or Bilingual("機器の停止が変わったため", "as the outages of its devices changed")
    return Bilingual(
        f"{why.ja}、{was.ja}の停止を{now.ja}に改めました", f"the outage {was.en} is now {now.en}, {why.en}"
    )


def at(moment: datetime) -> str:
    """A moment on a Japanese clock, to the minute."""
    return f"{to_jst(moment):%Y-%m-%d %H:%M}"
