"""The results of the readers: one frozen class for each view or function, with its columns as fields."""

from dataclasses import dataclass
from datetime import date, datetime

from schemas.labelled import Labelled


class State(Labelled):
    """What a device, gateway, network or project is doing at this moment."""

    LIVE = "live", "正常", "live"
    SILENT = "silent", "途絶", "silent"
    NEVER = "never", "未受信", "never heard"
    RESTING = "resting", "休止", "resting"
    DISABLED = "disabled", "停止中", "disabled"
    EMPTY = "empty", "機器なし", "no devices"
    """Only of gateways, networks and projects: no device belongs to it."""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """One row of `figure_device_state`. Times are aware; `silent_s` is None for a device never heard.

    `calm_interval_s`: of a gauge of two intervals, while its level is low. `interval_now_s`: the interval that holds
    now. `patience_s`: after how long without a message it is silent.
    """

    device_id: int
    project: str
    project_name: str
    network: str
    network_name: str
    network_kind: str
    gateway: str | None
    gateway_name: str | None
    last_gateway: str | None
    device: str
    device_name: str
    model: str | None
    use: str | None
    latitude: float | None
    longitude: float | None
    interval_s: int
    calm_interval_s: int | None
    interval_now_s: int
    patience_s: float
    state: str
    last_time: datetime | None
    last_received_at: datetime | None
    silent_s: float | None
    rssi_dbm: float | None
    snr_db: float | None
    battery_level: float | None
    battery_voltage: float | None
    readings_10min: int

    @property
    def charted_interval_s(self) -> int:
        """A pause of three of these is a gap in its charts: by the interval that lets it be silent longer."""
        return max(self.interval_s, (self.calm_interval_s or 0) // 2)


@dataclass(frozen=True, slots=True)
class GatewayState:
    """One row of `figure_gateway_state`. Counts are of the devices behind the gateway.

    From `presence` ("online", "offline") on: what the gateway says of itself, None where it says nothing; frames of
    the last hour. `silent_from`: since when the state is "silent"; None in any other state.
    """

    gateway_id: int
    project: str
    network: str
    network_name: str
    network_kind: str
    gateway: str
    gateway_name: str
    latitude: float | None
    longitude: float | None
    state: str
    last_heard_at: datetime | None
    silent_s: float | None
    devices: int
    live: int
    silent: int
    never: int
    resting: int
    disabled: int
    presence: str | None
    reported_at: datetime | None
    received_hour: int | None
    received_ok_hour: int | None
    wanted_hour: int | None
    sent_hour: int | None
    silent_from: datetime | None = None

    @property
    def last_sign_at(self) -> datetime | None:
        """When the gateway last reported, or a message last came through it."""
        return max(filter(None, (self.last_heard_at, self.reported_at)), default=None)


@dataclass(frozen=True, slots=True)
class NetworkState:
    """One row of `figure_network_state`."""

    network_id: int
    project: str
    project_name: str
    network: str
    network_name: str
    network_kind: str
    state: str
    devices: int
    live: int
    silent: int
    never: int
    resting: int
    disabled: int
    gateways: int
    gateways_silent: int
    last_received_at: datetime | None
    readings_10min: int


@dataclass(frozen=True, slots=True)
class ProjectState:
    """One row of `figure_project_state`."""

    project_id: int
    project: str
    project_name: str
    organisation_code: str | None
    organisation_name: str | None
    state: str
    devices: int
    live: int
    silent: int
    never: int
    resting: int
    disabled: int
    networks: int
    gateways: int
    gateways_silent: int
    last_received_at: datetime | None
    readings_10min: int
    quarantine_open: int


@dataclass(frozen=True, slots=True)
class Latest:
    """One row of `figure_latest`: the last value of one quantity and channel of one device.

    `state_name`: the name of the value where the quantity is a state, else None.
    `flags`: names of `schemas.reading.Quality`, lower case; empty when there is nothing to remark.
    """

    device_id: int
    project: str
    device: str
    device_name: str
    quantity: str
    channel: int
    label_ja: str
    label_en: str
    unit: str
    unit_ja: str
    kind: str
    time: datetime
    value: float
    state_name: str | None
    quality: int | None
    flags: list[str]


@dataclass(frozen=True, slots=True)
class Point:
    """One bucket of `figure_readings`. `time` is its beginning.

    `value`: mean of a gauge, vector mean of a direction (None where directions cancel out), last value of
    a counter, a state or an event. `low`, `high`: extremes; None for a direction. `flagged`: how many of
    the `samples` carry a remark. `total`: sum of the values of a gauge or an event, for those that can be added.
    """

    channel: int
    time: datetime
    value: float | None
    low: float | None
    high: float | None
    samples: int
    flagged: int
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """The identity of messages and readings (`figure_identity`), of one project, or of everything.

    `received = stored + duplicate + quarantined`. `readings_unexplained` is what
    `offered = stored + duplicate + conflict + quarantined` leaves over: 0, or something is wrong.
    """

    received: int
    stored: int
    duplicate: int
    quarantined: int
    readings_offered: int
    readings_stored: int
    readings_duplicate: int
    readings_conflict: int
    readings_quarantined: int
    readings_unexplained: int
    payload_bytes: int


@dataclass(frozen=True, slots=True)
class MonthAccount(Account):
    """The balance of one month of receipt in Japan (`figure_identity_monthly`); `month` is its first day."""

    month: date


@dataclass(frozen=True, slots=True)
class QuarantineOpen:
    """What is set aside and not yet replayed, by reason (`figure_quarantine_open`).

    `parts` = `messages` (whole ones) + `readings` (single ones of a stored message).
    """

    reason: str
    parts: int
    messages: int
    readings: int
    parts_24h: int
    oldest_at: datetime
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class Uplink:
    """One row of `figure_uplink`: a message that was understood. `quality`: remarks about its time."""

    project: str
    device: str
    time: datetime
    received_at: datetime
    counter: int | None
    gateway: str | None
    gateway_name: str | None
    rssi_dbm: float | None
    snr_db: float | None
    spreading_factor: int | None
    airtime_ms: float | None
    payload_bytes: int
    offered: int
    refused: int
    quality: int | None


@dataclass(frozen=True, slots=True)
class LinkPoint:
    """One bucket of `figure_link`; `time` is its beginning. None where no message told it.

    `margin_low`: least distance in dB from where LoRa stops being understood. `gateways`: mean number that heard a
    message. `handovers`: changes of access point or cell.
    """

    time: datetime
    rssi_dbm: float | None
    rssi_low: float | None
    rssi_high: float | None
    snr_db: float | None
    snr_low: float | None
    snr_high: float | None
    messages: int
    margin_low: float | None
    gateways: float | None
    airtime_ms: float | None
    rtt_ms: float | None
    handovers: int


@dataclass(frozen=True, slots=True)
class CorrectionInForce:
    """One row of `figure_correction`. `kind`: annul, recalibrate, prefer. None: all quantities or channels, open."""

    correction_id: int
    project: str
    device: str
    kind: str
    quantity: str | None
    label_ja: str | None
    label_en: str | None
    channel: int | None
    starts: datetime | None
    ends: datetime | None
    scale: float | None
    offset: float | None
    value: float | None
    who: str
    made_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Minute:
    """One of the last 60 whole minutes (`figure_readings_per_minute`), by time of receipt."""

    minute: datetime
    messages: int
    readings: int
