"""A map: where in a vendor's JSON the time, the values and the link record stand.

The fields of the profile that has the map give the values their meaning, by the same names as
everywhere: the path to a value, its keys joined by dots.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from schemas.bilingual import Bilingual
from schemas.json_path import AnyPath, OnePath

MAPPED = "mapped:"
"""Begins the name of a decoder that is a map, before the code of its profile: `mapped:tasmota`."""

EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
"""Formats of times that are numbers: how many microseconds one is."""

_OFFSET = re.compile(r"([+-])([01]\d|2[0-3]):([0-5]\d)")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def zone_of(name: str) -> tzinfo:
    """The zone called `Asia/Tokyo` or `+09:00`. Raises ValueError."""
    found = _OFFSET.fullmatch(name)
    if found:
        sign, hours, minutes = found.groups()
        since = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(since if sign == "+" else -since)
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            Bilingual(
                f"時間帯 {name!r} はありません。+09:00、UTC か、Asia/Tokyo のような名前を書いてください",
                f"there is no zone {name!r}: write +09:00, UTC or a name like Asia/Tokyo",
            )
        ) from None


def _zone(name: str) -> str:
    zone_of(name)
    return name


def _time_format(name: str) -> str:
    if name in ("auto", "rfc3339", *EPOCHS):
        return name
    if "%" not in name:
        raise ValueError(
            Bilingual(
                f"{name!r} は時刻の形ではありません。auto、rfc3339、{'、'.join(EPOCHS)} か、%Y/%m/%d %H:%M"
                " のような形を書いてください",
                f"{name!r} is no time format: write auto, rfc3339, {', '.join(EPOCHS)} or a pattern like %Y/%m/%d"
                " %H:%M",
            )
        )
    try:
        datetime.strptime(datetime.now(UTC).strftime(name), name)  # noqa: DTZ007  only whether the pattern works
    except (ValueError, re.error) as error:
        raise ValueError(
            Bilingual(
                f"{name!r} は時刻の形ではありません: {error}",
                f"{name!r} is no pattern of a time: {error}",
            )
        ) from None
    return name


class TimeRule(_Part):
    """A time: where it stands and how it is written."""

    path: OnePath | Literal["$key"] = Field(description="$key: the key under which the row was found")
    format: Annotated[str, AfterValidator(_time_format)] = Field(
        "auto", description="auto (RFC 3339, or a number by its size), rfc3339, epoch_s, epoch_ms, epoch_us, %Y/%m/%d …"
    )
    zone: Annotated[str, AfterValidator(_zone)] | None = Field(
        None, description="Zone of times that carry none, e.g. +09:00; without it such a time is refused"
    )
    hour_24: bool = Field(False, description="24:00 may be said: the end of a day, and so the midnight after it")
    ignore_offset: bool = Field(False, description="The offset that is written is wrong: the time is one of `zone`")

    @model_validator(mode="after")
    def _zone_is_known(self) -> Self:
        if self.zone is None and (self.ignore_offset or ("%" in self.format and "%z" not in self.format)):
            raise ValueError(
                Bilingual(
                    "この時刻には時差がありません。zone: +09:00 と書いてください",
                    "these times carry no offset to rely on: write `zone: +09:00`",
                )
            )
        return self


class Rows(_Part):
    """Where values stand. Without more: every entry of the object at `each` is a value under its key."""

    each: AnyPath = "$"
    time: TimeRule | None = Field(None, description="Time of a row, from the row; without it that of the message")
    nested: bool = Field(False, description="Objects inside are walked through: BME280.Temperature")
    units: dict[str, OnePath] = Field({}, description="Last key of a value -> where the document says its unit")
    name: OnePath | Literal["$topic"] | None = Field(
        None, description="Where a row says what it measures; $topic: the {event} level of the topic"
    )
    value: OnePath | None = Field(None, description="Where a row has its value, beside `name`")
    unit: OnePath | None = Field(None, description="Where a row has its unit, beside `name`")
    names: AnyPath | None = Field(None, description="Columns: where the document lists the names of `values`")
    values: OnePath | None = Field(None, description="Columns: where a row lists its values")
    parallel: bool = Field(False, description="The entries of a row are arrays, as long as that of its time")

    @model_validator(mode="after")
    def _has_one_shape(self) -> Self:
        shapes = (self.name is not None, self.names is not None, self.parallel, self.nested)
        if sum(shapes) > 1:
            raise ValueError(
                Bilingual(
                    "行の形は name、names、parallel、nested のどれか一つです",
                    "a row has one shape: `name`, `names`, `parallel` or `nested`",
                )
            )
        if (self.name is None) != (self.value is None):
            raise ValueError(
                Bilingual(
                    "name と value は両方書いてください",
                    "`name` and `value` go together",
                )
            )
        if (self.names is None) != (self.values is None):
            raise ValueError(
                Bilingual(
                    "names と values は両方書いてください",
                    "`names` and `values` go together",
                )
            )
        if self.parallel and self.time is None:
            raise ValueError(
                Bilingual(
                    "並んだ配列には時刻の配列が要ります。time: {path: ts} と書いてください",
                    "parallel arrays need the array of their times: write `time: {path: ts}`",
                )
            )
        return self


class FrameRule(_Part):
    """The device's bytes, read by the profile of the device."""

    path: OnePath
    encoding: Literal["hex", "base64"]
    port: OnePath | None = None


class Receptions(_Part):
    """Receiving gateways: a list of objects, or one text such as `eui;rssi;snr,eui;rssi;snr`."""

    each: AnyPath
    gateway: OnePath | None = None
    rssi: OnePath | None = None
    snr: OnePath | None = None
    text: bool = Field(False, description="A text: receptions between commas, gateway;rssi;snr inside")


class LinkRule(_Part):
    """The link record. Numbers may be texts."""

    rssi: OnePath | None = None
    snr: OnePath | None = None
    gateway: OnePath | None = None
    receptions: Receptions | None = None
    data_rate: OnePath | None = Field(None, description="SF10BW125, or a word that `data_rates` translates")
    data_rates: dict[str, str] = {}
    spreading_factor: OnePath | None = None
    bandwidth_khz: OnePath | None = None
    frequency_mhz: OnePath | None = None
    more: dict[str, OnePath] = {}


class Position(_Part):
    """Where the device says it is; 0/0 is no position."""

    latitude: OnePath
    longitude: OnePath
    altitude: OnePath | None = None


class Inner(_Part):
    """A document inside the document, opened once: its keys replace the text."""

    path: OnePath
    encoding: Literal["json", "base64", "hex"] = Field(description="json: text that is JSON; else JSON so encoded")


class OneOf(_Part):
    """A value that is one of some."""

    path: OnePath
    one_of: tuple[str | float, ...]


class JsonMap(_Part):
    """How to read one vendor's messages."""

    events: frozenset[str] = Field(frozenset(), description="Values of {event} in the topic that measure; none: all")
    device: OnePath | None = Field(
        None, description="Where the message names its device, for topics of a gateway: DevEUI or device code"
    )
    text: bool = Field(False, description="A payload that is no JSON is one text")
    inner: tuple[Inner, ...] = Field((), max_length=2)
    void: OneOf | None = Field(None, description="The device's way to say that the whole message measured nothing")
    time: TimeRule | None = None
    counter: OnePath | None = None
    rows: tuple[Rows, ...] = ()
    frame: FrameRule | None = None
    position: Position | None = None
    link: LinkRule | None = None
    decimal_comma: bool = Field(False, description='"24,59" is a number')

    @model_validator(mode="after")
    def _reads_something(self) -> Self:
        if not self.rows and self.frame is None and self.position is None:
            raise ValueError(
                Bilingual(
                    "マップには rows、frame、position のどれかが要ります。ほかは測定値ではありません",
                    "a map needs `rows`, `frame` or `position`: nothing else is a measurement",
                )
            )
        if self.time is not None and self.time.path == "$key":
            raise ValueError(
                Bilingual(
                    "$key は行の時刻にだけ書けます",
                    "$key is for the time of a row",
                )
            )
        return self
