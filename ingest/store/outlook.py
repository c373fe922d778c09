"""What will hurt a database, told from its status before it does."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ingest.store.status import Status
from ingest.store.timescale import HYPERTABLES, Tier

DISK_DAYS = 90
XID_AGE = 1_000_000_000
"""Half way to the two billion at which the server refuses to write; autovacuum should have come at a tenth of it."""
ROW_STORE_DAYS = 45
"""A chunk older than this should lie in the columnstore."""


def days_left(status: Status, disk_free: int | None) -> int | None:
    """Days until the disk is full at the rate of the last days; None where rate or room are not known."""
    if disk_free is None or not status.bytes_per_day:
        return None
    return disk_free // status.bytes_per_day


def warnings(status: Status, *, disk_free: int | None, connections: int, now: datetime) -> Iterator[str]:
    """Each a sentence that says what, and what to do. `connections`: how many a service of these settings takes."""
    days = days_left(status, disk_free)
    if days is not None and days < DISK_DAYS:
        yield f"the disk is full in {days} days at the present rate: make room, or keep less (`noroshi retention`)"
    if status.limits.xid_age > max(XID_AGE, 2 * status.limits.freeze_max_age):
        yield (
            f"{status.limits.xid_age:,} transactions since the last freeze: autovacuum does not get through;"
            " look for long transactions, then run `vacuum freeze`"
        )
    room = status.limits.max_connections - status.limits.reserved - status.limits.others
    if room < connections:
        yield (
            f"max_connections = {status.limits.max_connections} leaves {max(room, 0)} connections and one process"
            f" of the service takes {connections}: raise it, or lower intake.writers"
        )
    yield from _columnstore(status, now)
    for job in status.jobs:
        if job.failed or job.late:
            about = f"{job.name} of {job.table}" if job.table else job.name
            yield f"{about} {'failed' if job.failed else 'is late'}: see the log"


def _columnstore(status: Status, now: datetime) -> Iterator[str]:
    if status.tier is not Tier.COMMUNITY:
        return
    kept = {job.table for job in status.jobs if job.name in {"policy_compression", "policy_columnstore"}}
    for table in HYPERTABLES:
        if table not in kept:
            yield f"{table} has no columnstore policy: it takes about ten times the disk; run `noroshi db upgrade`"
    for chunks in status.chunks:
        if chunks.table in kept and chunks.waiting and chunks.waiting < now - timedelta(days=ROW_STORE_DAYS):
            yield f"{chunks.table} has chunks older than {ROW_STORE_DAYS} days outside the columnstore"
