"""What a report shows, before it has a format."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReportProject(_Part):
    """The head of a report: which project (事業), of whom, under which grant."""

    code: str
    name: str = Field(description="事業名")
    organisation_code: str | None = Field(None, description="団体コード")
    organisation_name: str | None = Field(None, description="事業主体")
    grant_number: str | None = Field(None, description="交付決定番号")


class ReportPeriod(_Part):
    """A calendar month in Japan. `until`: figures are as of this moment; before the month's end it is not over."""

    label: str = Field(description="令和8年(2026年)11月")
    first_day: date
    last_day: date
    until: AwareDatetime
    over: bool = Field(description="False while the month runs: figures count up to `until`")


class UsageFigures(_Part):
    """What every line of a usage report says. The columns of `figure_usage`; see there for each definition."""

    expected: int = Field(description="期待受信数")
    received: int = Field(description="受信数; never above `expected`")
    completeness: float | None = Field(
        description="データ取得率 in percent, cut to one decimal; null where nothing was expected"
    )
    reference_only: bool = Field(description="参考値: completeness below 80 %")
    uplinks: int = Field(description="測定メッセージ数")
    readings: int = Field(description="保存された測定値数")
    flagged: int = Field(description="注記つきの測定値数")
    quarantined: int = Field(description="隔離中の件数")
    payload_bytes: int = Field(description="通信量 in bytes")
    first_at: AwareDatetime | None = Field(description="最初の測定時刻")
    last_at: AwareDatetime | None = Field(description="最後の測定時刻")
    longest_silence_s: float | None = Field(description="最長欠測時間 in seconds; null where nothing was expected")
    notes: tuple[str, ...] = Field((), description="備考, in Japanese: 参考値, 停止中, ...")


class DeviceLine(UsageFigures):
    """One device (機器)."""

    network: str
    network_name: str
    network_kind: str
    device: str
    device_name: str
    model: str | None
    use: str | None
    interval_s: int = Field(description="送信間隔")
    calm_interval_s: int | None = Field(None, description="平常時の送信間隔, of a gauge of two intervals")


class _Counted(UsageFigures):
    devices: int = Field(description="登録機器数")
    devices_expected: int = Field(description="運用対象の機器数: something was expected of them")
    devices_heard: int = Field(description="受信のあった機器数")
    devices_below: int = Field(description="データ取得率80%未満の機器数")


class NetworkLine(_Counted):
    """One network (通信網)."""

    network: str
    network_name: str
    network_kind: str


class TotalLine(_Counted):
    """The project as a whole."""


class ReportIdentity(_Part):
    """The account of the month by time of receipt: received = stored + duplicate + quarantined."""

    received: int
    stored: int
    duplicate: int
    quarantined: int
    readings_offered: int
    readings_stored: int
    readings_duplicate: int
    readings_conflict: int
    readings_quarantined: int
    readings_unexplained: int = Field(description="0, or the account does not close")
    payload_bytes: int


class UsageReport(_Part):
    """The monthly usage report (月次利用実績報告)."""

    kind: Literal["usage"] = "usage"
    version: Literal[1] = Field(1, description="Of this format")
    project: ReportProject
    period: ReportPeriod
    generated_at: AwareDatetime
    total: TotalLine
    networks: tuple[NetworkLine, ...]
    devices: tuple[DeviceLine, ...]
    identity: ReportIdentity
    method: tuple[str, ...] = Field(description="算出方法, one statement a line")
    cautions: tuple[str, ...] = Field((), description="台帳の注意: what the registry lacks, and what to write")
    software: str = Field(description="Name and version of the program that computed this")


def below_limit(report: UsageReport) -> tuple[DeviceLine, ...]:
    """The devices that need attention first: nothing below 80 % is left out, lowest completeness first."""
    below = [line for line in report.devices if line.reference_only]
    return tuple(sorted(below, key=lambda line: (line.completeness or 0.0, line.network, line.device)))
