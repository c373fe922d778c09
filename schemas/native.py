"""The native payload, as published for device makers (JSON Schema in `schemas/published/`)."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter

QuantityCode = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", description="A code of the catalogue, e.g. air_temperature")
]


class NativeLink(BaseModel):
    """The radio link as the device or its gateway saw it. Unknown keys are kept."""

    model_config = ConfigDict(extra="allow")

    rssi: FiniteFloat | None = Field(None, description="dBm")
    snr: FiniteFloat | None = Field(None, description="dB")
    gateway: str | None = Field(None, description="Id of the gateway, access point or cell")


class NativeUplink(BaseModel):
    """One measurement. An array of these is a backfill (まとめ送り)."""

    model_config = ConfigDict(extra="ignore")

    ts: AwareDatetime | Annotated[int, Field(ge=0)] | None = Field(
        None,
        description="RFC 3339 with offset, or epoch milliseconds. Absent: the time of receipt is used and flagged.",
    )
    seq: Annotated[int, Field(ge=0, lt=2**63)] | None = Field(None, description="Sequence number of the device")
    readings: dict[QuantityCode, FiniteFloat | bool | str | None] = Field(
        description="Value in the unit of the catalogue; a state by its name; null for 'no measurement'"
    )
    link: NativeLink | None = None


NATIVE_PAYLOAD: TypeAdapter[NativeUplink | list[NativeUplink]] = TypeAdapter(NativeUplink | list[NativeUplink])
