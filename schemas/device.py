"""Network, gateway and device as the registry (台帳) holds them."""

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from schemas.bilingual import Bilingual
from schemas.labelled import Labelled
from schemas.project import Code


class NetworkKind(Labelled):
    """Radio technology (通信方式) of a network."""

    LPWA = "lpwa", "LPWA", "LPWA"
    HALOW = "halow", "Wi-Fi HaLow", "Wi-Fi HaLow"
    LOCAL5G = "local5g", "ローカル5G", "local 5G"
    WIFI = "wifi", "Wi-Fi", "Wi-Fi"
    LTE = "lte", "LTE", "LTE"
    OTHER = "other", "その他", "other"


class AirtimeRegime(Labelled):
    """Which rule of the 920 MHz band a transmitter keeps to (送信時間の区分)."""

    A = "A", "A(キャリアセンス5 ms)", "A (carrier sense of 5 ms)"
    B = "B", "B(キャリアセンス128 µs、1時間に360秒まで)", "B (carrier sense of 128 µs, 360 s an hour)"
    C = "C", "C(周波数ホッピング)", "C (frequency hopping)"
    D = "D", "D(キャリアセンスなし、低い送信比率)", "D (no carrier sense, low duty cycle)"
    E = "E", "E(登録局 250 mW)", "E (registered station of 250 mW)"


class SiteClass(Labelled):
    """What surrounds a device (設置環境): radio technologies are compared within one class."""

    OPEN = "open", "開けた平地", "open ground"
    FOREST = "forest", "森林", "forest"
    VALLEY = "valley", "谷・山間", "valley"
    URBAN = "urban", "市街地", "built-up"
    INDOOR = "indoor", "屋内・ハウス内", "indoors"


def _eui(text: str) -> str:
    folded = text.strip().lower().replace("-", "").replace(":", "")
    if len(folded) != 16 or any(character not in "0123456789abcdef" for character in folded):
        raise ValueError(
            Bilingual(
                f"{text!r} は16桁の16進数ではありません",
                f"an EUI has 16 hexadecimal digits, not {text!r}",
            )
        )
    return folded


def _month_day(text: str) -> str:
    try:
        date.fromisoformat(f"2024-{text}")  # a leap year, so that 02-29 is a day
    except ValueError:
        raise ValueError(
            Bilingual(
                f"「{text}」という月日はありません。05-31 の形で書いてください",
                f"there is no day {text!r}; write it as 05-31",
            )
        ) from None
    return text


Eui = Annotated[str, AfterValidator(_eui)]
MonthDay = Annotated[str, AfterValidator(_month_day), Field(description="MM-DD")]


class Network(BaseModel):
    """A network (通信網) of one technology within a project."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    code: Code
    project: Code
    kind: NetworkKind
    name: str = Field(min_length=1)


class Gateway(BaseModel):
    """A gateway or base station (基地局): when it is silent, everything behind it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    code: Code
    network: Code
    name: str = Field(min_length=1)
    gateway_id: Annotated[str, AfterValidator(str.lower)] | None = Field(
        None, description="The id it has in payloads: gateway EUI, BSSID, cell. Matched without case."
    )
    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)
    airtime_regime: AirtimeRegime | None = Field(None, description="送信時間の区分, of its downlinks")


class Device(BaseModel):
    """A field device (機器).

    The season of operation (運用期間) may wrap the year end: 11-01 to 03-31 is a winter.
    Outside it a silent device is at rest, not missing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    code: Code
    project: Code
    network: Code
    name: str = Field(min_length=1)
    gateway: Code | None = Field(None, description="The gateway it normally speaks through")
    model: str | None = None
    serial: str | None = Field(None, description="製造番号")
    use: str | None = Field(None, description="分野: 農業, 防災, ...")
    area: str | None = Field(None, description="地区: figures of a plan are summed by it")
    profile: Code | None = Field(None, description="How the fields of its decoded payload map to quantities")
    dev_eui: Eui | None = None
    things_stack_id: str | None = Field(None, description="application-id/device-id of The Things Stack")
    sparkplug_id: str | None = Field(
        None, min_length=3, description="group/edge node, or group/edge node/device, of Sparkplug B"
    )
    client_id: str | None = None
    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)
    interval_s: int = Field(600, gt=0, le=31 * 86400, description="Reporting interval (送信間隔) in seconds")
    calm_interval_s: int | None = Field(
        None,
        gt=0,
        le=31 * 86400,
        description="Interval in seconds while the level is below active_level_m (平常時の送信間隔); then interval_s",
    )
    active_level_m: float | None = Field(
        None,
        description="観測開始水位: from this level on, a gauge of two intervals sends every interval_s. In metres, also"
        " where it measures cm or mm",
    )
    season_from: MonthDay | None = None
    season_to: MonthDay | None = None
    installed_on: date | None = Field(None, description="設置日; nothing is expected before it")
    enabled: bool = True
    airtime_regime: AirtimeRegime | None = Field(None, description="送信時間の区分 of 920 MHz; absent: not said")
    site_class: SiteClass | None = Field(None, description="設置環境")
    published: bool = Field(False, description="公開: its readings may stand in open data")

    @model_validator(mode="after")
    def _season_has_two_ends(self) -> Self:
        if (self.season_from is None) != (self.season_to is None):
            raise ValueError(
                Bilingual(
                    "運用開始と運用終了は、両方書くか両方空にしてください",
                    "season_from and season_to go together",
                )
            )
        return self

    @model_validator(mode="after")
    def _calm_has_a_level(self) -> Self:
        if (self.calm_interval_s is None) != (self.active_level_m is None):
            raise ValueError(
                Bilingual(
                    "平常時の送信間隔と観測開始水位は、両方書くか両方空にしてください",
                    "calm_interval_s and active_level_m go together",
                )
            )
        if self.calm_interval_s is not None and self.calm_interval_s <= self.interval_s:
            raise ValueError(
                Bilingual(
                    "平常時の送信間隔は、送信間隔より長く書いてください",
                    "calm_interval_s must be longer than interval_s",
                )
            )
        return self
