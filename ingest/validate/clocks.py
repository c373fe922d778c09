"""Times as a publisher claims them -> times to store under. Pure: the time of receipt is passed in.

The times of one message come from one clock. Where that clock is not believed, what is left of them is their spacing:
the newest stands at the time of receipt, and the others keep their distance to it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

from ingest.errors import Undecodable
from schemas.japan import to_datetime
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from schemas.uplink import Misnamed, Uplink
from schemas.uplink import new_tuple as _new

_SECOND_US = 1_000_000
_HOUR_US = 3_600 * _SECOND_US
_DAY_US = 24 * _HOUR_US

_CLOCK_EPOCH_US = 946_771_200 * _SECOND_US
"""2000-01-02: an earlier time comes from a clock that was never set (1970, 1980-01-06, 2000-01-01)."""

_WIDEST_ZONE_US = 14 * _HOUR_US
"""A clock that is ahead by no more has the wrong zone, or has drifted: then all of its times are."""

_WIDEST_GAP_US = _DAY_US
"""Times further apart are not taken for times of one clock, where the clock is off by more than a zone."""

_SECONDS_WITHIN_US = 7 * _DAY_US
"""Seconds written for milliseconds are known by this: a thousand times later, the newest is no older."""

_MOST_KEPT = 500
_YEAR_1_US = -62_135_596_800 * _SECOND_US


class ClockPolicy(NamedTuple):
    """What to do with device clocks; the fields of `settings.clock`, in microseconds."""

    ahead_tolerance_us: int = 120 * _SECOND_US
    max_age_us: int = 400 * _DAY_US
    quarantine_ahead: bool = False
    quarantine_absent: bool = False


class StoredTime(NamedTuple):
    """The time a value is stored under. `own`: it is the publisher's, not the time of receipt."""

    time_us: int
    quality: int
    own: bool


At: TypeAlias = Callable[[int], StoredTime]
"""The time to store an element under, given the time it claims. Raises Undecodable as `check_time` does."""


class Placed(NamedTuple):
    """Where the message stands, and where its elements stand.

    `claimed_us`: the times that were claimed and not believed, where there are several; what is stored is another.
    `by_receipt`: whether an element stands where it does because of the time of receipt.
    """

    moment: StoredTime
    at: At
    claimed_us: tuple[int, ...] = ()
    by_receipt: bool = False


def check_time(time_us: int | None, received_us: int, clock: ClockPolicy) -> StoredTime:
    """The time to store under. Raises Undecodable (time_in_future, time_too_old, invalid_time) by policy."""
    if (
        time_us is not None
        and received_us - clock.max_age_us <= time_us <= received_us + clock.ahead_tolerance_us
        and time_us >= _CLOCK_EPOCH_US
    ):
        return _new(StoredTime, (time_us, 0, True))  # nearly every message
    if time_us is None:
        if clock.quarantine_absent:
            raise Undecodable(RejectionReason.INVALID_TIME, "the publisher gave no time")
        return StoredTime(received_us, Quality.TIME_ABSENT, own=False)
    if time_us > received_us + clock.ahead_tolerance_us:
        if clock.quarantine_ahead:
            ahead_s = (time_us - received_us) // _SECOND_US
            raise Undecodable(RejectionReason.TIME_IN_FUTURE, f"{ahead_s} s ahead of the time of receipt")
        return StoredTime(received_us, Quality.CLOCK_AHEAD, own=False)
    if time_us < _CLOCK_EPOCH_US:
        if clock.quarantine_absent:
            raise Undecodable(RejectionReason.INVALID_TIME, "the clock of the device was never set")
        return StoredTime(received_us, Quality.CLOCK_UNSET, own=False)
    raise _too_old(time_us, received_us)


def believed(time_us: int, received_us: int, clock: ClockPolicy) -> bool:
    """Whether a time is stored as it is, or would be if it were not too old."""
    return _CLOCK_EPOCH_US <= time_us <= received_us + clock.ahead_tolerance_us


def moments(times_us: Sequence[int]) -> list[str]:
    """The times as they are kept in a link record, the newest ones of very many."""
    return [to_datetime(each).isoformat().replace("+00:00", "Z") for each in times_us[-_MOST_KEPT:]]


def _too_old(time_us: int, received_us: int) -> Undecodable:
    days = (received_us - time_us) // _DAY_US
    return Undecodable(RejectionReason.TIME_TOO_OLD, f"{days} days old")


def message_moment(uplink: Uplink, received_us: int, clock: ClockPolicy) -> StoredTime:
    """The time to store the message as a whole under. Raises Undecodable as `check_time` does."""
    if uplink.__class__ is not Misnamed:
        return check_time(uplink.time_us, received_us, clock)
    absent = check_time(None, received_us, clock)
    return absent._replace(quality=absent.quality | Quality.UNKNOWN_KEY)


def gateway_moment(time_us: int | None, received_us: int, clock: ClockPolicy) -> StoredTime:
    """The time to store what a gateway says of itself under. It speaks of now: a clock years behind was never set."""
    if time_us is not None and time_us < received_us - clock.max_age_us:
        return StoredTime(received_us, Quality.CLOCK_UNSET, own=False)
    return check_time(time_us, received_us, clock._replace(quarantine_absent=False))


def place(uplink: Uplink, moment: StoredTime, received_us: int, clock: ClockPolicy) -> Placed:
    """Where the elements of a message stand that have times of their own."""
    times = {row[4] for row in uplink.measured if row[4] is not None}
    apart = moment.own and uplink.time_us not in times
    if uplink.time_us is not None and not apart:
        times.add(uplink.time_us)  # it is a time of the same clock
    groups = list(_wrong(sorted(times), uplink, received_us, clock)) if times else []
    if not groups:
        return Placed(moment, partial(check_time, received_us=received_us, clock=clock))
    anchor_us = _before_what_is_said_now(uplink, moment.time_us) if apart else received_us
    moved = {
        at_us: where for group, quality in groups for at_us, where in _spaced(group, anchor_us, quality, received_us)
    }

    def at(own_us: int) -> StoredTime:
        stored = moved.get(own_us)
        if stored is None:
            return check_time(own_us, received_us, clock)
        if stored.time_us < received_us - clock.max_age_us:
            raise _too_old(stored.time_us, received_us)
        return stored

    return Placed(moment, at, tuple(sorted(moved)) if len(moved) > 1 else (), by_receipt=not apart)


def _wrong(
    times: Sequence[int], uplink: Uplink, received_us: int, clock: ClockPolicy
) -> Iterator[tuple[Sequence[int], int]]:
    """The times, in their order, whose clock is not believed, and what is wrong with it; nearly always none."""
    if uplink.__class__ is Misnamed:
        yield times, Quality.TIME_ABSENT | Quality.UNKNOWN_KEY
        return
    unset = bisect_left(times, _CLOCK_EPOCH_US)
    if unset and not clock.quarantine_absent:
        while unset < len(times) and times[unset] - times[unset - 1] <= _WIDEST_GAP_US:
            unset += 1  # it had been running since the first of January for some days
        yield times[:unset], Quality.CLOCK_UNSET
    ahead = bisect_right(times, received_us + clock.ahead_tolerance_us)
    if ahead < len(times) and not clock.quarantine_ahead:
        one_zone = times[-1] - received_us <= _WIDEST_ZONE_US
        while ahead > unset and (one_zone or times[ahead] - times[ahead - 1] <= _WIDEST_GAP_US):
            ahead -= 1
        yield times[ahead:], Quality.CLOCK_AHEAD


def _spaced(times: Sequence[int], anchor_us: int, quality: int, received_us: int) -> Iterator[tuple[int, StoredTime]]:
    """The newest at the anchor, the others as far before it as they say."""
    newest_us = times[-1]
    late_us = received_us - newest_us * 1000
    scale = 1000 if -_DAY_US <= late_us <= _SECONDS_WITHIN_US else 1
    for time_us in times:
        yield time_us, StoredTime(anchor_us - (newest_us - time_us) * scale, quality, own=False)


def _before_what_is_said_now(uplink: Uplink, now_us: int) -> int:
    """Where the newest element stands in a message with a time of another clock.

    That time is `now_us`. A value without a time of its own is of then, so an element of its series is a second older.
    """
    now = {(row[0], row[3]) for row in uplink.measured if row[4] is None}
    earlier = any(row[4] is not None and (row[0], row[3]) in now for row in uplink.measured)
    return now_us - _SECOND_US if earlier else now_us
