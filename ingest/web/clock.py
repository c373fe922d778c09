"""Japan Standard Time, which every page and every answer of the API speaks."""

from datetime import UTC, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")
"""Japan has had no summer time since 1951, so a fixed offset is exact."""


def now() -> datetime:
    """The present moment in JST."""
    return datetime.now(JST)


def jst(at: datetime) -> datetime:
    """The same moment on a Japanese clock. A time without zone is taken as UTC."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(JST)
