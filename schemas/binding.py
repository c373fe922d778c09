"""Binding (取付条件): how a sensor hung, for as long as it hung there. Poles move and sensors are swapped."""

from datetime import date, datetime, time, timedelta, timezone
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

from schemas.project import Code
from schemas.quantity import BY_CODE
from schemas.unit import conversion

JST = timezone(timedelta(hours=9))
DISTANCE = "distance"


def begin_of(said: object) -> object:
    """A day begins at midnight in Japan."""
    day = _day(said)
    return said if day is None else datetime.combine(day, time(), JST)


def _end_of(said: object) -> object:
    """The last day (...まで) counts as a whole; a moment is the first one that no longer counts."""
    day = _day(said)
    return said if day is None else datetime.combine(day + timedelta(days=1), time(), JST)


def _day(said: object) -> date | None:
    if isinstance(said, str) and len(said) == len("2026-04-01"):
        return date.fromisoformat(said)
    return said if isinstance(said, date) and not isinstance(said, datetime) else None


def _in_japan(moment: datetime) -> datetime:
    return moment.astimezone(JST)


Begin = Annotated[AwareDatetime, BeforeValidator(begin_of), AfterValidator(_in_japan)]
End = Annotated[AwareDatetime, BeforeValidator(_end_of), AfterValidator(_in_japan)]


class Binding(BaseModel):
    """What holds for one quantity of a device between two moments, or which profile reads the device meanwhile.

    A value is brought to the unit of its quantity, then multiplied by `scale`, then `offset` is added. With a
    `mount_height_m` a distance also gives a level: the height of the sensor above gauge zero, minus the distance.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

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
    scale: FiniteFloat = 1.0
    offset: FiniteFloat = Field(0.0, description="In the unit of the quantity")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.valid_from is not None and self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("取付終了が取付開始より前です")
        if (self.quantity is None) != (self.profile is not None):
            raise ValueError("測定項目かプロファイルの、どちらか一方を書いてください")
        if self.scale == 0:
            raise ValueError("倍率を0にすると、どの値も同じになります")
        if self.mount_height_m is not None:
            self._check_level()
        return self

    def _check_level(self) -> None:
        if self.quantity != DISTANCE:
            raise ValueError(f"取付高は測定項目 {DISTANCE} にだけ書けます(水位 = 取付高 - 距離)")
        target = BY_CODE.get(self.level)
        if target is None or conversion("m", target.unit) is None:
            raise ValueError(
                f"「{self.level}」は水位ではありません。river_level、paddy_water_level、snow_depth などを書いてください"
            )
