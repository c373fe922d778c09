"""Simulates the measurements of each kind of station, with the resolution and noise of its sensor.

Values come in the unit of the catalogue and under its codes; a profile renames them later.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from ingest.simulator.animals import scene
from ingest.simulator.chance import draw, wobble
from ingest.simulator.town import NEIGHBOUR_PROJECT, Kind, Site
from ingest.simulator.weather import DAY_S, HOUR_S, Conditions, day_of_year, local_hour

Values = dict[str, float | str]

_ACTIVE_ABOVE_M, _ACTIVE_ABOVE_BESIDE_M = 0.7, 0.9
"""So far above the level of a quiet day a river gauge begins to send often: that of the town, of the neighbour."""


@dataclass
class Sensor:
    """A site, and the state of its sensors between two measurements. `seed` is that of the field."""

    site: Site
    seed: int
    rng: Random
    memory: dict[str, float] = field(default_factory=dict)

    def measure(self, time_s: float, weather: Conditions) -> Values:
        """The readings of one measurement."""
        return _MEASURE[self.site.kind](self, time_s, weather)

    def own(self, key: int, low: float, high: float) -> float:
        """A constant property of this place, such as its soil or an installation angle."""
        return low + (high - low) * draw(self.seed, self._number, key)

    def drift(self, key: int, time_s: float, period_s: float) -> float:
        """A slow wandering between -1 and 1 that is this place's own."""
        return wobble(self.seed * 1009 + self._number * 31 + key, time_s, period_s)

    def noisy(self, value: float, noise: float, step: float) -> float:
        """The value with sensor noise, rounded to the sensor's resolution."""
        return quantised(value + self.rng.gauss(0, noise), step)

    def battery_percent(self, time_s: float) -> float:
        """The level of a primary cell, which loses a percent in about ten days."""
        used = (time_s / DAY_S + self.own(1, 0, 900)) % 900
        return quantised(98 - used * 0.09, 1)

    @property
    def _number(self) -> int:
        return list(Kind).index(self.site.kind) * 100_000 + self.site.number


def quantised(value: float, step: float) -> float:
    """The nearest multiple of `step`, as a short decimal."""
    digits = max(0, -math.floor(math.log10(step)))
    return round(round(value / step) * step, digits)


def quiet_level(site: Site) -> float:
    """Metres above gauge zero at this place when it has not rained for long."""
    return 0.35 + 0.3 * site.along


def active_level(site: Site) -> float:
    """Metres from which on a gauge sends by its short interval (観測開始水位)."""
    above_m = _ACTIVE_ABOVE_BESIDE_M if site.project == NEIGHBOUR_PROJECT else _ACTIVE_ABOVE_M
    return round(quiet_level(site) + above_m, 1)


def river_level(site: Site, weather: Conditions) -> float:
    """Metres above gauge zero at this place along the river."""
    head, middle, mouth = weather.river_rise_m
    here = (
        head + (middle - head) * 2 * site.along
        if site.along < 0.5
        else middle + (mouth - middle) * (2 * site.along - 1)
    )
    return quiet_level(site) + here * (0.75 + 0.5 * site.along)


def snow_depth_cm(day: int) -> float:
    """Centimetres of snow on a day of the year: from 11 December to 26 March, the most at the end of January."""
    return max(0.0, 55 * math.sin(math.pi * ((day - 345) % 365) / 105)) if (day - 345) % 365 < 105 else 0.0


def _paddy(sensor: Sensor, time_s: float, weather: Conditions) -> Values:
    level = _paddy_level(sensor, time_s, weather)
    water = weather.air_temperature + weather.solar / 140 + 0.8 * sensor.drift(2, time_s, 3 * HOUR_S)
    return {
        "paddy_water_level": sensor.noisy(level, 0.15, 0.1),
        "paddy_water_temperature": sensor.noisy(max(0.3, water), 0.08, 0.1),
        "battery_level": sensor.battery_percent(time_s),
    }


def _paddy_level(sensor: Sensor, time_s: float, weather: Conditions) -> float:
    """Centimetres over the soil; below it (negative) after harvest. Some fields are kept wet in winter (冬期湛水)."""
    day = day_of_year(time_s)
    wander = 1.2 * sensor.drift(3, time_s, 7 * HOUR_S)
    if 125 <= day <= 170 or 195 <= day <= 250:
        return sensor.own(4, 3, 7) + wander + weather.soil_mm * 0.02
    if (day >= 320 or day <= 75) and sensor.own(5, 0, 1) < 0.35:
        return sensor.own(4, 2, 6) + wander + weather.soil_mm * 0.03
    return min(2.5, -sensor.own(6, 9, 26) + wander + weather.soil_mm * 0.16)


def _soil(sensor: Sensor, time_s: float, weather: Conditions) -> Values:
    moisture = sensor.own(2, 17, 27) + weather.soil_mm * sensor.own(3, 0.14, 0.26)
    lagged = 0.5 * weather.air_temperature + 6 + 1.5 * math.cos(math.tau * (local_hour(time_s) - 17) / 24)
    return {
        "soil_moisture": sensor.noisy(min(52.0, moisture), 0.15, 0.1),
        "soil_temperature": sensor.noisy(lagged + sensor.own(4, -0.8, 0.8), 0.05, 0.1),
        "soil_ec": sensor.noisy(sensor.own(5, 0.25, 0.9) * moisture / 28, 0.01, 0.01),
        "battery_voltage": sensor.noisy(3.62 - sensor.own(6, 0, 0.2), 0.004, 0.01),
    }


def _greenhouse(sensor: Sensor, time_s: float, weather: Conditions) -> Values:
    """Air warmed by the sun and kept above a set point by a heater; plants take up CO2 by day."""
    light = weather.solar * sensor.own(2, 0.55, 0.75)
    heated = sensor.own(3, 9, 13)
    inside = max(heated + 0.4 * sensor.drift(4, time_s, 900), weather.air_temperature + 2.5 + light / 55)
    inside = min(inside, 31 + sensor.drift(5, time_s, 1800))
    co2 = 560 + 110 * sensor.drift(6, time_s, 2 * HOUR_S) - min(230.0, light * 0.55)
    humidity = min(98.0, 82 - (inside - heated) * 1.3 + weather.humidity * 0.08 + 3 * sensor.drift(7, time_s, 3000))
    return {
        "air_temperature": sensor.noisy(inside, 0.06, 0.1),
        "air_humidity": sensor.noisy(max(20.0, humidity), 0.4, 0.1),
        "air_co2": sensor.noisy(co2, 6, 1),
        "radiation_par": max(0.0, sensor.noisy(light * 2.02, 1.5 if light else 0.0, 1)),
        "soil_moisture": sensor.noisy(sensor.own(8, 26, 36) + 3 * sensor.drift(9, time_s, 5 * HOUR_S), 0.1, 0.1),
    }


def _trap(sensor: Sensor, time_s: float, _weather: Conditions) -> Values:
    seen = scene(sensor.seed, sensor.site.number, time_s)
    values: Values = {"trap_state": seen.trap_state, "battery_level": sensor.battery_percent(time_s)}
    if seen.label is not None:
        values["detection_label"] = seen.label
        values["detection_confidence"] = quantised(min(0.99, seen.confidence + sensor.rng.uniform(-0.04, 0.04)), 0.01)
    return values


def _river(sensor: Sensor, _time_s: float, weather: Conditions) -> Values:
    charge = 12.5 + weather.solar / 900 + sensor.own(2, -0.1, 0.1)
    return {
        "river_level": sensor.noisy(river_level(sensor.site, weather), 0.006, 0.01),
        "battery_voltage": sensor.noisy(charge, 0.02, 0.01),
    }


def _rain(sensor: Sensor, time_s: float, weather: Conditions) -> Values:
    """A tipping bucket of 0.5 mm: the counter, and what fell since the message before.

    That of a veteran is a small weather station, with the temperature of the air and the depth of the snow.
    """
    total = math.floor(weather.rain_total_mm * sensor.own(2, 0.93, 1.07) / 0.5) * 0.5
    before = sensor.memory.get("rain_total", total)
    sensor.memory["rain_total"] = total
    values: Values = {
        "rain_total": total,
        "rain_amount": max(0.0, total - before),
        "battery_voltage": sensor.noisy(3.6 - sensor.own(3, 0, 0.15), 0.004, 0.01),
    }
    if sensor.site.veteran:
        values["air_temperature"] = sensor.noisy(weather.air_temperature, 0.06, 0.1)
        values["snow_depth"] = sensor.noisy(snow_depth_cm(day_of_year(time_s)), 0, 1)
    return values


def _slope(sensor: Sensor, _time_s: float, weather: Conditions) -> Values:
    creep = weather.creep_mm * sensor.own(2, 0.0, 0.0009)
    return {
        "slope_tilt_x": sensor.noisy(sensor.own(3, -2, 2) + creep, 0.002, 0.001),
        "slope_tilt_y": sensor.noisy(sensor.own(4, -2, 2) + creep * 0.4, 0.002, 0.001),
        "ground_displacement": sensor.noisy(creep * 14, 0.06, 0.1),
        "soil_moisture": sensor.noisy(min(58.0, sensor.own(5, 19, 28) + weather.soil_mm * 0.24), 0.15, 0.1),
    }


def _gate(sensor: Sensor, time_s: float, weather: Conditions) -> Values:
    """A gate that opens as the river rises, two percent a second; its operator corrects it now and then."""
    level = river_level(sensor.site, weather)
    target = 15 + (level - 0.7) * 60 + 12 * sensor.drift(2, time_s, 240)
    target = min(100.0, max(0.0, 5 * round(target / 5)))
    before, since = sensor.memory.get("opening", target), sensor.memory.get("time", time_s)
    reach = max(2.0, 2 * (time_s - since))
    opening = before + min(reach, max(-reach, target - before))
    sensor.memory.update(opening=opening, time=time_s)
    state = "moving" if opening != target else "open" if opening > 0 else "closed"
    return {
        "gate_state": state,
        "gate_opening": quantised(opening, 1),
        "river_level": sensor.noisy(level, 0.006, 0.01),
    }


_MEASURE: Mapping[Kind, Callable[[Sensor, float, Conditions], Values]] = {
    Kind.PADDY: _paddy,
    Kind.SOIL: _soil,
    Kind.GREENHOUSE: _greenhouse,
    Kind.TRAP: _trap,
    Kind.RIVER: _river,
    Kind.RAIN: _rain,
    Kind.SLOPE: _slope,
    Kind.GATE: _gate,
}
