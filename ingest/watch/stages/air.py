"""Measures of several quantities of one place at one time: WBGT and vapour deficit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ingest.watch.stages.sample import Lacking, Sample
from ingest.watch.stages.window import DIGITS, Point

Latest: TypeAlias = tuple[Point | None, ...]


def wbgt_of(temperature: float, humidity: float, solar_w_m2: float, wind_m_s: float) -> float:
    """WBGT (暑さ指数) in degrees without a globe thermometer, by Ono and Tonouchi (2014): an estimate (推定値).

    Of air temperature (Cel), relative humidity (%), solar radiation (W/m2) and wind (m/s). 32, 60, 800, 2 give 30.37.
    """
    solar = max(solar_w_m2, 0.0) / 1000
    return (
        0.735 * temperature + 0.0374 * humidity + 0.00292 * temperature * humidity
        + 7.619 * solar - 4.557 * solar**2 - 0.0572 * wind_m_s - 4.064
    )  # fmt: skip


def vapour_deficit_of(temperature: float, humidity: float) -> float:
    """Vapour deficit (飽差) in g/m3 of air temperature (Cel) and relative humidity (%). 25 and 60 give 9.22."""
    saturated_hpa = 6.1078 * 10 ** (7.5 * temperature / (temperature + 237.3))
    return float(217 * saturated_hpa * (1 - humidity / 100) / (temperature + 273.15))


@dataclass(frozen=True, slots=True)
class Together:
    """The last reading of each input, none of them older than the patience."""

    patience_us: int

    @property
    def look_back_us(self) -> int:
        """Part of the protocol."""
        return self.patience_us

    def together(
        self, memory: Latest, time_us: int, values: Sequence[float | None]
    ) -> tuple[Latest, tuple[float, ...] | None]:
        """The memory with new readings, and all values; None where one is missing."""
        latest = tuple(
            old if value is None else Point(time_us, value) for old, value in zip(memory, values, strict=True)
        )
        known = [point.value for point in latest if point and time_us - point.time_us < self.patience_us]
        return latest, tuple(known) if len(known) == len(latest) else None


@dataclass(frozen=True, slots=True)
class Wbgt(Together):
    """WBGT by Ono (2014), of air_temperature, air_humidity, radiation_solar and wind_speed. See `wbgt_of`."""

    unit: str = "Cel"
    kind: str = "wbgt"

    def start(self) -> Latest:
        """Part of the protocol."""
        return (None,) * 4

    def add(self, memory: Latest, time_us: int, values: Sequence[float | None]) -> tuple[Latest, Sample]:
        """Part of the protocol."""
        latest, known = self.together(memory, time_us, values)
        if known is None:
            return latest, Sample(time_us, None, lacking=Lacking.INPUT)
        return latest, Sample(time_us, round(wbgt_of(*known), DIGITS))


@dataclass(frozen=True, slots=True)
class VapourDeficit(Together):
    """Vapour deficit of air_temperature and air_humidity. See `vapour_deficit_of`."""

    unit: str = "g/m3"
    kind: str = "vapour_deficit"

    def start(self) -> Latest:
        """Part of the protocol."""
        return (None,) * 2

    def add(self, memory: Latest, time_us: int, values: Sequence[float | None]) -> tuple[Latest, Sample]:
        """Part of the protocol."""
        latest, known = self.together(memory, time_us, values)
        if known is None:
            return latest, Sample(time_us, None, lacking=Lacking.INPUT)
        return latest, Sample(time_us, round(vapour_deficit_of(*known), DIGITS))
