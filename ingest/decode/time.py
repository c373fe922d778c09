"""Times as publishers write them, to microseconds since 1970 (UTC)."""

from datetime import UTC, datetime

from ingest.errors import Undecodable
from schemas.rejection import RejectionReason

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_US = 253_402_300_800 * 1_000_000
"""The year 10000: later is not a time any database takes."""


def rfc3339_us(text: str) -> int:
    """Microseconds since 1970 of an RFC 3339 time; finer digits are cut off.

    Raises Undecodable if it is none, or has no offset.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Undecodable(RejectionReason.INVALID_TIME, f"{text[:40]!r} is not an RFC 3339 time") from None
    if moment.tzinfo is None:
        raise Undecodable(RejectionReason.INVALID_TIME, f"{text[:40]!r} has no offset (write Z or +09:00)")
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def epoch_ms_us(number: float) -> int:
    """Microseconds since 1970 of a time in epoch milliseconds. Raises Undecodable if it cannot be one."""
    us = number * 1000
    if not 0 <= us < _MAX_US:
        raise Undecodable(RejectionReason.INVALID_TIME, f"{number} is not a time in epoch milliseconds")
    return round(us)
