"""Reads the radio of a period: rule and site of every device, and how long it was on the air month by month."""

from dataclasses import dataclass
from datetime import date, datetime

from ingest.figures.fetch import Database, fetch


@dataclass(frozen=True, slots=True)
class ReportRadio:
    """One row of `figure_report_radio`; its comment defines every field."""

    device: str
    device_name: str
    technology: str
    network_name: str
    latest: bool
    airtime_regime: str | None
    site_class: str | None
    technical_conformity: str | None


@dataclass(frozen=True, slots=True)
class ReportAirtime:
    """One row of `figure_report_airtime`; its comment defines every field. None: nobody told it."""

    device: str
    technology: str
    month: date
    received: int
    lost: int | None
    timed: int
    airtime_s: float | None
    estimated_s: float | None
    longest_ms: float | None
    worst_hour: datetime | None
    worst_s: float | None
    worst_heard_s: float | None
    two_hours_s: float | None

    @property
    def sent(self) -> int:
        """Transmissions: by the counter where there is one, else what was received. A lower bound."""
        return self.received + max(self.lost or 0, 0)


@dataclass(frozen=True, slots=True)
class ReportSliding:
    """One row of `figure_airtime_sliding`; its comment defines every field."""

    device: str
    month: date
    seconds: float
    ended_at: datetime
    estimated: bool
    limit_s: float | None
    whole: bool


@dataclass(frozen=True, slots=True)
class ReportGateway:
    """One row of `figure_report_gateway`; its comment defines every field. None: nobody told it."""

    gateway: str
    gateway_name: str
    technology: str
    network_name: str
    airtime_regime: str | None
    reported: int | None
    sent: int
    timed: int
    airtime_s: float | None
    longest_ms: float | None
    sliding_s: float | None
    sliding_at: datetime | None
    whole: bool

    @property
    def complete(self) -> bool:
        """Whether every frame is known with its length: none without, and no more than those by its own count."""
        return self.timed == self.sent and (self.reported or 0) <= self.sent


def report_radios(
    connection: Database, project: str, first_day: date, until_day: date, now: datetime
) -> list[ReportRadio]:
    """Every device from `first_day` to the day before `until_day`, with each technology it had, by code."""
    query = """
        select * from figure_report_radio(%(project)s, %(first)s, %(until)s, %(now)s) order by technology, device
    """
    return fetch(connection, ReportRadio, query, _values(project, first_day, until_day, now))


def report_airtime(
    connection: Database, project: str, first_day: date, until_day: date, now: datetime
) -> list[ReportAirtime]:
    """What each device sent in each month of the period; no row of a month in which nothing came of it."""
    query = """
        select * from figure_report_airtime(%(project)s, %(first)s, %(until)s, %(now)s)
        order by technology, device, month
    """
    return fetch(connection, ReportAirtime, query, _values(project, first_day, until_day, now))


def report_sliding(
    connection: Database, project: str, first_day: date, until_day: date, now: datetime
) -> list[ReportSliding]:
    """The most within any 60 minutes of each device and month that the watch has looked at."""
    query = """
        select * from figure_airtime_sliding(%(project)s, %(first)s, %(until)s, %(now)s) order by device, month
    """
    return fetch(connection, ReportSliding, query, _values(project, first_day, until_day, now))


def _values(project: str, first_day: date, until_day: date, now: datetime) -> dict[str, object]:
    return {"project": project, "first": first_day, "until": until_day, "now": now}


def report_gateways(
    connection: Database, project: str, first_day: date, until_day: date, now: datetime
) -> list[ReportGateway]:
    """What every gateway of the project sent itself in the period, by code."""
    query = """
        select * from figure_report_gateway(%(project)s, %(first)s, %(until)s, %(now)s) order by gateway
    """
    return fetch(connection, ReportGateway, query, _values(project, first_day, until_day, now))
