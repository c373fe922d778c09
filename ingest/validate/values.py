"""What a publisher said -> rows to store, flags, or a reason. Pure: the registry and the time are passed in."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import isfinite
from typing import NamedTuple

from ingest.errors import Undecodable
from ingest.rows import ReadingRow
from ingest.validate.bindings import Bindings
from ingest.validate.clocks import ClockPolicy, Placed, StoredTime, check_time, message_moment, place
from ingest.validate.sentinels import RAW_SENTINELS, SENTINELS
from schemas.line import line
from schemas.quantity import BY_CODE, Quantity
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from schemas.unit import SAME, Conversion, remembered_conversion
from schemas.uplink import Doubted, Measured, MeasuredRow, NoEcho, Refused, Uplink
from schemas.uplink import new_tuple as _new

__all__ = ["ClockPolicy", "StoredTime", "Validated", "check_time", "check_value", "validate"]

_LONGEST_UNIT = 100


class Validated(NamedTuple):
    """What remains of an uplink after the checks."""

    moment: StoredTime
    readings: list[ReadingRow]
    refused: list[Refused]
    placed: Placed | None = None
    """Where its elements stand; None where none has a time of its own."""


def validate(
    uplink: Uplink,
    device_id: int,
    received_us: int,
    clock: ClockPolicy,
    catalogue: Mapping[str, Quantity] = BY_CODE,
    bindings: Bindings | None = None,
    placed: Placed | None = None,
) -> Validated:
    """Validate every value of an uplink, after the bindings of the device have corrected it.

    Raises Undecodable when the time of the message as a whole disqualifies it; one bad value
    ends in `refused` and hurts no other. `placed`: where the elements stand, if that is known already.
    """
    moment = message_moment(uplink, received_us, clock) if placed is None else placed.moment
    time_us, row_quality = moment.time_us, moment.quality or None
    readings: list[ReadingRow] = []
    refused = [*uplink.refused]
    add, look_up = readings.append, catalogue.get
    known_us: int | None = None
    known_at = moment
    offered: Sequence[MeasuredRow] = uplink.measured
    if bindings is not None:
        placed = placed or place(uplink, moment, received_us, clock)
        offered = bindings.applied(offered, partial(_stored_at, placed=placed))
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
            doubt, value = value.flags, value.value
        if quantity is None or isinstance(value, NoEcho):
            refused.append(_refuse(code, value))
            continue
        try:
            if own_us is None:
                at = moment
            else:
                if own_us != known_us:  # values of one time stand together
                    placed = placed or place(uplink, moment, received_us, clock)
                    known_at, known_us = placed.at(own_us), own_us
                at = known_at
            number, flags = check_value(_new(Measured, (code, value, unit, channel, own_us)), quantity)
        except Undecodable as bad:
            refused.append(_new(Refused, (bad.reason, code, bad.detail, value)))
            continue
        add((at.time_us, number, device_id, quantity.id, channel, (at.quality | flags | doubt) or None))
    if len(readings) > 1 and len({row[3] for row in readings}) < len(readings):
        readings = _one_each(readings, refused, catalogue)
    return _new(Validated, (moment, readings, refused, placed))


def _refuse(code: str, value: object) -> Refused:
    """What is no value of any quantity: a sensor that heard no echo, or a name that the catalogue lacks."""
    if isinstance(value, NoEcho):
        return Refused(RejectionReason.NO_ECHO, code, value.detail, value.value)
    return Refused(RejectionReason.UNKNOWN_QUANTITY, code, _unknown(code), value)


def _one_each(
    readings: list[ReadingRow], refused: list[Refused], catalogue: Mapping[str, Quantity]
) -> list[ReadingRow]:
    """Keep the last reading of each series and time, so that no message is a duplicate or conflict of itself."""
    last = {(row[0], row[3], row[4]): index for index, row in enumerate(readings)}
    if len(last) == len(readings):
        return readings
    codes = {quantity.id: quantity.code for quantity in catalogue.values()}
    kept: list[ReadingRow] = []
    for index, row in enumerate(readings):
        counts = last[row[0], row[3], row[4]]
        if counts == index:
            kept.append(row)
        else:
            detail = f"the message says {readings[counts][1]:g} for the same time later on, and the last one counts"
            refused.append(Refused(RejectionReason.SAME_TIME, codes[row[3]], detail, row[1]))
    return kept


def _stored_at(own_us: int | None, placed: Placed) -> int | None:
    """The time a value will be stored under, given its own; None if that will have it refused."""
    try:
        return (placed.moment if own_us is None else placed.at(own_us)).time_us
    except Undecodable:
        return None


def _unknown(code: str) -> str:
    return f"{code[:60]!r} is not in the catalogue"


def check_value(measured: Measured, quantity: Quantity | None) -> tuple[float, int]:
    """The value in the unit of the catalogue, and its flags. Raises Undecodable with the reason."""
    if quantity is None:
        raise Undecodable(RejectionReason.UNKNOWN_QUANTITY, _unknown(measured.quantity))
    value, unit = measured.value, measured.unit
    if quantity.states:
        return _state(value, quantity), 0
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        raise Undecodable(RejectionReason.NOT_A_NUMBER, f"{value!r:.60} is not a finite number")
    convert = SAME if unit is None else _conversion(unit, quantity)
    if convert is None:
        raise Undecodable(RejectionReason.UNKNOWN_UNIT, f"{unit!r:.40} cannot be converted to {quantity.unit!r}")
    if convert is not SAME and value in RAW_SENTINELS:
        raise Undecodable(RejectionReason.SENTINEL, f"{value} means 'no measurement'")
    return _in_range(line(value, convert.scale, convert.offset), quantity)


def _conversion(unit: str, quantity: Quantity) -> Conversion | None:
    """How to get to the unit of the catalogue. A text longer than any unit is not looked up, so memory has a bound."""
    return None if len(unit) > _LONGEST_UNIT else remembered_conversion(unit, quantity.unit)


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
