"""What is compared (測る量): the value, or what is computed of several readings. A part of the rules of a document."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from schemas.bilingual import Bilingual
from schemas.labelled import Labelled


class MeasureKind(Labelled):
    """What is compared, with its name for people."""

    VALUE = "value", "値", "value"
    RISE = "rise", "上昇量", "rise"
    RAIN_1H = "rain_1h", "1時間雨量", "rain in 1 hour"
    RAIN_3H = "rain_3h", "3時間雨量", "rain in 3 hours"
    RAIN_24H = "rain_24h", "24時間雨量", "rain in 24 hours"
    RAIN_CUMULATIVE = "rain_cumulative", "累加雨量", "rain since it began"
    RAIN_EFFECTIVE = "rain_effective", "実効雨量", "effective rain"
    SOIL_WATER_INDEX = "soil_water_index", "土壌雨量指数(推定値)", "soil-water index (estimate)"
    TILT_RATE = "tilt_rate", "傾斜の変化速度", "rate of tilt"
    SNOW_NEW = "snow_new", "新積雪", "new snow"
    WBGT = "wbgt", "暑さ指数(推定値)", "WBGT (estimate)"
    VAPOUR_DEFICIT = "vapour_deficit", "飽差", "vapour deficit"
    STATE = "state", "状態", "state"


class WatchPart(BaseModel):
    """A part of the rules: it knows its fields and takes no others."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


Hours = Annotated[FiniteFloat, Field(ge=0.1, le=24 * 31)]


class _Measure(WatchPart):
    @property
    def text(self) -> str:
        """The measure with its numbers, as events keep it: `rain_cumulative(dry_hours=6)`."""
        said = self.model_dump(mode="json")
        kind = said.pop("kind")
        return f"{kind}({', '.join(f'{name}={value:g}' for name, value in said.items())})" if said else kind


class PlainMeasure(_Measure):
    """A measure without a number of its own. `value` is the reading as it is, `state` the state of a trap or gate."""

    kind: Literal["value", "rain_1h", "rain_3h", "rain_24h", "soil_water_index", "wbgt", "vapour_deficit", "state"] = (
        "value"
    )


class RiseMeasure(_Measure):
    """How much higher the value is than so many hours before."""

    kind: Literal["rise"]
    hours: Hours = 1


class CumulativeMeasure(_Measure):
    """Rain since it began (累加雨量). It has ended after so many hours without any; offices use 6, 12 or 24."""

    kind: Literal["rain_cumulative"]
    dry_hours: FiniteFloat = Field(6, ge=1, le=72)


class EffectiveMeasure(_Measure):
    """Rain of which half is forgotten after so many hours (実効雨量): 1.5, 6, 24 or 72."""

    kind: Literal["rain_effective"]
    half_life_h: FiniteFloat = Field(ge=0.5, le=72)


class TiltMeasure(_Measure):
    """Change of the tilt in degrees an hour, over so many hours; of both axes where the device has both."""

    kind: Literal["tilt_rate"]
    hours: Hours = 1


class SnowMeasure(_Measure):
    """How much higher the snow is than at its lowest within so many hours."""

    kind: Literal["snow_new"]
    hours: Hours = 24


Measure = Annotated[
    PlainMeasure | RiseMeasure | CumulativeMeasure | EffectiveMeasure | TiltMeasure | SnowMeasure,
    Field(discriminator="kind"),
]

RAIN_KINDS = frozenset({"rain_1h", "rain_3h", "rain_24h", "rain_cumulative", "rain_effective", "soil_water_index"})
"""Measures of a rain gauge."""

NEVER_NEGATIVE = (
    "rain_1h", "rain_3h", "rain_24h", "rain_cumulative", "rain_effective", "soil_water_index", "snow_new",
    "vapour_deficit",
)  # fmt: skip
"""Kinds of measures that are 0 at the least."""


def check_quantity(kind: str, quantity: str | None) -> None:
    """Some measures need to be told their quantity, and some are of several, which cannot be told."""
    if quantity is None and kind in ("value", "rise", "state"):
        raise ValueError(
            Bilingual(
                f"measure が {kind} のときは、測定項目(quantity)が要ります", f"the measure {kind} needs a quantity"
            )
        )
    if quantity is not None and kind in ("wbgt", "vapour_deficit"):
        raise ValueError(
            Bilingual(
                f"{kind} は決まった項目から計算します。quantity は書けません",
                f"{kind} is computed of several quantities: write none",
            )
        )
