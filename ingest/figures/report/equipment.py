"""Reads the equipment of a period: every device, how many stood how at the end, what stopped them, batteries."""

from dataclasses import dataclass
from datetime import date, datetime

from ingest.figures.fetch import Database, fetch
from schemas.bilingual import Bilingual
from schemas.labelled import Labelled

BATTERY_DAYS = 90
"""The line through the battery goes back so many days."""


class Standing(Labelled):
    """How a device stood at the end of a period; the comment of `figure_report_device` defines each."""

    WORKING = "working", "稼働", "working"
    SILENT = "silent", "停止中", "silent"
    RESTING = "resting", "運用期間外", "out of season"
    NEVER = "never", "データなし", "no data"
    DISABLED = "disabled", "台帳で停止", "disabled"
    PLANNED = "planned", "設置前", "not installed yet"
    MOVED = "moved", "移管済", "moved away"


@dataclass(frozen=True, slots=True)
class ReportDevice:
    """One row of `figure_report_device`; its comment defines every field."""

    device_id: int
    device: str
    device_name: str
    network: str
    network_name: str
    technology: str
    gateway: str | None
    gateway_name: str | None
    area: str | None
    use: str | None
    model: str | None
    serial: str | None
    latitude: float | None
    longitude: float | None
    interval_s: int
    calm_interval_s: int | None
    season_from: str | None
    season_to: str | None
    installed_on: date | None
    enabled: bool
    places: int
    came_on: date | None
    left_on: date | None
    first_data_on: date | None
    last_data_on: date | None
    state: str

    @property
    def state_label(self) -> Bilingual:
        """The state in words."""
        return Standing(self.state).label


@dataclass(frozen=True, slots=True)
class ReportStanding:
    """One row of `figure_report_standing`: counts of devices at the end of a period."""

    level: str
    key: str
    name: str | None
    installed: int
    working: int
    silent: int
    resting: int
    never: int
    disabled: int
    planned: int
    moved: int


@dataclass(frozen=True, slots=True)
class ReportCause:
    """One row of `figure_report_cause`: how long devices were out for a cause (a code of OutageCause)."""

    level: str
    key: str
    cause: str
    outages: int
    seconds: int


@dataclass(frozen=True, slots=True)
class ReportBattery:
    """One row of `figure_report_battery`; its comment defines every field."""

    device: str
    device_name: str
    network_name: str
    quantity: str
    measured_days: int
    last_on: date
    value: float
    limit_value: float
    change_30d: float | None
    fit: float | None
    months_left: float | None


@dataclass(frozen=True, slots=True)
class ReportOutage:
    """One row of `figure_report_outage`; its comment defines every field. `ends` None: it lasts."""

    outage_id: int
    level: str
    starts: datetime
    ends: datetime | None
    seconds: int
    code: str | None
    name: str | None
    network_name: str | None
    area: str | None
    use: str | None
    devices: int
    cause: str | None
    decided: bool
    reason: str | None


def report_devices(
    connection: Database, project: str, first_day: date, until_day: date, now: datetime
) -> list[ReportDevice]:
    """Every device that was in the project from `first_day` to the day before `until_day`, by network and code."""
    query = """
        select * from figure_report_device(%(project)s, %(first)s, %(until)s, %(now)s) order by network, device
    """
    return fetch(connection, ReportDevice, query, _values(project, first_day, until_day, now))


def report_causes(
    connection: Database, project: str, first_day: date, until_day: date, now: datetime
) -> list[ReportCause]:
    """The causes of outages by level and key, the one of the longest time first."""
    query = """
        select * from figure_report_cause(%(project)s, %(first)s, %(until)s, %(now)s)
        order by level, key, seconds desc, cause
    """
    return fetch(connection, ReportCause, query, _values(project, first_day, until_day, now))


def report_outages(
    connection: Database, project: str, first_day: date, until_day: date, now: datetime
) -> list[ReportOutage]:
    """The outages that reach into the period, by beginning; those that are part of another one left out."""
    query = """
        select * from figure_report_outage(%(project)s, %(first)s, %(until)s, %(now)s)
        order by starts, level, code, outage_id
    """
    return fetch(connection, ReportOutage, query, _values(project, first_day, until_day, now))


def report_batteries(
    connection: Database, project: str, until_day: date, days: int = BATTERY_DAYS
) -> list[ReportBattery]:
    """The batteries of the devices that are in the project before `until_day`, those that end first on top."""
    query = """
        select * from figure_report_battery(%(project)s, %(until)s, %(days)s)
        order by months_left nulls last, device, quantity
    """
    return fetch(connection, ReportBattery, query, {"project": project, "until": until_day, "days": days})


def _values(project: str, first_day: date, until_day: date, now: datetime) -> dict[str, object]:
    return {"project": project, "first": first_day, "until": until_day, "now": now}
