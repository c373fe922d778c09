"""Stage (基準水位) of a level: the height at which to act, who has set it, and from when to when it holds.

A stage that is reached is an observation. What it means for the public is announced by the weather service, the river
administrator or the mayor; the level of alert beside a stage is a hint and nothing more.
"""

import re
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints, model_validator

from schemas.bilingual import Bilingual
from schemas.binding import Begin, End
from schemas.project import Code

RIVER_LEVEL = "river_level"
RESERVED = re.compile("警報|注意報|予報")
"""Words of the weather service: nothing of ours is called so. 特別警報 and 危険警報 have the first in them."""

RESERVED_WORDS = Bilingual(
    "基準水位の名前に「警報」「注意報」「予報」は使えません(気象業務法)。市設定基準1 のように書いてください",
    "a stage must not be called 警報, 注意報 or 予報 (Meteorological Service Act): write 市設定基準1 or the like",
)


class _Official(NamedTuple):
    """The known facts of a stage that the law names."""

    name_en: str
    ref_level: int | None


OFFICIAL = {
    "水防団待機水位": _Official("Flood-fighting corps stand by", None),
    "氾濫注意水位": _Official("Flood caution level", 2),
    "避難判断水位": _Official("Evacuation decision level", 3),
    "氾濫危険水位": _Official("Flood danger level", 4),
}
"""The stages of the flood-fighting law, the lowest first, with the level of alert that corresponds to each."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Stage(BaseModel):
    """One stage of one level. The stages of a level rise with their rank."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: Code
    device: Code
    rank: int = Field(ge=1, le=20, description="段階: 1 is the lowest")
    name: Text = Field(description="e.g. 氾濫注意水位, 市設定基準1")
    level_m: FiniteFloat = Field(description="In metres, in the same datum as the readings of the device")
    quantity: str = Field(RIVER_LEVEL, description="A level in metres: of the catalogue or the project's own")
    channel: int = Field(0, ge=0, le=32767)
    name_en: str = Field("", description="Shown in English; the stages of the law have theirs")
    official: bool = Field(False, description="Set by the state or the prefecture, not by the operator")
    ref_level: int | None = Field(None, ge=1, le=5, description="警戒レベルの目安: a hint, nothing official")
    source: Text | None = Field(None, description="Who set it, and where that is written; official stages need one")
    datum: Text | None = Field(None, description="Which height is nought, e.g. 零点高 T.P. 12.34 m")
    valid_from: Begin | None = Field(None, description="Day (from midnight in Japan) or moment; absent: from ever")
    valid_to: End | None = Field(
        None, description="Last day, or the moment from which it no longer holds; absent: until further notice"
    )

    @model_validator(mode="before")
    @classmethod
    def _known_by_its_name(cls, said: Any) -> Any:
        """A stage of the law gets its English name and its level of alert, unless others are given."""
        known = OFFICIAL.get(str(said.get("name"))) if isinstance(said, dict) else None
        if known is None:
            return said
        complete = {name: value for name, value in said.items() if value is not None}
        complete["name_en"] = complete.get("name_en") or known.name_en
        complete.setdefault("ref_level", known.ref_level)
        return complete

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if RESERVED.search(self.name + self.name_en):
            raise ValueError(RESERVED_WORDS)
        if self.name in OFFICIAL and not self.official:
            raise ValueError(
                Bilingual(
                    f"「{self.name}」は法定の名前です。国や県が定めたものなら「公式」を○にして出典を書き、"
                    "そうでなければ 市設定基準1 のような名前にしてください",
                    f"{self.name} is a name of the law: set official: true and write the source if the state or the"
                    " prefecture set it, else call it 市設定基準1 or the like",
                )
            )
        if self.official and self.source is None:
            raise ValueError(
                Bilingual(
                    "公式の基準水位には出典(だれが、どの資料で定めたか)が要ります",
                    "an official stage needs its source: who set it, in which document",
                )
            )
        if self.valid_from is not None and self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(
                Bilingual(
                    "適用終了が適用開始より前です",
                    "valid_to is before valid_from",
                )
            )
        return self
