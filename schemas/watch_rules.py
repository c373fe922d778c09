"""What is compared with which stages (監視のルール): the part `rules` of the watch document of a project."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import combinations
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, FiniteFloat, model_validator

from schemas.bilingual import Bilingual
from schemas.binding import Begin, End
from schemas.device import MonthDay
from schemas.labelled import Labelled
from schemas.project import Code
from schemas.stage import OFFICIAL, RESERVED
from schemas.watch_measures import NEVER_NEGATIVE, Measure, PlainMeasure, WatchPart, check_quantity
from schemas.watch_notice import Clock, Line

EVER = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)


class Hazard(Labelled):
    """What a rule is about."""

    RIVER = "river", "河川", "river"
    INUNDATION = "inundation", "浸水", "inundation"
    RAIN = "rain", "雨", "rain"
    LANDSLIDE = "landslide", "土砂", "landslide"
    SLOPE = "slope", "斜面", "slope"
    SNOW = "snow", "雪", "snow"
    HEAT = "heat", "暑さ", "heat"
    FROST = "frost", "霜", "frost"
    PADDY = "paddy", "水田", "paddy field"
    GREENHOUSE = "greenhouse", "ハウス", "greenhouse"
    TRAP = "trap", "わな", "trap"
    OTHER = "other", "その他", "other"


Stations = Annotated[tuple[Code, ...], Field(min_length=1, max_length=5_000)]


def _number_or_word(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value


class Beside(WatchPart):
    """What has to be measured at other stations, each for itself, before a stage is reached."""

    devices: Annotated[tuple[Code, ...], Field(min_length=1, max_length=50)]
    measure: Measure = PlainMeasure(kind="value")
    quantity: str | None = Field(None, min_length=1, max_length=63)
    channel: int = Field(0, ge=0, le=32767)
    at_least: FiniteFloat

    @model_validator(mode="after")
    def _quantity_is_told(self) -> Self:
        check_quantity(self.measure.kind, self.quantity)
        return self


class With(WatchPart):
    """What a stage wants beside its value: one of these, or all of these. It is needed to reach it, not to keep it."""

    any: Annotated[tuple[Beside, ...], Field(max_length=20)] = ()
    all: Annotated[tuple[Beside, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.any) == bool(self.all):
            raise ValueError(
                Bilingual("any(どれか)か all(すべて)のどちらか一方を書いてください", "write either `any` or `all`")
            )
        return self


class WatchStage(WatchPart):
    """One stage of a rule. `value`: in the unit of the measure; of a state its name, e.g. triggered."""

    rank: int = Field(ge=1, le=20, description="段階: 1 is the lowest")
    name: Line = Field(description="e.g. 市設定基準1")
    name_en: str = Field("", max_length=100, description="Shown in English; the stages of the law have theirs")
    value: Annotated[FiniteFloat | str, BeforeValidator(_number_or_word)]
    ref_level: int | None = Field(None, ge=1, le=5, description="警戒レベルの目安: a hint, nothing official")
    official: bool = Field(False, description="Set by the state or the prefecture, not by the operator")
    source: str | None = Field(None, min_length=1, max_length=500, description="Who set it, and where it is written")
    datum: str | None = Field(None, min_length=1, max_length=200)
    valid_from: Begin | None = Field(None, description="Day (from midnight in Japan) or moment; absent: from ever")
    valid_to: End | None = Field(None, description="Last day, or the moment from which it no longer holds")
    with_: With | None = Field(None, alias="with")

    @model_validator(mode="before")
    @classmethod
    def _known_by_its_name(cls, said: Any) -> Any:
        known = OFFICIAL.get(str(said.get("name"))) if isinstance(said, dict) else None
        if known is None:
            return said
        complete = {name: value for name, value in said.items() if value is not None}
        complete["name_en"] = complete.get("name_en") or known.name_en
        complete.setdefault("ref_level", known.ref_level)
        return complete

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.name in OFFICIAL and not self.official:
            raise ValueError(
                Bilingual(
                    f"「{self.name}」は法定の名前です。国や県が定めたものなら official: true として出典(source)を書き、"
                    "そうでなければ 市設定基準1 のような名前にしてください",
                    f"{self.name} is a name of the law: set official: true and write the source if the state or the"
                    " prefecture set it, else call it 市設定基準1 or the like",
                )
            )
        if self.official and self.source is None:
            raise ValueError(
                Bilingual(
                    "公式の基準には出典(source: だれが、どの資料で定めたか)が要ります",
                    "an official stage needs its source: who set it, in which document",
                )
            )
        if self.valid_from is not None and self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError(Bilingual("適用終了が適用開始より前です", "valid_to is before valid_from"))
        return self

    @property
    def holds(self) -> tuple[datetime, datetime]:
        """From when to when it holds: [from, to)."""
        return self.valid_from or EVER, self.valid_to or NEVER

    def overlaps(self, other: Self) -> bool:
        """Whether both hold at one time."""
        return max(self.holds[0], other.holds[0]) < min(self.holds[1], other.holds[1])


class SeasonOfYear(WatchPart):
    """A part of each year: both days belong to it; it may wrap the year end."""

    begins: MonthDay = Field(alias="from")
    ends: MonthDay = Field(alias="to")


class HoursOfDay(WatchPart):
    """A part of each day in Japan, without its end; it may wrap midnight."""

    begins: Clock = Field(alias="from")
    ends: Clock = Field(alias="to")

    @model_validator(mode="after")
    def _end(self) -> Self:
        if self.begins == self.ends:
            raise ValueError(Bilingual("from と to を違う時刻にしてください", "write two different times"))
        return self


class WatchRule(WatchPart):
    """A measure of some devices, each for itself, and its stages."""

    code: Code
    hazard: Hazard
    devices: Stations
    quantity: str | None = Field(
        None, min_length=1, max_length=63, description="Needed where the measure does not tell: value, rise, state"
    )
    channel: int = Field(0, ge=0, le=32767)
    measure: Measure = PlainMeasure(kind="value")
    direction: Literal["above", "below"] = Field("above", description="below: frost, a dry paddy")
    hysteresis: FiniteFloat | None = Field(
        None, ge=0, description="How far short of a stage the measure has to be before it is left; absent: the usual"
    )
    hold_min: FiniteFloat = Field(0, ge=0, le=7 * 24 * 60, description="So many minutes it must last before it counts")
    season: SeasonOfYear | None = None
    hours: HoursOfDay | None = None
    sensor_height_m: FiniteFloat | None = Field(None, ge=-10, le=100, description="A remark; nothing is computed of it")
    stages: Annotated[tuple[WatchStage, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _devices_once(self) -> Self:
        if len(set(self.devices)) != len(self.devices):
            (twice, _), *_ = Counter(self.devices).most_common(1)
            raise ValueError(Bilingual(f"機器 {twice} が二つあります", f"the device {twice} is there twice"))
        return self

    @model_validator(mode="after")
    def _quantity_is_told(self) -> Self:
        check_quantity(self.measure.kind, self.quantity)
        return self

    @model_validator(mode="after")
    def _stages_can_be_left(self) -> Self:
        """A measure that is never below 0 never falls short of a stage by its whole value."""
        values = [each.value for each in self.stages if not isinstance(each.value, str)]
        never_negative = self.direction == "above" and self.measure.kind in NEVER_NEGATIVE
        if never_negative and self.hysteresis and values and self.hysteresis >= min(values):
            raise ValueError(
                Bilingual(
                    f"hysteresis({self.hysteresis:g})がいちばん低い段階の値({min(values):g})以上なので、"
                    "0になっても段階が解けません。小さくしてください",
                    f"the hysteresis ({self.hysteresis:g}) is not below the value of the lowest stage"
                    f" ({min(values):g}): not even 0 would leave it; write less",
                )
            )
        return self

    @model_validator(mode="after")
    def _stages_fit(self) -> Self:
        if self.measure.kind == "state" and (self.direction == "below" or self.hysteresis):
            raise ValueError(
                Bilingual(
                    "状態(state)のルールに direction と hysteresis は書けません",
                    "a rule of a state has neither direction nor hysteresis",
                )
            )
        words = [each.value for each in self.stages if isinstance(each.value, str)]
        if self.measure.kind != "state" and words:
            raise ValueError(
                Bilingual(
                    f"段階の値 {words[0]!r} は数ではありません", f"the value of a stage is no number: {words[0]!r}"
                )
            )
        for one, other in combinations(sorted(self.stages, key=lambda each: each.rank), 2):
            if one.overlaps(other):
                self._check_pair(one, other)
        return self

    def _check_pair(self, lower: WatchStage, higher: WatchStage) -> None:
        """Two stages that hold at one time."""
        if lower.rank == higher.rank:
            raise ValueError(
                Bilingual(
                    f"段階 {lower.rank} が同じ時期に二つあります", f"rank {lower.rank} is there twice at one time"
                )
            )
        if isinstance(lower.value, str) or isinstance(higher.value, str) or self.measure.kind == "state":
            if lower.value == higher.value:
                raise ValueError(
                    Bilingual(f"値 {lower.value} の段階が二つあります", f"two stages have the value {lower.value}")
                )
            return
        rises = lower.value < higher.value
        if rises if self.direction == "below" else not rises or lower.value == higher.value:
            more_ja, more_en = ("低い", "lower") if self.direction == "below" else ("高い", "higher")
            raise ValueError(
                Bilingual(
                    f"段階 {higher.rank}({higher.value:g})の値は段階 {lower.rank}({lower.value:g})より"
                    f"{more_ja}はずです",
                    f"the value of rank {higher.rank} ({higher.value:g}) must be {more_en} than that of rank"
                    f" {lower.rank} ({lower.value:g})",
                )
            )


class RegistryStages(WatchPart):
    """How the stages of the registry (基準水位) are watched."""

    hysteresis_m: FiniteFloat = Field(0.05, ge=0, le=10)
    hold_min: FiniteFloat = Field(0, ge=0, le=24 * 60)


RESERVED_TEXT = Bilingual(
    "「警報」「注意報」「予報」は使えません(気象業務法)。「基準」「到達」のように書いてください",
    "警報, 注意報 and 予報 must not be used (Meteorological Service Act): call it a level or a stage",
)


def reserved_texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of texts with words that only the weather service may use of what it announces."""
    match value:
        case dict():
            for name, each in value.items():
                yield from reserved_texts(each, (*path, name))
        case list() | tuple():
            for place, each in enumerate(value):
                yield from reserved_texts(each, (*path, place))
        case str() if RESERVED.search(value):
            yield path


def _codes_once(rules: Sequence[WatchRule]) -> Sequence[WatchRule]:
    seen: set[str] = set()
    for rule in rules:
        if rule.code in seen:
            raise ValueError(Bilingual(f"ルール {rule.code} が二つあります", f"the rule {rule.code} is there twice"))
        seen.add(rule.code)
    return rules


WatchRules = Annotated[tuple[WatchRule, ...], Field(max_length=2_000), AfterValidator(_codes_once)]
