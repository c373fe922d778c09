"""How a question is written: moments and cursors."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import HTTPException
from pydantic import BeforeValidator

from ingest.web.clock import JST

LONGEST = timedelta(days=400)


def _moment(text: object) -> object:
    """An aware time. A `+` of an offset that was not escaped arrives as a space: it is taken for the + it was."""
    if not isinstance(text, str):
        return text
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        raise ValueError(f"write a time as 2026-11-24T09:00:00+09:00, not {text!r}") from None
    return at if at.tzinfo else at.replace(tzinfo=JST)


Moment = Annotated[datetime, BeforeValidator(_moment)]
"""A time of RFC 3339; without an offset it is Japanese time."""


def period(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """[start, end): the last 24 hours unless said otherwise. Raises a 422 if it is none, or too long."""
    end = end or now
    start = start or end - timedelta(hours=24)
    if start >= end:
        raise HTTPException(422, "from must be before to.")
    if end - start > LONGEST:
        raise HTTPException(422, f"from and to are more than {LONGEST.days} days apart; ask for a shorter time.")
    return start, end


def write_cursor(project: str, device: str) -> str:
    """A cursor that points behind this device."""
    return urlsafe_b64encode(f"{project}/{device}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[str, str]:
    """The project and device a cursor points behind. Raises a 422 for anything we did not write."""
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (Base64Error, ValueError):
        text = ""
    project, slash, device = text.partition("/")
    if not slash:
        raise HTTPException(422, "cursor: take it from next_cursor of the page before, as it is.")
    return project, device
