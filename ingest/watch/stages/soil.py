"""The three tanks of the soil-water index (土壌雨量指数) with the constants that hold all over Japan."""

from math import ceil
from typing import NamedTuple

WET_STEP_H = 1 / 60
"""Steps of the integration (fourth-order Runge-Kutta) while it rains: a minute."""

DRY_STEP_H = 1 / 12
"""The same while it does not: five minutes."""

LONGEST_H = 60 * 24
"""A longer time without a reading empties the tanks to less than a millionth: it is computed as so long."""


class Tanks(NamedTuple):
    """The water in the three tanks, in mm."""

    first: float
    second: float
    third: float

    @property
    def water(self) -> float:
        """The soil-water index."""
        return self.first + self.second + self.third


EMPTY = Tanks(0.0, 0.0, 0.0)


def filled(tanks: Tanks, rain_mm: float, hours: float) -> Tanks:
    """The tanks after some hours in which this much rain fell evenly.

    30 mm an hour for three hours from empty give 82.342, and 69.851 three dry hours later. The error there is below
    0.001; it comes from where a tank begins to flow out at its side.
    """
    if hours <= 0:
        return tanks
    hours = min(hours, LONGEST_H)
    steps = ceil(hours / (WET_STEP_H if rain_mm else DRY_STEP_H) - 1e-6)
    rate, step = rain_mm / hours, hours / steps
    for _ in range(steps):
        tanks = _stepped(tanks, rate, step)
    return tanks


def _stepped(tanks: Tanks, rate: float, step: float) -> Tanks:
    one = _change(tanks, rate)
    two = _change(_moved(tanks, one, step / 2), rate)
    three = _change(_moved(tanks, two, step / 2), rate)
    four = _change(_moved(tanks, three, step), rate)
    mean = Tanks(  # written out, as below: a gauge has thousands of steps a month
        (one.first + 2 * two.first + 2 * three.first + four.first) / 6,
        (one.second + 2 * two.second + 2 * three.second + four.second) / 6,
        (one.third + 2 * two.third + 2 * three.third + four.third) / 6,
    )
    return _moved(tanks, mean, step)


def _moved(tanks: Tanks, change: Tanks, step: float) -> Tanks:
    return Tanks(
        tanks.first + step * change.first, tanks.second + step * change.second, tanks.third + step * change.third
    )


def _change(tanks: Tanks, rate: float) -> Tanks:
    """In mm an hour: what falls in, less what flows out at the side and below."""
    first, second, third = tanks
    side1 = (0.1 * (first - 15) if first > 15 else 0.0) + (0.15 * (first - 60) if first > 60 else 0.0)
    side2 = 0.05 * (second - 15) if second > 15 else 0.0
    side3 = 0.01 * (third - 15) if third > 15 else 0.0
    down1, down2, down3 = 0.12 * first, 0.05 * second, 0.01 * third
    return Tanks(rate - side1 - down1, down1 - side2 - down2, down2 - side3 - down3)
