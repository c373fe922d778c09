"""When people are told of transmitting time (送信時間): the part `airtime` of the watch document of a project."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from schemas.bilingual import Bilingual


class WatchAirtime(BaseModel):
    """From which share of its limit a transmitter is at rank 1, 2 and 3. The limits are those of its regime."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    enabled: bool = True
    caution_percent: FiniteFloat = Field(70, gt=0, le=100, description="Rank 1")
    alert_percent: FiniteFloat = Field(90, gt=0, le=100, description="Rank 2")
    violation_percent: FiniteFloat = Field(100, gt=0, le=100, description="Rank 3")
    hysteresis_percent: FiniteFloat = Field(5, ge=0, le=50, description="A rank ends this far below its share")

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if not self.caution_percent < self.alert_percent < self.violation_percent:
            raise ValueError(
                Bilingual(
                    "caution_percent < alert_percent < violation_percent の順にしてください",
                    "write caution_percent < alert_percent < violation_percent",
                )
            )
        return self

    @property
    def shares(self) -> tuple[float, float, float]:
        """The shares (%) from which rank 1, 2 and 3 hold."""
        return self.caution_percent, self.alert_percent, self.violation_percent
