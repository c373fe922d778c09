"""Reads what radio technologies are compared by: sums and outages of each, as a whole and by the class of its sites."""

from dataclasses import dataclass
from datetime import date, datetime

from ingest.figures.fetch import Database, fetch

WHOLE = "all"
"""In place of a class of sites: every device of the technology."""

NOT_SAID = "-"
"""The class of sites that the registry does not say."""


@dataclass(frozen=True, slots=True)
class ReportTechnology:
    """One row of `figure_report_technology`; its comment defines every count."""

    technology: str
    site_class: str
    devices: int
    devices_counted: int
    expected: int
    sent: int
    arrived: int
    valid: int
    active_s: float
    alive_s: float
    counted_sent: int | None
    counted_arrived: int | None
    median_rate: float | None
    low_rate: float | None
    latency_samples: int
    latency_p50_s: float | None
    latency_p95_s: float | None


@dataclass(frozen=True, slots=True)
class ReportTechnologyOutage:
    """One row of `figure_report_technology_outage`; its comment defines every count."""

    technology: str
    site_class: str
    devices: int
    outages: int
    ended: int
    ended_s: int
    open: int
    planned: int
    downtime_s: int
    duty_s: int


def report_technologies(
    connection: Database, project: str, first_day: date, until_day: date, now: datetime
) -> list[ReportTechnology]:
    """The sums of every technology that had a device in the project, as a whole and by class of sites."""
    query = """
        select * from figure_report_technology(%(project)s, %(first)s, %(until)s, %(now)s)
        order by technology, site_class
    """
    return fetch(connection, ReportTechnology, query, _values(project, first_day, until_day, now))


def report_technology_outages(
    connection: Database, project: str, first_day: date, until_day: date, now: datetime
) -> list[ReportTechnologyOutage]:
    """The outages of the same; meaningful only where outages were looked for."""
    query = """
        select * from figure_report_technology_outage(%(project)s, %(first)s, %(until)s, %(now)s)
        order by technology, site_class
    """
    return fetch(connection, ReportTechnologyOutage, query, _values(project, first_day, until_day, now))


def _values(project: str, first_day: date, until_day: date, now: datetime) -> dict[str, object]:
    return {"project": project, "first": first_day, "until": until_day, "now": now}
