"""The native payload, as published for device makers (JSON Schema in `schemas/published/`)."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, TypeAdapter

from schemas.bilingual import Bilingual

TOPIC = "noroshi/v1/{project}/{device}/up"
"""The topic to which devices publish it, with QoS 1."""

QuantityCode = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", description="A code of the catalogue, e.g. air_temperature")
]

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_YEAR_10000_MS = 253_402_300_800_000


def _written_as_rfc3339(moment: object) -> object:
    if isinstance(moment, datetime) or (isinstance(moment, str) and _RFC3339.fullmatch(moment)):
        return moment
    raise ValueError(
        Bilingual(
            "秒と時差を付けて 2026-11-24T09:00:00+09:00 の形で書いてください",
            "write 2026-11-24T09:00:00+09:00, with seconds and offset",
        )
    )


Moment = Annotated[AwareDatetime, BeforeValidator(_written_as_rfc3339)]
EpochMilliseconds = Annotated[FiniteFloat, Field(strict=True, ge=0, lt=_YEAR_10000_MS)]
Level = Annotated[FiniteFloat, Field(strict=True, gt=-1000, lt=1000)]


Number = Annotated[FiniteFloat, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=0)]


class HaLowLink(BaseModel):
    """Wi-Fi HaLow (802.11ah), as the driver of the station tells it. Unknown keys are kept."""

    model_config = ConfigDict(extra="allow")

    bssid: str | None = Field(None, description="The access point; taken as the gateway")
    freq_khz: Number | None = None
    bw_mhz: Number | None = Field(None, description="1, 2, 4, 8 or 16")
    mcs: Count | None = Field(None, description="0 to 9; 10 at 1 MHz only")
    rssi: Number | None = Field(None, description="dBm")
    noise: Number | None = Field(None, description="dBm; rssi - noise is taken as the snr")
    tx_kbps: Number | None = None
    rx_kbps: Number | None = None
    retries: Count | None = Field(None, description="Counter")
    failed: Count | None = Field(None, description="Counter")
    lost_beacons: Count | None = Field(None, description="Counter")
    duty_pct: Number | None = Field(None, description="Transmit time used, percent of the hour")


class NrLink(BaseModel):
    """Local 5G (NR), as the modem tells it. Codes for "no value" (-32768, 255, 99, ...) are understood and left out."""

    model_config = ConfigDict(extra="allow")

    mode: str | None = Field(None, description="SA or NSA")
    plmn: str | None = Field(None, description="Text: leading zeros count")
    tac: str | int | None = Field(None, description="Hexadecimal text of 6 digits; a number is converted")
    nci: str | int | None = Field(
        None, description="36-bit cell id, hexadecimal text of 9 digits; taken as the gateway"
    )
    pci: Count | None = None
    arfcn: Count | None = None
    band: str | None = None
    scs_khz: Number | None = None
    bw_mhz: Number | None = None
    ss_rsrp: Number | None = Field(
        None, description="dBm; 0 to 127 is taken as the index, and so are the next two then"
    )
    ss_rsrq: Number | None = Field(None, description="dB; above 20 it is taken as the index")
    ss_sinr: Number | None = Field(None, description="dB; above 40 it is taken as the index")
    cqi: Count | None = None
    rank: Count | None = None
    mcs: Count | None = None
    bler: Number | None = None
    tx_power_dbm: Number | None = None


class LteLink(BaseModel):
    """LTE, as the modem tells it."""

    model_config = ConfigDict(extra="allow")

    plmn: str | None = None
    tac: str | int | None = Field(None, description="Hexadecimal text of 4 digits; a number is converted")
    eci: str | int | None = Field(
        None, description="28-bit cell id, hexadecimal text of 7 digits; taken as the gateway"
    )
    pci: Count | None = None
    rsrp: Number | None = Field(None, description="dBm")
    rsrq: Number | None = Field(None, description="dB")
    sinr: Number | None = Field(None, description="dB")


class RoundTrip(BaseModel):
    """Round-trip time of a probe, in milliseconds."""

    min: Number | None = None
    avg: Number | None = None
    max: Number | None = None


class Throughput(BaseModel):
    """Bits per second."""

    up: Number | None = None
    down: Number | None = None


class NativeLink(BaseModel):
    """The radio link as the device or its gateway saw it. Unknown keys are kept."""

    model_config = ConfigDict(extra="allow")

    rssi: Level | None = Field(None, description="dBm; a positive one is no dBm and does not count as one")
    snr: Level | None = Field(None, description="dB")
    gateway: str | None = Field(None, description="Id of the gateway, access point or cell")
    airtime_ms: Number | None = Field(None, description="How long the message was in the air")
    tx_airtime_ms: Count | None = Field(
        None, description="Counter: how long the transmitter was on the air since it started, in milliseconds"
    )
    halow: HaLowLink | None = None
    nr: NrLink | None = None
    lte: LteLink | None = None
    handover_total: Count | None = Field(None, description="Counter since the modem started")
    rtt_ms: Number | RoundTrip | None = None
    jitter_ms: Number | None = None
    loss_pct: Number | None = Field(None, description="Lost probes, percent")
    thr_bps: Throughput | None = None


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
