"""How radio technologies are compared (通信方式比較): criteria and weights, a data file that an office may change."""

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from schemas.labelled import Labelled


class Criterion(Labelled):
    """What technologies are compared by; each is a row of the comparison."""

    COMPLETENESS = "completeness", "データ取得率", "completeness"
    RADIO_RATE = "radio_rate", "無線到達率", "radio arrival"
    AVAILABILITY = "availability", "稼働率", "availability"
    MTTR_H = "mttr_h", "平均復旧時間", "mean time to repair"
    LATENCY_P95_S = "latency_p95_s", "遅延(95%)", "delay (95 %)"
    YEN_PER_1000_VALID = "yen_per_1000_valid", "有効受信1,000件あたり費用", "yen per 1,000 valid receptions"
    INITIAL_YEN = "initial_yen", "1台あたり初期費用", "initial cost of a device"
    RUNNING_YEN = "running_yen", "1台1年あたり運用費用", "running cost of a device a year"


class WeightedCriterion(BaseModel):
    """A criterion with its weight. `better`: whether more or less is better."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    code: Criterion
    weight: float = Field(ge=0, le=100)
    better: Literal["more", "less"]
    required: bool = False


class TechnologyComparison(BaseModel):
    """The data file. `least_devices`: a figure of fewer is 参考値. `service_months`: over which initial costs count."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    criteria: tuple[WeightedCriterion, ...] = Field(min_length=1)
    sensitivity_percent: int = Field(ge=1, le=99)
    least_devices: int = Field(ge=1)
    service_months: int = Field(ge=1)


@cache
def technology_comparison() -> TechnologyComparison:
    """The comparison of `technology.yaml`."""
    body: Any = yaml.safe_load(files("schemas").joinpath("technology.yaml").read_bytes())
    return TechnologyComparison.model_validate(body)
