"""What a publisher said -> rows to store, flags, or a reason. Pure: the registry and the time are passed in."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import isfinite
from typing import NamedTuple

from ingest.bindings import Bindings
from ingest.errors import Undecodable
from ingest.rows import ReadingRow
from ingest.sentinels import RAW_SENTINELS, SENTINELS
from schemas.quantity import BY_CODE, Quantity
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from schemas.unit import SAME, remembered_conversion
from schemas.uplink import Doubted, Measured, MeasuredRow, Refused, Uplink

_SECOND_US = 1_000_000
_CLOCK_EPOCH_US = 946_771_200 * _SECOND_US
"""2000-01-02: an earlier time comes from a clock that was never set (1970, 1980-01-06, 2000-01-01)."""

_new = tuple.__new__
"""Makes a named tuple at half the price of its own constructor; there are several in every message."""


class ClockPolicy(NamedTuple):
    """What to do with device clocks; the fields of `settings.clock`, in microseconds."""

    ahead_tolerance_us: int = 120 * _SECOND_US
    max_age_us: int = 400 * 86_400 * _SECOND_US
    quarantine_ahead: bool = False
    quarantine_absent: bool = False


class Moment(NamedTuple):
    """The time a value is stored under. `own`: it is the publisher's, not the time of receipt."""

    time_us: int
    quality: int
    own: bool


class Validated(NamedTuple):
    """What remains of an uplink after judgement."""

    moment: Moment
    readings: list[ReadingRow]
    refused: list[Refused]


def validate(
    uplink: Uplink,
    device_id: int,
    received_us: int,
    clock: ClockPolicy,
    catalogue: Mapping[str, Quantity] = BY_CODE,
    bindings: Bindings | None = None,
) -> Validated:
    """Judge every value of an uplink, after the bindings of the device have corrected it.

    Raises Undecodable when the time of the message as a whole disqualifies it; one bad value
    ends in `refused` and hurts no other.
    """
    moment = judge_time(uplink.time_us, received_us, clock)
    time_us, row_quality = moment.time_us, moment.quality or None
    readings: list[ReadingRow] = []
    refused = [*uplink.refused]
    add, look_up = readings.append, catalogue.get
    offered = uplink.measured if bindings is None else _corrected(uplink, bindings, moment, received_us, clock)
    for measured in offered:
        code, value, unit, channel, own_us = measured
        quantity = look_up(code)
        # The common case in one comparison: a plain number in our unit, inside the expected range.
        if (
            quantity is not None
            and (type(value) is float or type(value) is int)
            and unit is None
            and own_us is None
            and quantity.flag_low <= value <= quantity.flag_high
        ):
            add((time_us, value, device_id, quantity.id, channel, row_quality))
            continue
        doubt = 0
        if isinstance(value, Doubted):
            value, doubt = value.value, Quality.PUBLISHER
        try:
            at = moment if own_us is None else judge_time(own_us, received_us, clock)
            number, flags = judge_value(Measured(code, value, unit, channel, own_us), quantity)
        except Undecodable as bad:
            refused.append(Refused(bad.reason, code, bad.detail, value))
            continue
        assert quantity is not None  # judge_value refuses an unknown quantity
        add((at.time_us, number, device_id, quantity.id, channel, (at.quality | flags | doubt) or None))
    return _new(Validated, (moment, readings, refused))


def _corrected(
    uplink: Uplink, bindings: Bindings, moment: Moment, received_us: int, clock: ClockPolicy
) -> Sequence[MeasuredRow]:
    """What was measured, as the bindings of the device have it at the time of each value."""
    stored_at = partial(_stored_at, moment=moment, received_us=received_us, clock=clock)
    return bindings.applied(uplink.measured, stored_at)


def _stored_at(own_us: int | None, moment: Moment, received_us: int, clock: ClockPolicy) -> int | None:
    """The time a value will be stored under, given its own; None if that will have it refused."""
    try:
        return (moment if own_us is None else judge_time(own_us, received_us, clock)).time_us
    except Undecodable:
        return None


def judge_time(time_us: int | None, received_us: int, clock: ClockPolicy) -> Moment:
    """The time to store under. Raises Undecodable (time_in_future, time_too_old, invalid_time) by policy."""
    if (
        time_us is not None
        and received_us - clock.max_age_us <= time_us <= received_us + clock.ahead_tolerance_us
        and time_us >= _CLOCK_EPOCH_US
    ):
        return _new(Moment, (time_us, 0, True))  # nearly every message
    if time_us is None:
        if clock.quarantine_absent:
            raise Undecodable(RejectionReason.INVALID_TIME, "the publisher gave no time")
        return Moment(received_us, Quality.TIME_ABSENT, own=False)
    if time_us > received_us + clock.ahead_tolerance_us:
        if clock.quarantine_ahead:
            ahead_s = (time_us - received_us) // _SECOND_US
            raise Undecodable(RejectionReason.TIME_IN_FUTURE, f"{ahead_s} s ahead of the time of receipt")
        return Moment(received_us, Quality.CLOCK_AHEAD, own=False)
    if time_us < _CLOCK_EPOCH_US:
        if clock.quarantine_absent:
            raise Undecodable(RejectionReason.INVALID_TIME, "the clock of the device was never set")
        return Moment(received_us, Quality.CLOCK_UNSET, own=False)
    days = (received_us - time_us) // (86_400 * _SECOND_US)
    raise Undecodable(RejectionReason.TIME_TOO_OLD, f"{days} days old")


def judge_value(measured: Measured, quantity: Quantity | None) -> tuple[float, int]:
    """The value in the unit of the catalogue, and its flags. Raises Undecodable with the reason."""
    if quantity is None:
        raise Undecodable(RejectionReason.UNKNOWN_QUANTITY, f"{measured.quantity[:60]!r} is not in the catalogue")
    if quantity.states:
        return _state(measured.value, quantity), 0
    value = measured.value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        raise Undecodable(RejectionReason.NOT_A_NUMBER, f"{value!r:.60} is not a finite number")
    convert = SAME if measured.unit is None else remembered_conversion(measured.unit, quantity.unit)
    if convert is None:
        raise Undecodable(
            RejectionReason.UNKNOWN_UNIT, f"{measured.unit!r:.40} cannot be converted to {quantity.unit!r}"
        )
    if convert is not SAME and value in RAW_SENTINELS:
        raise Undecodable(RejectionReason.SENTINEL, f"{value} means 'no measurement'")
    return _in_range(value * convert.scale + convert.offset, quantity)


def _in_range(value: float, quantity: Quantity) -> tuple[float, int]:
    if quantity.flag_low <= value <= quantity.flag_high:
        return value, 0
    if quantity.reject_low <= value <= quantity.reject_high and value not in SENTINELS:
        if quantity.clamp_high is not None and value > quantity.clamp_high:
            return quantity.clamp_high, Quality.CLAMPED
        return value, Quality.RANGE
    reason = RejectionReason.SENTINEL if value in SENTINELS else RejectionReason.OUT_OF_RANGE
    raise Undecodable(reason, f"{value:g} {quantity.unit} is outside {quantity.reject_low:g}..{quantity.reject_high:g}")


def _state(value: object, quantity: Quantity) -> float:
    if isinstance(value, bool):
        value = "true" if value else "false"
    if isinstance(value, str):
        number = quantity.states.get(value.strip().lower())
        if number is not None:
            return float(number)
    elif isinstance(value, (int, float)) and value in quantity.states.values():
        return float(value)
    raise Undecodable(RejectionReason.UNKNOWN_STATE, f"{value!r:.60} is no state of {quantity.code}")
