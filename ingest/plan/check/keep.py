"""Keeps the counts of closed months, so that the figures of a plan are read and not counted again from days."""

from collections.abc import MutableMapping
from datetime import date
from threading import Event
from typing import TypeAlias

from ingest.figures.fetch import Database
from ingest.plan.check.database import inputs as database
from ingest.store.rollup.rollup import NEVER
from schemas.japan import Month

Seen: TypeAlias = MutableMapping[tuple[str, date], str]
"""Of each project and month (its first day) what decided what is kept of it when it was looked at last."""


def keep_months(
    connection: Database,
    project_code: str,
    first_day: date,
    until_day: date,
    stop: Event = NEVER,
    *,
    seen: Seen | None = None,
) -> int:
    """Keep what is not kept yet of the whole months of [first_day, until_day) that are closed; returns the rows added.

    Rows that no figure reads any more are removed. Each month is a transaction, in which nobody else computes sums.
    Figures are the same with and without. With `seen`, months in which nothing changed since are passed over.
    """
    first = Month.of(first_day) if first_day.day == 1 else Month.of(first_day).next
    until = Month.of(until_day)
    now = database.kept_inputs(connection, project_code, first.first_day, until.first_day) if seen is not None else {}
    kept, month = 0, first
    while month.first_day < until.first_day and not stop.is_set():
        key = (project_code, month.first_day)
        if seen is None or seen.get(key) != now[month.first_day]:
            kept += database.keep_month(connection, project_code, month.first_day)
        if seen is not None:
            seen[key] = now[month.first_day]
        month = month.next
    return kept


def tidy_months(connection: Database, project_code: str, until_day: date, stop: Event = NEVER) -> int:
    """Remove what no figure reads any more of the kept months before `until_day`; returns the rows removed.

    Each month is a transaction, in which nobody else computes sums. Nothing is added: of old months there may be no
    days any more from which it could be counted.
    """
    first_day = database.first_kept_day(connection, project_code)
    month, gone = None if first_day is None else Month.of(first_day), 0
    while month is not None and month.next.first_day <= until_day and not stop.is_set():
        gone += database.tidy_month(connection, project_code, month.first_day)
        month = month.next
    return gone
