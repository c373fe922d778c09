"""What silence means in the watch (途絶・監視不能): the part `silence` of the watch document of a project."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from schemas.project import Code

Intervals = Annotated[FiniteFloat, Field(ge=1, le=1_000)]
Codes = Annotated[tuple[Code, ...], Field(min_length=1, max_length=1_000)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class RainMeasure(_Strict):
    """The sum of rain by which a silent gauge becomes 監視不能."""

    kind: Literal["rain_1h", "rain_3h", "rain_24h"] = "rain_1h"

    @property
    def hours(self) -> int:
        """Over so many hours."""
        return {"rain_1h": 1, "rain_3h": 3, "rain_24h": 24}[self.kind]


class BlindRule(_Strict):
    """Gauges that must be heard while it rains, and the rain gauges that say so."""

    gauges: Codes = Field(description="Devices with two intervals, or any other that must be heard in rain")
    rain: Codes = Field(description="Rain gauges nearby: one of them is enough")
    measure: RainMeasure = RainMeasure()
    at_least: FiniteFloat = Field(20, gt=0, le=2_000, description="mm within the hours of the measure")
    silent_min: int = Field(30, ge=1, le=7 * 24 * 60, description="Not heard for longer than this, in minutes")


class EventOnly(_Strict):
    """Devices that speak only when something happens, as traps, with the longest time between two proofs of life."""

    devices: Codes
    keep_alive_h: FiniteFloat = Field(gt=0, le=60 * 24, description="Silent after this many hours")


class WatchSilence(_Strict):
    """How the silence of a project is watched. Without it: as the pages say 途絶, and blindness by rain nearby."""

    enabled: bool = True
    intervals: Intervals | None = Field(
        None, description="Silent after so many intervals; absent: as everywhere else (figure_patience_s)"
    )
    calm_intervals: Intervals | None = Field(
        None, description="The same in the calm mode of a gauge of two intervals; absent: as everywhere else"
    )
    blind: tuple[BlindRule, ...] | None = Field(
        None,
        max_length=200,
        description="Absent: every gauge of two intervals, by the rain gauges of its area or within 5 km, from 20 mm "
        "in an hour on, after 30 minutes. An empty list: no gauge",
    )
    event_only: tuple[EventOnly, ...] = Field((), max_length=200)
