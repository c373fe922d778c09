"""What the readers of usage return: how complete a period was, by device, network and project."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """How complete a period was (データ取得率). The comment of `figure_usage_device` defines every field.

    `completeness`: percent, cut (not rounded) to one decimal; None where nothing was expected.
    `reference_only`: completeness below 80 %, to be marked 参考値.
    """

    expected: int
    received: int
    completeness: float | None
    reference_only: bool
    uplinks: int
    readings: int
    flagged: int
    quarantined: int
    payload_bytes: int
    first_at: datetime | None
    last_at: datetime | None
    longest_silence_s: float | None


@dataclass(frozen=True, slots=True)
class DeviceUsage(Usage):
    """One row of `figure_usage_device`."""

    device_id: int
    network: str
    network_name: str
    network_kind: str
    device: str
    device_name: str
    model: str | None
    use: str | None
    enabled: bool
    interval_s: int
    calm_interval_s: int | None
    active_s: float


@dataclass(frozen=True, slots=True)
class NetworkUsage(Usage):
    """One row of `figure_usage_network`: sums over its devices; `longest_silence_s` is the longest of any device."""

    network: str
    network_name: str
    network_kind: str
    devices: int
    devices_expected: int
    devices_heard: int
    devices_below: int


@dataclass(frozen=True, slots=True)
class ProjectUsage(Usage):
    """The one row of `figure_usage_project`."""

    devices: int
    devices_expected: int
    devices_heard: int
    devices_below: int
