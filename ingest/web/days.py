"""Days in Japan, as filters of lists say them."""

from datetime import date, datetime, time, timedelta

from fastapi import HTTPException

from schemas.japan import JST


def day_begins(text: str, behind: timedelta = timedelta(0)) -> datetime | None:
    """The beginning of a day in Japan plus `behind`; None for an empty text. Raises HTTPException for no day."""
    if not text:
        return None
    try:
        return beginning_of(date.fromisoformat(text) + behind)
    except (ValueError, OverflowError):
        raise HTTPException(422, f"{text[:40]!r} is not a day: write it as 2026-11-29.") from None


def beginning_of(day: date) -> datetime:
    """The beginning of a day in Japan."""
    return datetime.combine(day, time(), JST)


FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)


def day_of_list(text: str) -> date | None:
    """The day that the filter of a list names; None if it is none, or one that no row can have."""
    found = parsed_day(text)
    return found if found is not None and FIRST_DAY <= found <= LAST_DAY else None


def parsed_day(text: str) -> date | None:
    """The day that was written into a form; None if it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
