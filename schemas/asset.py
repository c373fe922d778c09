"""A line of the ledger of equipment and acquired assets (機器台帳・取得財産等管理台帳)."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from schemas.bilingual import Bilingual
from schemas.labelled import Labelled
from schemas.project import Code

MANAGED_FROM_YEN = 500_000
"""From this price of a single thing on (without tax), selling, lending or scrapping it needs a permission."""
GREATEST_YEN = 10**12


class AssetState(Labelled):
    """What has become of an asset."""

    IN_USE = "in_use", "使用中", "in use"
    SPARE = "spare", "予備", "spare"
    REPAIR = "repair", "修理中", "under repair"
    LOST = "lost", "亡失", "lost"
    DISPOSED = "disposed", "処分済", "disposed of"

    @property
    def gone(self) -> bool:
        """Whether it is no longer there."""
        return self in (AssetState.LOST, AssetState.DISPOSED)


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Yen = Annotated[int, Field(ge=0, le=GREATEST_YEN)]


class Asset(BaseModel):
    """One line of the ledger: a device, a gateway, or something that measures nothing, such as a pole.

    A device that was replaced has two assets: the old one is gone since `disposed_on`, the new one names the same one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code = Field(description="資産番号")
    project: Code
    name: Text = Field(description="品名")
    device: Code | None = Field(None, description="The device it is; at most one of device and gateway")
    gateway: Code | None = Field(None, description="The gateway it is")
    model: Text | None = Field(None, description="型式; empty: that of the device")
    serial: Text | None = Field(None, description="製造番号; empty: that of the device")
    quantity: int = Field(1, ge=1, le=100_000, description="数量")
    unit_price_yen: Yen | None = Field(None, description="単価(税抜) in yen")
    subsidised_yen: Yen | None = Field(None, description="補助対象経費 in yen, of the whole line")
    subsidy_yen: Yen | None = Field(None, description="補助金額 in yen, of the whole line")
    acquired_on: date | None = Field(None, description="取得日")
    service_life_years: int | None = Field(None, ge=1, le=60, description="耐用年数")
    disposal_until: date | None = Field(
        None, description="処分制限期限, as the authority said; empty: acquired_on and the service life"
    )
    place: Text | None = Field(None, description="所在地")
    technical_conformity: Text | None = Field(None, description="技適番号, e.g. 001-P01730")
    jc_star: Text | None = Field(None, description="JC-STAR: level and number; for products that speak IP")
    support_until: date | None = Field(None, description="サポート期限 of the maker")
    label_attached_on: date | None = Field(None, description="Day on which the label of the subsidy was attached")
    photo: Text | None = Field(None, description="写真ID: a reference, no picture")
    verification_number: Text | None = Field(None, description="検定番号 of a weather instrument")
    verification_until: date | None = Field(None, description="検定の有効期限")
    jma_notified_on: date | None = Field(None, description="気象庁への届出日")
    state: AssetState = AssetState.IN_USE
    disposed_on: date | None = Field(None, description="処分・亡失の日; of what is gone alone")
    note: Text | None = Field(None, description="備考")

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if self.device is not None and self.gateway is not None:
            raise ValueError(
                Bilingual(
                    "機器と基地局は、どちらか一方だけを書いてください(1行が1つの物です)",
                    "write a device or a gateway, not both: a line is one thing",
                )
            )
        if self.quantity != 1 and (self.device is not None or self.gateway is not None):
            raise ValueError(
                Bilingual(
                    f"機器・基地局の行の数量は1です。{self.quantity} 台は1台ずつ {self.quantity} 行に分けてください",
                    f"a line of a device or gateway has quantity 1: write {self.quantity} lines, one for each",
                )
            )
        return self

    @model_validator(mode="after")
    def _money_adds_up(self) -> Self:
        if self.subsidy_yen is not None and self.subsidised_yen is None:
            raise ValueError(
                Bilingual(
                    "補助金額だけがあります。補助対象経費も書いてください",
                    "subsidy_yen stands alone: write subsidised_yen too",
                )
            )
        if self.subsidy_yen is not None and self.subsidised_yen is not None and self.subsidy_yen > self.subsidised_yen:
            raise ValueError(
                Bilingual(
                    f"補助金額 {self.subsidy_yen:,} 円が補助対象経費 {self.subsidised_yen:,} 円を超えています。"
                    "行全体の金額を円で書いてください",
                    f"subsidy_yen {self.subsidy_yen:,} is above subsidised_yen {self.subsidised_yen:,}: write yen of"
                    " the whole line",
                )
            )
        return self

    @model_validator(mode="after")
    def _days_fit(self) -> Self:
        for name, ja, day in (
            ("disposal_until", "処分制限期限", self.disposal_until), ("disposed_on", "処分日", self.disposed_on),
        ):  # fmt: skip
            if day is not None and self.acquired_on is not None and day < self.acquired_on:
                raise ValueError(
                    Bilingual(
                        f"{ja} {day} が取得日 {self.acquired_on} より前です。どちらかを直してください",
                        f"{name} {day} is before acquired_on {self.acquired_on}: correct one of them",
                    )
                )
        if self.state.gone and self.disposed_on is None:
            raise ValueError(
                Bilingual(
                    f"状態が「{self.state.label.ja}」です。処分日に、処分または亡失の日を書いてください",
                    f"its state is {self.state}: write disposed_on, the day on which it went",
                )
            )
        if self.disposed_on is not None and not self.state.gone:
            raise ValueError(
                Bilingual(
                    f"処分日があるのに状態が「{self.state.label.ja}」です。状態を 処分済 か 亡失 にしてください",
                    f"it has disposed_on and the state {self.state}: write disposed or lost",
                )
            )
        return self
