"""The measure of a rule at a device: which quantities it is computed of, and how."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ingest.watch.document.database import QuantityRow
from ingest.watch.document.registered import SECOND_US, Device, Registered
from ingest.watch.stages.air import VapourDeficit, Wbgt
from ingest.watch.stages.either import TotalOrAmounts
from ingest.watch.stages.fallen import Gauge
from ingest.watch.stages.measure import Measure, State, Value
from ingest.watch.stages.rain import RainCumulative, RainEffective, RainSum, SoilWaterIndex
from ingest.watch.stages.rule import Series
from ingest.watch.stages.window import HOUR_US, NewSnow, Rise, TiltRate
from schemas import watch_measures as said

RAIN_SPANS_H: Mapping[str, int] = {"rain_1h": 1, "rain_3h": 3, "rain_24h": 24}

RAIN = ("rain_total", "rain_amount")
TILT = ("slope_tilt_x", "slope_tilt_y")
EITHER = (RAIN, TILT)
"""Of these a device sends one or both: which, its readings say, and the measure goes by them."""

_NAMED: Mapping[str, tuple[str, ...]] = {
    "tilt_rate": TILT,
    "wbgt": ("air_temperature", "air_humidity", "radiation_solar", "wind_speed"),
    "vapour_deficit": ("air_temperature", "air_humidity"),
    "snow_new": ("snow_depth",),
}
"""What a measure is computed of, where the rule says no quantity."""


USUAL_OF_MEASURE: Mapping[str, float] = {
    "rain_1h": 1, "rain_3h": 1, "rain_24h": 1, "rain_cumulative": 1, "rain_effective": 1, "soil_water_index": 1,
    "snow_new": 1, "wbgt": 0.3, "vapour_deficit": 0.2, "tilt_rate": 0, "state": 0,
}  # fmt: skip
USUAL_OF_UNIT: Mapping[str, float] = {"m": 0.05, "cm": 0.5, "Cel": 0.5, "%": 2}
"""The hysteresis of rules that say none: by the measure, else by the unit of the value, else 0."""


class Measured(NamedTuple):
    """A measure, and the series it is computed of."""

    measure: Measure
    inputs: tuple[Series, ...]


def quantities_of(measure: said.Measure, quantity: str | None) -> tuple[str, ...]:
    """The codes of what a measure is computed of. Of `EITHER` a device need not send all."""
    if quantity is not None:
        return (quantity,)
    if measure.kind in said.RAIN_KINDS:
        return RAIN
    return _NAMED[measure.kind]


def measured(
    measure: said.Measure, quantity: str | None, channel: int, device: Device, registered: Registered
) -> Measured | None:
    """The measure at a device; None where a quantity is not known any more."""
    codes = quantities_of(measure, quantity)
    found = [registered.quantity(device.row.project_id, code) for code in codes]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        return None
    inputs = tuple(device.series(each, channel) for each in known)
    made = _made(measure, known[0], len(known), device)
    if codes == RAIN:
        made = TotalOrAmounts(made, _made(measure, known[1], 1, device), device.patience_us)
    return Measured(made, inputs)


def usual_hysteresis(measure: Measure) -> float:
    """The hysteresis of a rule that says none."""
    usual = USUAL_OF_MEASURE.get(measure.kind)
    return USUAL_OF_UNIT.get(measure.unit, 0) if usual is None else usual


def _made(measure: said.Measure, quantity: QuantityRow, axes: int, device: Device) -> Measure:
    match measure:
        case said.RiseMeasure():
            return Rise(quantity.unit, _us(measure.hours))
        case said.TiltMeasure():
            return TiltRate(_us(measure.hours), axes)
        case said.SnowMeasure():
            return NewSnow(_us(measure.hours), device.patience_us, quantity.unit)
        case said.CumulativeMeasure():
            return RainCumulative(_us(measure.dry_hours), gauge_of(quantity, device))
        case said.EffectiveMeasure():
            return RainEffective(_us(measure.half_life_h), gauge_of(quantity, device))
    return _PLAIN[measure.kind](measure.kind, quantity, device)


def _rain_sum(kind: str, quantity: QuantityRow, device: Device) -> Measure:
    return RainSum(kind, RAIN_SPANS_H[kind] * HOUR_US, gauge_of(quantity, device))


_PLAIN: Mapping[str, Callable[[str, QuantityRow, Device], Measure]] = {
    "value": lambda _, quantity, __: Value(quantity.unit),
    "state": lambda *_: State(),
    "rain_1h": _rain_sum,
    "rain_3h": _rain_sum,
    "rain_24h": _rain_sum,
    "soil_water_index": lambda _, quantity, device: SoilWaterIndex(gauge_of(quantity, device)),
    "wbgt": lambda _, __, device: Wbgt(device.patience_us),
    "vapour_deficit": lambda _, __, device: VapourDeficit(device.patience_us),
}


def gauge_of(quantity: QuantityRow, device: Device) -> Gauge:
    """The rain gauge that sends a quantity."""
    interval_us = device.row.interval_s * SECOND_US
    return Gauge(quantity.kind == "counter", interval_us, device.patience_us, quantity.per_hour)


def _us(hours: float) -> int:
    return round(hours * HOUR_US)
