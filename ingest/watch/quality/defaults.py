"""What is expected of a quantity by itself, and of a series by the document of its project.

The defaults are conservative: a false flag costs more trust than a missed one. A default fails (grade 4) only what no
field in Japan does: a value that leaps away and is back with the next reading, or weather that stands still for days.
A river that rises fast is what the watch is for, so a rate is suspect at most. Levels, snow and soil may rest for long:
these are suspect when they stand still, never failed. Tilt and displacement rest for years and have no such test.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from ingest.watch.quality.checks import Expected
from schemas.watch_quality import Limits, QualitySeries, QualityTest


def _expect(
    *,
    spike: tuple[float, float] | None = None,
    within_min: float = 150,
    rate: float | None = None,
    stuck: tuple[float, float | None] | None = None,
    tolerance: float = 0,
    rest: tuple[float, float] | None = None,
) -> Expected:
    return Expected(
        spike=None if spike is None else Limits(suspect=spike[0], fail=spike[1]),
        spike_within=timedelta(minutes=within_min),
        rate_per_h=None if rate is None else Limits(suspect=rate),
        stuck_h=None if stuck is None else Limits(suspect=stuck[0], fail=stuck[1]),
        tolerance=tolerance,
        rest=rest,
    )


_DRY = (0.0, 0.0)
_DARK = (-20.0, 5.0)

DEFAULTS: Mapping[str, Expected] = {
    # air
    "air_temperature": _expect(spike=(8, 20), rate=30, stuck=(24, 72)),
    "air_humidity": _expect(spike=(30, 60), stuck=(48, 120), rest=(97, 100)),
    "air_dew_point": _expect(spike=(10, 25), stuck=(24, 72)),
    "air_pressure": _expect(spike=(5, 20), rate=20, stuck=(24, 72)),
    "air_pressure_sea_level": _expect(spike=(5, 20), rate=20, stuck=(24, 72)),
    "air_co2": _expect(stuck=(24, 72)),
    "air_vpd": _expect(stuck=(72, None), rest=_DRY),
    "wind_speed": _expect(stuck=(24, 72), rest=_DRY),
    "wind_gust": _expect(stuck=(24, 72), rest=_DRY),
    "radiation_solar": _expect(stuck=(12, 36), rest=_DARK),
    "radiation_par": _expect(stuck=(12, 36), rest=_DARK),
    "light_illuminance": _expect(stuck=(12, None), rest=(0, 5)),
    # rain: the same amount again and again is no rain
    "rain_amount": _expect(stuck=(6, 24), rest=_DRY),
    "rain_intensity": _expect(stuck=(6, 24), rest=_DRY),
    # water
    "river_level": _expect(spike=(1, 3), within_min=40, rate=12, stuck=(14 * 24, None)),
    "paddy_water_level": _expect(spike=(20, 60), stuck=(14 * 24, None)),
    "water_temperature": _expect(spike=(5, 15), stuck=(72, 168)),
    "paddy_water_temperature": _expect(spike=(8, 20), stuck=(72, 168)),
    "water_dissolved_oxygen": _expect(spike=(5, 15), stuck=(72, 168), rest=_DRY),
    "water_ph": _expect(spike=(2, 5), stuck=(14 * 24, None)),
    "distance": _expect(spike=(1, 5), within_min=40, stuck=(14 * 24, None)),
    # ground and snow
    "soil_temperature": _expect(spike=(8, 20), stuck=(14 * 24, None)),
    "soil_moisture": _expect(spike=(20, 50), stuck=(21 * 24, None)),
    "slope_tilt_x": _expect(spike=(5, 20)),
    "slope_tilt_y": _expect(spike=(5, 20)),
    "ground_displacement": _expect(spike=(50, 200)),
    "snow_depth": _expect(spike=(30, 100), rate=60, stuck=(14 * 24, None), rest=(-20, 2)),
}  # fmt: skip
"""By quantity of the catalogue. Others have no tests but those that the document asks for."""

NOTHING = Expected()


def expect(quantity: str, series: Iterable[QualitySeries]) -> Expected:
    """What is expected: the defaults of the quantity, and over them each entry of the document, in its order."""
    expected = DEFAULTS.get(quantity, NOTHING)
    for entry in series:
        expected = _override(expected, entry)
    return expected


def _override(expected: Expected, entry: QualitySeries) -> Expected:
    within = entry.spike_within_min
    found = replace(
        expected,
        spike=entry.spike or expected.spike,
        spike_within=expected.spike_within if within is None else timedelta(minutes=within),
        rate_per_h=entry.rate_per_h or expected.rate_per_h,
        stuck_h=entry.stuck_h or expected.stuck_h,
        tolerance=expected.tolerance if entry.tolerance is None else entry.tolerance,
        rest=entry.rest or expected.rest,
        ranges=entry.range or expected.ranges,
    )
    if entry.drift is not None:
        found = replace(
            found, drift=entry.drift, neighbours=tuple(dict.fromkeys(entry.neighbours)), drift_days=entry.drift_days,
            drift_offset=entry.drift_offset,
        )  # fmt: skip
    return _without(found, entry.off)


def _without(expected: Expected, off: Iterable[QualityTest]) -> Expected:
    for test in off:
        match test:
            case QualityTest.SPIKE:
                expected = replace(expected, spike=None)
            case QualityTest.RATE:
                expected = replace(expected, rate_per_h=None)
            case QualityTest.STUCK:
                expected = replace(expected, stuck_h=None)
            case QualityTest.RANGE:
                expected = replace(expected, ranges=())
            case QualityTest.DRIFT:
                expected = replace(expected, drift=None)
    return expected
