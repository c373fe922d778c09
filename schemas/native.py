"""The native payload, as published for device makers (JSON Schema in `schemas/published/`)."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, TypeAdapter

TOPIC = "noroshi/v1/{project}/{device}/up"
"""Where devices publish it, with QoS 1."""

QuantityCode = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", description="A code of the catalogue, e.g. air_temperature")
]

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_YEAR_10000_MS = 253_402_300_800_000


def _written_as_rfc3339(moment: object) -> object:
    if isinstance(moment, datetime) or (isinstance(moment, str) and _RFC3339.fullmatch(moment)):
        return moment
    raise ValueError("write 2026-11-24T09:00:00+09:00, with seconds and offset")


Moment = Annotated[AwareDatetime, BeforeValidator(_written_as_rfc3339)]
EpochMilliseconds = Annotated[FiniteFloat, Field(strict=True, ge=0, lt=_YEAR_10000_MS)]
Level = Annotated[FiniteFloat, Field(strict=True, gt=-1000, lt=1000)]


class NativeLink(BaseModel):
    """The radio link as the device or its gateway saw it. Unknown keys are kept."""

    model_config = ConfigDict(extra="allow")

    rssi: Level | None = Field(None, description="dBm")
    snr: Level | None = Field(None, description="dB")
    gateway: str | None = Field(None, description="Id of the gateway, access point or cell")


class NativeUplink(BaseModel):
    """One measurement. An array of these is a backfill (まとめ送り)."""

    model_config = ConfigDict(extra="ignore")

    ts: Moment | EpochMilliseconds | None = Field(
        None,
        description="RFC 3339 with offset, or epoch milliseconds. Absent: the time of receipt is used and flagged.",
    )
    seq: Annotated[int, Field(strict=True, ge=0, lt=2**63)] | None = Field(
        None, description="Sequence number of the device"
    )
    readings: dict[QuantityCode, FiniteFloat | bool | str | None] = Field(
        description="Value in the unit of the catalogue; a state by its name; null for 'no measurement'"
    )
    link: NativeLink | None = None


Backfill = Annotated[list[NativeUplink], Field(min_length=1)]

NATIVE_PAYLOAD: TypeAdapter[NativeUplink | list[NativeUplink]] = TypeAdapter(NativeUplink | Backfill)
