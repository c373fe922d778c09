"""How the sensors of one device are mounted, and when (取付条件), applied to its measurements. Pure.

A value is corrected before it is checked: ranges are those of the corrected value.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from ingest.validate.sentinels import RAW_SENTINELS, SENTINELS
from schemas.binding import DISTANCE, Binding
from schemas.line import line
from schemas.profile import Profile
from schemas.quantity import Quantity
from schemas.ranging import ANY, USUAL, Sight
from schemas.reading import Quality
from schemas.unit import SAME, conversion, learn, remembered_conversion
from schemas.uplink import Doubted, Measured, MeasuredRow, NoEcho

EVER_US, NEVER_US = -(2**63), 2**63 - 1

LOWEST_BED_M = -2.0
"""Where a bed that was not measured is taken to lie, from gauge zero: rivers were dug deeper by metres at most."""

_SENTINELS = SENTINELS | RAW_SENTINELS


class Level(NamedTuple):
    """What a distance and the height of its sensor give: `height - distance`, in metres times `factor`.

    Below `bed_m` there is no water: such a distance went past what it was to measure, and is flagged with its level.
    """

    code: str
    height_m: float
    factor: float
    bed_m: float


class Correction(NamedTuple):
    """What holds for one quantity and channel in [from_us, to_us). `sight`: of a distance, what its sensor can see."""

    from_us: int
    to_us: int
    quantity: Quantity
    unit: str | None
    scale: float
    offset: float
    level: Level | None
    sight: Sight | None = None


class ProfilePeriod(NamedTuple):
    """The profile of the device in [from_us, to_us)."""

    from_us: int
    to_us: int
    profile: Profile


class Bindings(NamedTuple):
    """Everything that is bound to one device, by (quantity, channel)."""

    corrections: Mapping[tuple[str, int], tuple[Correction, ...]]
    profiles: tuple[ProfilePeriod, ...] = ()

    def profile_at(self, time_us: int, otherwise: Profile | None) -> Profile | None:
        """The profile that reads a message of that time."""
        for period in self.profiles:
            if period.from_us <= time_us < period.to_us:
                return period.profile
        return otherwise

    def applied(
        self, measured: Sequence[MeasuredRow], stored_at: Callable[[int | None], int | None]
    ) -> list[MeasuredRow]:
        """The measurements as the bindings of their time make them, and levels behind the distances they follow from.

        `stored_at`: the time a value is stored under, given its own; None for one that will be refused.
        """
        rows: list[MeasuredRow] = []
        for row in measured:
            correction = self._correction(row, stored_at)
            if correction is None:
                rows.append(row)
            else:
                rows += _corrected(row, correction)
        return rows

    def _correction(self, row: MeasuredRow, stored_at: Callable[[int | None], int | None]) -> Correction | None:
        code, _, _, channel, own_us = row
        candidates = self.corrections.get((code, channel))
        time_us = stored_at(own_us) if candidates else None
        if candidates is None or time_us is None:
            return None
        return next((each for each in candidates if each.from_us <= time_us < each.to_us), None)


def _corrected(row: MeasuredRow, by: Correction) -> list[MeasuredRow]:
    """A measurement as corrected, and the level behind it. What cannot be converted goes on as it is, to be refused."""
    code, value, unit, channel, own_us = row
    if isinstance(value, Doubted):
        return [_doubted(made, value.flags) for made in _corrected((code, value.value, unit, channel, own_us), by)]
    unit = unit if by.unit is None else by.unit
    way = SAME if unit is None else remembered_conversion(unit, by.quantity.unit)
    if way is None or isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        return [Measured(code, value, unit, channel, own_us)]
    plain = line(value, way.scale, way.offset)
    if value in _SENTINELS and not by.quantity.flag_low <= plain <= by.quantity.flag_high:
        return [Measured(code, value, unit, channel, own_us)]  # an offset must not make a measurement of it
    seen = plain * by.scale  # before the offset, which is a matter of the mounting and not of the sensor
    number = line(plain, by.scale, by.offset)
    if by.sight is not None and (why := _unseen(seen, by.sight)) is not None:
        return [Measured(code, NoEcho(value, why), None, channel, own_us)]
    rows: list[MeasuredRow] = [Measured(code, number, None, channel, own_us)]
    if by.level is not None and by.quantity.reject_low <= number <= by.quantity.reject_high:
        level = line(number, -by.level.factor, by.level.height_m * by.level.factor)
        rows.append(Measured(by.level.code, level, None, channel, own_us))
        if by.level.height_m - number < by.level.bed_m:
            return [_doubted(made, Quality.RANGE) for made in rows]
    return rows


def _unseen(distance_m: float, sight: Sight) -> str | None:
    """Why a sensor cannot have measured this distance; None if it can."""
    if distance_m <= sight.blind_zone_m:
        return f"no echo: {distance_m:g} m is not beyond the blind zone of {sight.blind_zone_m:g} m"
    if distance_m >= sight.range_m:
        return f"no echo: {distance_m:g} m is not within the range of {sight.range_m:g} m"
    return None


def _doubted(row: MeasuredRow, flags: int) -> MeasuredRow:
    code, value, unit, channel, own_us = row
    if isinstance(value, Doubted):
        return code, Doubted(value.value, value.flags | flags), unit, channel, own_us
    return code, Doubted(value, flags), unit, channel, own_us


def bind(
    bindings: Sequence[Binding], catalogue: Mapping[str, Quantity], profiles: Mapping[str, Profile]
) -> Bindings | None:
    """The bindings of one device as the path needs them; None where there are none."""
    corrections: dict[tuple[str, int], tuple[Correction, ...]] = {}
    periods: list[ProfilePeriod] = []
    for binding in bindings:
        from_us = EVER_US if binding.valid_from is None else _microseconds(binding.valid_from.timestamp())
        to_us = NEVER_US if binding.valid_to is None else _microseconds(binding.valid_to.timestamp())
        if binding.quantity is None:
            if (profile := profiles.get(binding.profile or "")) is not None:
                periods.append(ProfilePeriod(from_us, to_us, profile))
        elif (quantity := catalogue.get(binding.quantity)) is not None:
            key = binding.quantity, binding.channel
            if binding.unit is not None:
                learn(binding.unit, quantity.unit)
            level = _level(binding, catalogue)
            correction = Correction(
                from_us, to_us, quantity, binding.unit, binding.scale, binding.offset, level, _sight(binding)
            )
            corrections[key] = (*corrections.get(key, ()), correction)
    return Bindings(corrections, tuple(periods)) if corrections or periods else None


def _level(binding: Binding, catalogue: Mapping[str, Quantity]) -> Level | None:
    target = catalogue.get(binding.level)
    way = None if target is None else conversion("m", target.unit)
    if binding.mount_height_m is None or way is None:
        return None
    bed_m = LOWEST_BED_M if binding.bed_m is None else binding.bed_m
    return Level(binding.level, binding.mount_height_m, way.scale, bed_m)


def _sight(binding: Binding) -> Sight | None:
    """What the sensor of a distance can see: as it is written, else what is usual for its kind."""
    if binding.quantity != DISTANCE:
        return None
    usual = ANY if binding.sensor is None else USUAL[binding.sensor]
    blind_zone_m = usual.blind_zone_m if binding.blind_zone_m is None else binding.blind_zone_m
    return Sight(blind_zone_m, usual.range_m if binding.range_m is None else binding.range_m)


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000)
