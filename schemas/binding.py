"""Binding (取付条件): how a sensor was mounted, and from when to when. Poles move and sensors are swapped."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    model_validator,
)

from schemas.bilingual import Bilingual
from schemas.japan import JST
from schemas.project import Code
from schemas.quantity import BY_CODE
from schemas.ranging import SensorKind
from schemas.unit import conversion

DISTANCE = "distance"

_OUT_OF_CALENDAR = Bilingual(
    "暦の外の日時です。期限がなければ、書かないでください",
    "outside the calendar: write nothing where there is no limit",
)


def begin_of(said: object) -> object:
    """The begin of a binding: a day begins at midnight in Japan."""
    day = _day(said)
    return said if day is None else datetime.combine(day, time(), JST)


def _end_of(said: object) -> object:
    """The end of a binding: a last day (...まで) counts as a whole; a time is the first that no longer counts."""
    day = _day(said)
    if day is None:
        return said
    try:
        return datetime.combine(day + timedelta(days=1), time(), JST)
    except OverflowError:
        raise ValueError(_OUT_OF_CALENDAR) from None


def _day(said: object) -> date | None:
    if isinstance(said, str) and len(said) == len("2026-04-01"):
        return date.fromisoformat(said)
    return said if isinstance(said, date) and not isinstance(said, datetime) else None


def _in_japan(moment: datetime) -> datetime:
    try:
        return moment.astimezone(JST)
    except OverflowError:
        raise ValueError(_OUT_OF_CALENDAR) from None


Begin = Annotated[AwareDatetime, BeforeValidator(begin_of), AfterValidator(_in_japan)]
End = Annotated[AwareDatetime, BeforeValidator(_end_of), AfterValidator(_in_japan)]


class Binding(BaseModel):
    """What holds for one quantity of a device between two moments, or which profile reads the device meanwhile.

    A value is brought to the unit of its quantity, then multiplied by `scale`, then `offset` is added. With a
    `mount_height_m` a distance also gives a level: the height of the sensor above gauge zero, minus the distance.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    project: Code
    device: Code
    quantity: str | None = Field(None, description="Absent: the binding is about the profile")
    channel: int = Field(0, ge=0, le=32767)
    valid_from: Begin | None = Field(None, description="Day (from midnight in Japan) or moment; absent: from ever")
    valid_to: End | None = Field(
        None, description="Last day, or the moment from which it no longer holds; absent: until further notice"
    )
    profile: Code | None = Field(None, description="The profile of the device in this period")
    unit: str | None = Field(
        None, description="What the device really sends the quantity in, whatever it or its profile says"
    )
    depth_cm: FiniteFloat | None = Field(None, description="Depth of the probe below the surface")
    mount_height_m: FiniteFloat | None = Field(None, description="Height of a distance sensor above gauge zero")
    level: str = Field("river_level", description="The quantity that a distance and a mount height give")
    sensor: SensorKind | None = Field(
        None, description="Kind of a distance sensor: its usual blind zone and range hold where none are written"
    )
    blind_zone_m: FiniteFloat | None = Field(
        None, ge=0, description="A distance at or below it is no echo (data sheet: blind zone, dead band)"
    )
    range_m: FiniteFloat | None = Field(None, gt=0, description="A distance at or beyond it is no echo (data sheet)")
    bed_m: FiniteFloat | None = Field(
        None, description="Height of the bed or ground below a distance sensor, from gauge zero: no level is below it"
    )
    scale: FiniteFloat = 1.0
    offset: FiniteFloat = Field(0.0, description="In the unit of the quantity")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.valid_from is not None and self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(
                Bilingual(
                    "取付終了が取付開始より前です",
                    "valid_to is before valid_from",
                )
            )
        if (self.quantity is None) != (self.profile is not None):
            raise ValueError(
                Bilingual(
                    "測定項目かプロファイルの、どちらか一方を書いてください",
                    "write either quantity or profile",
                )
            )
        if self.scale == 0:
            raise ValueError(
                Bilingual(
                    "倍率を0にすると、どの値も同じになります",
                    "with scale 0 all values would be the same",
                )
            )
        if self.mount_height_m is not None:
            self._check_level()
        self._check_sight()
        return self

    def _check_level(self) -> None:
        if self.quantity != DISTANCE:
            raise ValueError(
                Bilingual(
                    f"取付高は測定項目 {DISTANCE} にだけ書けます(水位 = 取付高 - 距離)",
                    f"mount_height_m goes with the quantity {DISTANCE} only (level = height - distance)",
                )
            )
        target = BY_CODE.get(self.level)
        if target is None or conversion("m", target.unit) is None:
            raise ValueError(
                Bilingual(
                    f"「{self.level}」は水位ではありません。river_level、paddy_water_level、snow_depth"
                    " などを書いてください",
                    f"{self.level} is no level: write river_level, paddy_water_level, snow_depth or the like",
                )
            )

    def _check_sight(self) -> None:
        written = (self.sensor, self.blind_zone_m, self.range_m, self.bed_m)
        if self.quantity != DISTANCE and any(value is not None for value in written):
            raise ValueError(
                Bilingual(
                    f"センサー種別、不感帯、測定範囲、河床高は、測定項目 {DISTANCE} にだけ書けます",
                    f"sensor, blind_zone_m, range_m and bed_m go with the quantity {DISTANCE} only",
                )
            )
        if self.blind_zone_m is not None and self.range_m is not None and self.range_m <= self.blind_zone_m:
            raise ValueError(
                Bilingual(
                    "測定範囲が不感帯より狭くなっています",
                    "range_m is not beyond blind_zone_m",
                )
            )
        if self.bed_m is not None and (self.mount_height_m is None or self.bed_m >= self.mount_height_m):
            raise ValueError(
                Bilingual(
                    "河床高は取付高より低い値を、取付高と一緒に書いてください",
                    "bed_m goes with mount_height_m and is lower",
                )
            )
