"""Simulates the weather of the valley, and the effect of rain on its river, soil and slopes.

Everything is a function of the time: history and live field, first and second run have the same weather.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from ingest.simulator.chance import draw, wobble
from schemas.japan import JST_OFFSET_S

HOUR_S = 3600.0
DAY_S = 86400.0

LATITUDE = math.radians(36.5)
RAIN_EVERY_S = 22 * HOUR_S
"""Rain comes about once in this time, so that every day of a demonstration has some."""

_PULSES = ((0.5, 0.08), (1.5, 0.20), (2.5, 0.34), (3.5, 0.22), (4.5, 0.11), (6.0, 0.05))
"""Shape of one rain: hours after its start, share of its depth."""

_HALF_WIDTH_S = 0.9 * HOUR_S
_MEMORY = 4
"""How many past rains still affect soil and river."""

_COUNTER_MM = 20_000.0
"""The total of the rain gauges when the first rain began."""

_QUANTUM_S = 30.0


class Pulse(NamedTuple):
    """A triangle of rain: when it is heaviest, and how much falls in all."""

    centre_s: float
    depth_mm: float


class Conditions(NamedTuple):
    """The state of the valley at one moment.

    Units: ℃, %, W/m², mm/h, mm. `rain_total_mm` only rises. `soil_mm` is rain still in the soil. `creep_mm` is all
    rain that has soaked in since the anchor (before it: negative), which is what a slope moves by.
    `river_rise_m`: above base flow, at the head, the middle and the mouth of the valley.
    """

    air_temperature: float
    humidity: float
    solar: float
    rain_mm_h: float
    rain_total_mm: float
    soil_mm: float
    creep_mm: float
    river_rise_m: tuple[float, float, float]


def local_hour(time_s: float) -> float:
    """Hour of the day in Japan, 0..24."""
    return ((time_s + JST_OFFSET_S) % DAY_S) / HOUR_S


def day_of_year(time_s: float) -> int:
    """Day of the year in Japan, 1..366."""
    return datetime.fromtimestamp(time_s + JST_OFFSET_S, UTC).timetuple().tm_yday


@dataclass
class Weather:
    """Weather by seed. `anchor_s`: when a rain begins (epoch seconds); the others follow from it."""

    seed: int
    anchor_s: float
    _rains: dict[int, tuple[Pulse, ...]] = field(default_factory=dict)
    _sums: dict[int, float] = field(default_factory=lambda: {0: 0.0})
    _last: tuple[float, Conditions] | None = None

    def at(self, time_s: float) -> Conditions:
        """The conditions at a time, to within 30 seconds."""
        moment = time_s - time_s % _QUANTUM_S
        if self._last is None or self._last[0] != moment:
            self._last = (moment, self._conditions(moment))
        return self._last[1]

    def _conditions(self, time_s: float) -> Conditions:
        newest = math.floor((time_s - self.anchor_s) / RAIN_EVERY_S)
        recent = [pulse for number in range(newest - _MEMORY, newest + 1) for pulse in self._rain(number)]
        before = self._fallen_before(newest - _MEMORY)
        intensity = sum(_intensity(pulse, time_s) for pulse in recent)
        wet = min(1.0, intensity / 4)
        solar = self._solar(time_s, wet)
        temperature = self._temperature(time_s, wet)
        return Conditions(
            air_temperature=temperature,
            humidity=self._humidity(time_s, temperature, wet),
            solar=solar,
            rain_mm_h=intensity,
            rain_total_mm=_COUNTER_MM + before + sum(_fallen(pulse, time_s) for pulse in recent),
            soil_mm=sum(_kept(pulse, time_s) for pulse in recent),
            creep_mm=before + sum(_soaked(pulse, time_s) for pulse in recent),
            river_rise_m=(
                _rise(recent, time_s + 0.6 * HOUR_S),
                _rise(recent, time_s),
                _rise(recent, time_s - 0.8 * HOUR_S),
            ),
        )

    def _rain(self, number: int) -> tuple[Pulse, ...]:
        """Rain number 0 begins at the anchor; the others near a multiple of the period from it."""
        if number not in self._rains:
            self._rains[number] = tuple(self._pulses(number))
        return self._rains[number]

    def _pulses(self, number: int) -> Iterator[Pulse]:
        shift = 0.0 if number == 0 else 5 * HOUR_S * draw(self.seed, number, 1)
        depth = 62.0 if number == 0 else 14 + 50 * draw(self.seed, number, 2) ** 2
        start = self.anchor_s + number * RAIN_EVERY_S + shift
        for hours, share in _PULSES:
            yield Pulse(start + hours * HOUR_S, depth * share)

    def _fallen_before(self, number: int) -> float:
        """Rain between rain 0 and rain `number`; negative for what fell before rain 0."""
        if number not in self._sums:
            nearest = min(self._sums, key=lambda known: abs(known - number))
            step = 1 if number > nearest else -1
            for at in range(nearest, number, step):
                depth = sum(pulse.depth_mm for pulse in self._rain(min(at, at + step)))
                self._sums[at + step] = self._sums[at] + step * depth
        return self._sums[number]

    def _solar(self, time_s: float, wet: float) -> float:
        declination = math.radians(23.44) * math.sin(math.tau * (day_of_year(time_s) - 81) / 365)
        angle = math.pi * (local_hour(time_s) - 11.75) / 12
        height = math.sin(LATITUDE) * math.sin(declination) + math.cos(LATITUDE) * math.cos(declination) * math.cos(
            angle
        )
        if height <= 0:
            return 0.0
        cloud = 0.72 + 0.28 * wobble(self.seed + 11, time_s, 2400)
        return float(1050 * height**1.15 * cloud * (1 - 0.8 * wet))

    def _temperature(self, time_s: float, wet: float) -> float:
        season = 11.5 + 12.5 * math.cos(math.tau * (day_of_year(time_s) - 213) / 365)
        daily = 5.0 * math.cos(math.tau * (local_hour(time_s) - 14) / 24) * (1 - 0.6 * wet)
        return season + daily - 1.5 * wet + 1.2 * wobble(self.seed + 12, time_s, 5 * HOUR_S)

    def _humidity(self, time_s: float, temperature: float, wet: float) -> float:
        noon = self._temperature(time_s - (local_hour(time_s) - 4) * HOUR_S, 0.0)
        dew_point = noon - 1.0 + 0.8 * wobble(self.seed + 13, time_s, 6 * HOUR_S)
        dew_point += (temperature - dew_point) * 0.85 * wet
        return min(
            99.5, 100 * math.exp(17.6 * dew_point / (243 + dew_point) - 17.6 * temperature / (243 + temperature))
        )


def _intensity(pulse: Pulse, time_s: float) -> float:
    away = abs(time_s - pulse.centre_s) / _HALF_WIDTH_S
    return 0.0 if away >= 1 else pulse.depth_mm / (_HALF_WIDTH_S / HOUR_S) * (1 - away)


def _fallen(pulse: Pulse, time_s: float) -> float:
    x = (time_s - pulse.centre_s) / _HALF_WIDTH_S
    if x <= -1:
        return 0.0
    if x >= 1:
        return pulse.depth_mm
    share = (1 + x) ** 2 / 2 if x <= 0 else 1 - (1 - x) ** 2 / 2
    return pulse.depth_mm * share


def _kept(pulse: Pulse, time_s: float) -> float:
    age = time_s - pulse.centre_s
    return 0.0 if age <= 0 else pulse.depth_mm * (1 - math.exp(-age / HOUR_S)) * math.exp(-age / (1.6 * DAY_S))


def _soaked(pulse: Pulse, time_s: float) -> float:
    age = time_s - pulse.centre_s
    return 0.0 if age <= 0 else pulse.depth_mm * (1 - math.exp(-age / (8 * HOUR_S)))


def _rise(pulses: list[Pulse], time_s: float) -> float:
    """The rise of the river by a unit hydrograph: the flood peaks 2.5 hours after the rain and recedes over a day."""
    rise = 0.0
    for pulse in pulses:
        age = (time_s - pulse.centre_s) / (2.5 * HOUR_S)
        if 0 < age < 60:
            rise += pulse.depth_mm * (
                0.030 * age * math.exp(1 - age) + 0.004 * (1 - math.exp(-age)) * math.exp(-age / 8)
            )
    return rise
