"""The limits of transmitting time in the 920 MHz band (送信時間の上限): a data file, because amendments change them."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from schemas.device import AirtimeRegime, NetworkKind


class RegimeLimit(BaseModel):
    """The limits of one regime. `hour_s`: seconds in any hour; `single_ms`: of one transmission; None: no such limit.

    `checked`: whether somebody compared it with the original text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    code: AirtimeRegime
    band: str
    sensing: str
    single_ms: int | None = Field(ge=1)
    hour_s: int | None = Field(ge=1, le=3600)
    pause_ms: int | None = Field(ge=0)
    source: str = Field(min_length=1)
    note: str = ""
    checked: bool


class AirtimeLimits(BaseModel):
    """The data file. `technologies`: of which every device sends in this band. `warn_percent`: of a limit."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    standard: str
    edition: str
    page: str
    technologies: tuple[NetworkKind, ...]
    warn_percent: int = Field(ge=1, le=100)
    regimes: tuple[RegimeLimit, ...]

    def of(self, regime: str | None) -> RegimeLimit | None:
        """The limits of a regime; None where none is said."""
        return next((each for each in self.regimes if each.code == regime), None)


@cache
def airtime_limits() -> AirtimeLimits:
    """The limits of `airtime.yaml`."""
    body: Any = yaml.safe_load(files("schemas").joinpath("airtime.yaml").read_bytes())
    return AirtimeLimits.model_validate(body)
