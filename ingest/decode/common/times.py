"""Times as publishers write them, and as a map says they are written, to microseconds since 1970 (UTC)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import TypeAlias

from ingest.errors import Undecodable
from schemas.japan import to_us
from schemas.json_map import EPOCHS, TimeRule, zone_of
from schemas.rejection import RejectionReason

TimeReader: TypeAlias = Callable[[object], int]
"""Raises Undecodable if the value is no time."""

_RARE = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:(?:59(?=:60)|[0-9]{2}(?!:60))):([0-9]{2})(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_LONGEST = 64
_MAX_US = 253_402_300_800 * 1_000_000
"""The year 10000: later is not a time any database takes."""
_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,9})?", re.ASCII)
_END_OF_DAY = re.compile(r"(?<=[Tt ])24:00(?::00(?:\.0+)?)?(?![0-9:])|^24:00(?::00)?(?![0-9:])", re.ASCII)
_NO_DAY, _DAY = timedelta(0), timedelta(days=1)
_BY_SIZE = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1))
"""A number below is in seconds, milliseconds, microseconds; above in nanoseconds."""


def rfc3339_us(text: str) -> int:
    """Microseconds since 1970 of an RFC 3339 time; finer digits are cut off.

    Raises Undecodable if the text is no such time, or has no offset.
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
    match = _RARE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is not None:
        day, minute, second, fraction, offset = match.groups()
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


def time_reader(rule: TimeRule) -> TimeReader:
    """The function that reads times by this rule."""
    zone = None if rule.zone is None else zone_of(rule.zone)
    text = _text(rule.format, zone, ignore_offset=rule.ignore_offset, hour_24=rule.hour_24)
    if rule.format in EPOCHS:
        return _number(EPOCHS[rule.format], None)
    return _number(None, text) if rule.format == "auto" else text


def _number(unit_us: int | None, text: TimeReader | None) -> TimeReader:
    """Numbers, and texts that are numbers; another text goes to `text`."""

    def read(said: object) -> int:
        if isinstance(said, str) and _NUMBER.fullmatch(said.strip()):
            number = float(said) if "." in said else int(said)
        elif isinstance(said, (int, float)) and not isinstance(said, bool):
            number = said
        elif text is not None:
            return text(said)
        else:
            raise _no_time(said)
        us = number * (unit_us or _unit_us(number)) if unit_us or number < 1e17 else number // 1000
        if not 0 <= us < _MAX_US:
            raise _no_time(said)
        return round(us)

    return read


def _unit_us(number: float) -> int:
    return next((unit for below, unit in _BY_SIZE if number < below), 1)


def _text(pattern: str, zone: tzinfo | None, *, ignore_offset: bool, hour_24: bool) -> TimeReader:
    def read(said: object) -> int:
        if not isinstance(said, str):
            raise _no_time(said)
        try:
            written, later = _without_24(said.strip()) if "24:00" in said else (said.strip(), _NO_DAY)
            if later and not hour_24:
                raise _no_time(said)
            moment = datetime.strptime(written, pattern) if "%" in pattern else datetime.fromisoformat(written)  # noqa: DTZ007  the zone follows
            if zone is not None and (ignore_offset or moment.tzinfo is None):
                moment = moment.replace(tzinfo=zone)
            if moment.tzinfo is None:
                raise Undecodable(
                    RejectionReason.INVALID_TIME, f"{said[:40]!r} has no offset, and the map gives no zone"
                )
            return to_us(moment + later)
        except (ValueError, OverflowError):
            raise _no_time(said) from None

    return read


def _without_24(written: str) -> tuple[str, timedelta]:
    """The time with the midnight that begins the same day, and the day that is then missing."""
    found = _END_OF_DAY.search(written)
    return (
        (written, _NO_DAY) if found is None else (f"{written[: found.start()]}00{written[found.start() + 2 :]}", _DAY)
    )


def _no_time(said: object) -> Undecodable:
    return Undecodable(RejectionReason.INVALID_TIME, f"{said!r:.60} is not a time as the map describes it")
