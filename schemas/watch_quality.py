"""How the quality of readings is watched (品質の確認): the part `quality` of the watch document of a project.

The tests follow QARTOD: grade 3 is suspect (疑わしい), grade 4 is fail (誤り). A threshold that is one number makes a
reading suspect only; a pair [suspect, fail] has a second one beyond which it fails.
"""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from schemas.bilingual import Bilingual
from schemas.device import MonthDay
from schemas.labelled import Labelled
from schemas.project import Code

SUSPECT, FAIL = 3, 4
"""The grades of QARTOD that are kept. What passes, or cannot be told, has no flag."""


LONGEST_STUCK_H = 960


class QualityTest(Labelled):
    """The tests, as flags name them."""

    STUCK = "stuck", "値の固着", "stuck value"
    SPIKE = "spike", "突発値", "spike"
    RATE = "rate", "急変", "change too fast"
    RANGE = "range", "季節の範囲外", "out of season's range"
    DRIFT = "drift", "近隣とのずれ", "drift from neighbours"


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, int | float) and not isinstance(value, bool) else value


class Limits(BaseModel):
    """One threshold (suspect), or two (suspect, fail). Written as a number or as a pair."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suspect: FiniteFloat = Field(gt=0)
    fail: FiniteFloat | None = Field(None, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _of_a_list(cls, value: Any) -> Any:
        pair = _listed(value)
        if isinstance(pair, list | tuple):
            if not 1 <= len(pair) <= 2:
                raise ValueError(
                    Bilingual(
                        "1つの数(疑わしい)か、2つの数 [疑わしい, 誤り] を書いてください",
                        "write one number (suspect) or two (suspect, fail)",
                    )
                )
            return dict(zip(("suspect", "fail"), pair, strict=False))
        return value

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.fail is not None and self.fail < self.suspect:
            raise ValueError(
                Bilingual(
                    f"[疑わしい, 誤り] の順に書いてください: {self.fail} は {self.suspect} より小さい",
                    f"write [suspect, fail]: {self.fail} is less than {self.suspect}",
                )
            )
        return self

    def grade(self, amount: float) -> int | None:
        """The grade of an amount: beyond a threshold, not at it. None: it passes."""
        if self.fail is not None and amount > self.fail:
            return FAIL
        return SUSPECT if amount > self.suspect else None


def _two_or_four(bounds: tuple[float, ...]) -> tuple[float, ...]:
    if len(bounds) not in (2, 4) or list(bounds) != sorted(bounds):
        raise ValueError(
            Bilingual(
                "小さい順に2つの数 [下限, 上限](外は疑わしい)か、"
                "4つの数 [誤りの下限, 下限, 上限, 誤りの上限] を書いてください",
                "write two rising numbers [low, high] (suspect outside), or four [fail low, low, high, fail high]",
            )
        )
    return bounds


Bounds = Annotated[tuple[FiniteFloat, ...], AfterValidator(_two_or_four)]


class SeasonalRange(BaseModel):
    """A range that holds from a day of the year to another one, both included. It may reach over the new year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    begins: MonthDay
    ends: MonthDay
    bounds: Bounds

    def holds_on(self, day: str) -> bool:
        """Whether it holds on a day (MM-DD)."""
        if self.begins <= self.ends:
            return self.begins <= day <= self.ends
        return day >= self.begins or day <= self.ends

    def grade(self, value: float) -> int | None:
        """The grade of a value. None: it is within."""
        low, high = self.bounds[0], self.bounds[-1]
        if len(self.bounds) == 4:
            if not low <= value <= high:
                return FAIL
            low, high = self.bounds[1], self.bounds[2]
        return None if low <= value <= high else SUSPECT


def _seasons(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ranges = []
    for season, bounds in value.items():
        begins, dots, ends = str(season).partition("..")
        if not dots:
            raise ValueError(
                Bilingual(
                    f"期間は 12-01..03-31 のように書いてください: {season!r}",
                    f"write a season as 12-01..03-31, not {season!r}",
                )
            )
        ranges.append({"begins": begins.strip(), "ends": ends.strip(), "bounds": bounds})
    return ranges


class QualitySeries(BaseModel):
    """What is expected of a series, where it differs from the defaults of its quantity. A later entry overrides."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    quantity: str = Field(min_length=1, max_length=63, description="Of the catalogue or the project's own")
    devices: tuple[Code, ...] | None = Field(None, min_length=1, max_length=1_000, description="Absent: every device")
    channel: int | None = Field(None, ge=0, le=32767, description="Absent: every channel")
    off: tuple[QualityTest, ...] = Field((), description="Tests that are not made")
    spike: Limits | None = Field(None, description="By how much a value stands out between both its neighbours")
    spike_within_min: FiniteFloat | None = Field(
        None, gt=0, le=360, description="The neighbours of a spike are at most this far apart, in minutes"
    )
    rate_per_h: Limits | None = Field(None, description="Change by the hour; reckoned over at least ten minutes")
    stuck_h: Limits | None = Field(None, description="Hours without any change; at most 960")
    tolerance: FiniteFloat | None = Field(None, ge=0, description="Differences up to this are no change")
    rest: Annotated[tuple[FiniteFloat, FiniteFloat], AfterValidator(_two_or_four)] | None = Field(
        None, description="Values in which the quantity may rest, e.g. [0, 0] for rain or a dry channel"
    )
    range: tuple[SeasonalRange, ...] = Field(
        (), max_length=24, description='By season: {"12-01..03-31": [low, high]}; [fail low, low, high, fail high]'
    )
    neighbours: tuple[Code, ...] = Field((), max_length=50, description="Devices of the same quantity nearby")
    drift: Limits | None = Field(None, description="Difference to the median of the neighbours, over days")
    drift_days: int = Field(7, ge=1, le=60)
    drift_offset: FiniteFloat = Field(0, description="Difference that is right, e.g. by the height of the place")

    @model_validator(mode="before")
    @classmethod
    def _ranges_by_season(cls, value: Any) -> Any:
        return {**value, "range": _seasons(value["range"])} if isinstance(value, dict) and "range" in value else value

    @model_validator(mode="after")
    def _not_stuck_for_ever(self) -> Self:
        if self.stuck_h is not None and max(self.stuck_h.suspect, self.stuck_h.fail or 0) > LONGEST_STUCK_H:
            raise ValueError(
                Bilingual(
                    f"stuck_h は {LONGEST_STUCK_H} 時間(40日)までです。見ない場合は off: [stuck] と書いてください",
                    f"stuck_h is at most {LONGEST_STUCK_H} hours (40 days); write off: [stuck] not to test it",
                )
            )
        return self

    @model_validator(mode="after")
    def _drift_has_neighbours(self) -> Self:
        if self.drift is not None and (len(set(self.neighbours)) < 3 or self.devices is None):
            raise ValueError(
                Bilingual(
                    "drift には、devices と、近隣の観測所(neighbours)3つ以上が要ります",
                    "drift needs devices, and three neighbours or more",
                )
            )
        return self


class WatchQuality(BaseModel):
    """How the quality of the readings of a project is watched. Without it: by the defaults of each quantity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    enabled: bool = True
    series: tuple[QualitySeries, ...] = Field((), max_length=2_000)
    untrusted_h: FiniteFloat = Field(
        24, gt=0, le=24 * 60, description="People are told of a series whose values have failed for this long"
    )
