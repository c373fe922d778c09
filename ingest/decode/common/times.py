"""Times as publishers write them, to microseconds since 1970 (UTC)."""

import re
from datetime import datetime, timedelta

from ingest.errors import Undecodable
from schemas.japan import to_us
from schemas.rejection import RejectionReason

_RARE = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:(?:59(?=:60)|[0-9]{2}(?!:60))):([0-9]{2})(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_LONGEST = 64
_MAX_US = 253_402_300_800 * 1_000_000
"""The year 10000: later is not a time any database takes."""


def rfc3339_us(text: str) -> int:
    """Microseconds since 1970 of an RFC 3339 time; finer digits are cut off.

    Raises Undecodable if it is none, or has no offset.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _rarely_written(text)
    if moment.tzinfo is None:
        raise Undecodable(RejectionReason.INVALID_TIME, f"{text[:40]!r} has no offset (write Z or +09:00)")
    return to_us(moment)


def _rarely_written(text: str) -> datetime:
    """A time with a leap second, which is the second after it here, or with a `z` in lower case."""
    found = _RARE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is not None:
        day, minute, second, fraction, offset = found.groups()
        leap = second == "60"
        try:
            plain = datetime.fromisoformat(f"{day}T{minute}:{59 if leap else second}{fraction or ''}{offset.upper()}")
            return plain + timedelta(seconds=1) if leap else plain
        except (ValueError, OverflowError):
            pass
    raise Undecodable(RejectionReason.INVALID_TIME, f"{text[:40]!r} is not an RFC 3339 time")


def epoch_ms_us(number: float) -> int:
    """Microseconds since 1970 of a time in epoch milliseconds. Raises Undecodable if it cannot be one."""
    us = number * 1000
    if not 0 <= us < _MAX_US:
        raise Undecodable(RejectionReason.INVALID_TIME, f"{number} is not a time in epoch milliseconds")
    return round(us)
