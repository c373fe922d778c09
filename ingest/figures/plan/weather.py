"""Reads the weather that own devices measured in a period, to stand beside an analysis."""

from dataclasses import dataclass
from datetime import date

from ingest.figures.fetch import Database, fetch_one


@dataclass(frozen=True, slots=True)
class Weather:
    """The row of `figure_plan_weather`; its comment defines every field. None where there is no device of the kind."""

    rain_mm: float | None
    rain_days: int | None
    rain_most_mm: float | None
    snow_cm_max: float | None
    temperature_min: float | None
    temperature_max: float | None
    gauges: int


def weather_of(connection: Database, project_code: str, first_day: date, until_day: date) -> Weather | None:
    """The weather from `first_day` to the day before `until_day`, in Japan; None where nothing of it was measured."""
    query = "select * from figure_plan_weather(%(project)s, %(first)s, %(until)s)"
    values = {"project": project_code, "first": first_day, "until": until_day}
    found = fetch_one(connection, Weather, query, values)
    if found is None or (found.rain_mm is None and found.snow_cm_max is None and found.temperature_min is None):
        return None
    return found
