"""Why devices were silent, as their outages say: what a human decided, else what the service proposed."""

from collections.abc import Sequence
from datetime import date, datetime, time

from ingest.figures.fetch import Database
from ingest.plan.check.database import inputs as database
from schemas.japan import JST
from schemas.work import OutageCause


def causes_of(
    connection: Database, project_code: str, devices: Sequence[str], first_day: date, until_day: date, now: datetime
) -> dict[str, tuple[OutageCause, ...]]:
    """The causes of the outages of each device within the days, those of the longest silence first."""
    start, end = (datetime.combine(day, time(), JST) for day in (first_day, until_day))
    made: dict[str, list[OutageCause]] = {}
    for device, cause in database.causes(connection, project_code, devices, start, min(end, max(now, start))):
        made.setdefault(device, []).append(OutageCause(cause))
    return {device: tuple(causes) for device, causes in made.items()}
