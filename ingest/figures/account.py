"""The balance of messages and readings: received, and their outcome; and what is in quarantine."""

from datetime import date, datetime
from typing import Any, LiteralString

from psycopg import Connection

from ingest.figures.fetch import fetch
from ingest.figures.model import Account, Minute, MonthAccount, QuarantineOpen

_SUMS: LiteralString = """
    coalesce(sum(received), 0)::bigint as received, coalesce(sum(stored), 0)::bigint as stored,
    coalesce(sum(duplicate), 0)::bigint as duplicate, coalesce(sum(quarantined), 0)::bigint as quarantined,
    coalesce(sum(readings_offered), 0)::bigint as readings_offered,
    coalesce(sum(readings_stored), 0)::bigint as readings_stored,
    coalesce(sum(readings_duplicate), 0)::bigint as readings_duplicate,
    coalesce(sum(readings_conflict), 0)::bigint as readings_conflict,
    coalesce(sum(readings_quarantined), 0)::bigint as readings_quarantined,
    coalesce(sum(readings_unexplained), 0)::bigint as readings_unexplained,
    coalesce(sum(payload_bytes), 0)::bigint as payload_bytes
"""
_OF_PROJECT: LiteralString = " where (%(project)s::text is null or project = %(project)s)"


def identity(connection: Connection[Any], project: str | None = None) -> Account:
    """The balance since the beginning: of one project, or of everything received."""
    query = "select" + _SUMS + "from figure_identity" + _OF_PROJECT
    return fetch(connection, Account, query, {"project": project})[0]


def identity_since(connection: Connection[Any], project: str | None, start: datetime) -> Account:
    """The balance by time of receipt, of the hours from `start` on; of one project, or of all."""
    query = "select" + _SUMS + "from figure_identity_hourly" + _OF_PROJECT + " and hour >= %(start)s"
    return fetch(connection, Account, query, {"project": project, "start": start})[0]


def identity_of_month(connection: Connection[Any], month: date, project: str | None = None) -> MonthAccount:
    """The balance of one calendar month in Japan, by time of receipt. `month`: its first day."""
    query = (
        "select %(month)s::date as month," + _SUMS + "from figure_identity_monthly" + _OF_PROJECT
        + " and month = %(month)s"
    )  # fmt: skip
    return fetch(connection, MonthAccount, query, {"project": project, "month": month})[0]


def identity_by_month(
    connection: Connection[Any], project: str, first_day: date, until_day: date
) -> list[MonthAccount]:
    """The balance of a project in each calendar month of Japan that begins in [first_day, until_day) and has one."""
    query = "select month," + _SUMS + "from figure_identity_monthly" + _OF_PROJECT + (
        " and month >= %(first)s and month < %(until)s group by month order by month"
    )  # fmt: skip
    return fetch(connection, MonthAccount, query, {"project": project, "first": first_day, "until": until_day})


def quarantine_open(connection: Connection[Any], project: str | None = None) -> list[QuarantineOpen]:
    """What is in quarantine and not replayed, by reason, the most frequent first; of one project, or of all."""
    query = """
        select reason, sum(parts)::bigint as parts, sum(messages)::bigint as messages,
            sum(readings)::bigint as readings, sum(parts_24h)::bigint as parts_24h,
            min(oldest_at) as oldest_at, max(newest_at) as newest_at
        from figure_quarantine_open
        where (%(project)s::text is null or project = %(project)s)
        group by reason order by parts desc, reason
    """
    return fetch(connection, QuarantineOpen, query, {"project": project})


def readings_per_minute(connection: Connection[Any], project: str | None = None) -> list[Minute]:
    """Messages and readings of each of the last 60 whole minutes, oldest first, without gaps."""
    query = """
        select minute, sum(messages)::bigint as messages, sum(readings)::bigint as readings
        from figure_readings_per_minute
        where (%(project)s::text is null or project = %(project)s)
        group by minute order by minute
    """
    return fetch(connection, Minute, query, {"project": project})
