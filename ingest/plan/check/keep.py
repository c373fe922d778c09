"""Keeps the counts of closed months, so that the figures of a plan are read and not counted again from days."""

from datetime import date
from threading import Event

from ingest.figures.fetch import Database
from ingest.plan.check.database import inputs as database
from ingest.store.rollup.rollup import NEVER
from schemas.japan import Month


def keep_months(connection: Database, project_code: str, first_day: date, until_day: date, stop: Event = NEVER) -> int:
    """Keep what is not kept yet of the whole months of [first_day, until_day) that are closed; returns the rows added.

    Each month is a transaction, in which nobody else computes sums. Figures are the same with and without.
    """
    kept = 0
    month = Month.of(first_day)
    while month.next.first_day <= until_day and not stop.is_set():
        if month.first_day >= first_day:
            kept += database.keep_month(connection, project_code, month.first_day)
        month = month.next
    return kept
