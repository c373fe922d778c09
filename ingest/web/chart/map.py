"""Positions on a Mercator sheet of our own: a grid of degrees and a scale bar, no tiles from anywhere."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from ingest.web.chart.frame import Mark
from ingest.web.chart.scale import round_down

WIDTH, HEIGHT = 1000, 620
_EARTH_M = 6_371_008.8
_SMALLEST_M = 400.0
_MARGIN = 0.10


class Place(NamedTuple):
    """A point in degrees."""

    latitude: float
    longitude: float


class Sheet(NamedTuple):
    """A map without its points: `at` says where a place lies on it."""

    meridians: list[Mark]
    parallels: list[Mark]
    scale_percent: float
    scale_label: str
    left: float
    top: float
    per_unit: float

    def at(self, place: Place) -> tuple[float, float]:
        """Position in units of the view box, WIDTH by HEIGHT."""
        x = (math.radians(place.longitude) - self.left) / self.per_unit
        y = (self.top - _mercator(place.latitude)) / self.per_unit
        return round(x, 1), round(y, 1)


def sheet(places: Iterable[Place]) -> Sheet | None:
    """The sheet that shows all places with a margin; None if there is no place at all."""
    points = list(places)
    if not points:
        return None
    xs = [math.radians(point.longitude) for point in points]
    ys = [_mercator(point.latitude) for point in points]
    middle_x, middle_y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    latitude = math.degrees(2 * math.atan(math.exp(middle_y)) - math.pi / 2)
    metres_per_radian = _EARTH_M * math.cos(math.radians(latitude))
    roomy = 1 - 2 * _MARGIN
    per_unit = max(
        (max(xs) - min(xs)) / (WIDTH * roomy),
        (max(ys) - min(ys)) / (HEIGHT * roomy),
        _SMALLEST_M / metres_per_radian / WIDTH,
    )
    left, top = middle_x - per_unit * WIDTH / 2, middle_y + per_unit * HEIGHT / 2
    bar_m = round_down(per_unit * WIDTH * metres_per_radian * 0.2)
    step = _degree_step(math.degrees(per_unit * WIDTH))
    return Sheet(
        meridians=_meridians(left, per_unit, step),
        parallels=_parallels(top, per_unit, step),
        scale_percent=round(100 * bar_m / metres_per_radian / per_unit / WIDTH, 2),
        scale_label=f"{bar_m / 1000:g} km" if bar_m >= 1000 else f"{bar_m:g} m",
        left=left,
        top=top,
        per_unit=per_unit,
    )


def _mercator(latitude: float) -> float:
    bounded = min(85.0, max(-85.0, latitude))
    return math.log(math.tan(math.pi / 4 + math.radians(bounded) / 2))


def _degree_step(degrees: float) -> float:
    return round_down(degrees / 3)


def _meridians(left: float, per_unit: float, step: float) -> list[Mark]:
    west, east = math.degrees(left), math.degrees(left + per_unit * WIDTH)
    return [
        Mark(round(100 * (math.radians(degree) - left) / per_unit / WIDTH, 2), _degrees(degree, step, "E", "W"))
        for degree in _multiples(west, east, step)
    ]


def _parallels(top: float, per_unit: float, step: float) -> list[Mark]:
    def latitude(y: float) -> float:
        return math.degrees(2 * math.atan(math.exp(y)) - math.pi / 2)

    south, north = latitude(top - per_unit * HEIGHT), latitude(top)
    return [
        Mark(round(100 * (top - _mercator(degree)) / per_unit / HEIGHT, 2), _degrees(degree, step, "N", "S"))
        for degree in _multiples(south, north, step)
    ]


def _multiples(low: float, high: float, step: float) -> list[float]:
    return [index * step for index in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _degrees(degree: float, step: float, positive: str, negative: str) -> str:
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{abs(degree):.{places}f}°{positive if degree >= 0 else negative}"
