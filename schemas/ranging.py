"""The limits of distance sensors: nearer than the blind zone and farther than the range there is no echo.

A binding may name the kind of sensor, and its own limits where its data sheet says so. These are the usual ones.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

SensorKind: TypeAlias = Literal["ultrasonic", "radar", "lidar"]


class Sight(NamedTuple):
    """A distance at or below `blind_zone_m`, and one at or beyond `range_m`, was not measured."""

    blind_zone_m: float
    range_m: float


USUAL: Mapping[SensorKind, Sight] = {
    "ultrasonic": Sight(0.25, 9.99),
    "radar": Sight(0.1, 30),
    "lidar": Sight(0.05, 40),
}

ANY = Sight(0.03, 40)
"""For sensors of unknown kind: no sensor at a river measures nearer or farther."""
