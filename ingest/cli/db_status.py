"""What `noroshi db status` prints: for the eye, and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ingest.cli.moments import shown
from ingest.store.outlook import days_left
from ingest.store.status import Chunks, Job, Status

MIB = 2**20


def lines(status: Status, disk_free: int | None, warned: list[str]) -> Iterator[str]:
    """Short and aligned; the warnings last, where they are read."""
    for table in status.tables:
        yield f"{table.name.removesuffix('_packed'):<18}{table.rows:>14,} rows {table.bytes / MIB:>12,.1f} MiB"
    yield f"{'database':<18}{'':>19} {status.database_bytes / MIB:>12,.1f} MiB"
    for project in status.projects:
        share = f"{project.readings:>14,} readings {project.bytes / MIB:>8,.1f} MiB"
        yield f"project {project.project:<10}{share}  about"
    yield from map(_chunks, status.chunks)
    yield from map(_job, status.jobs)
    yield f"growth       {_growth(status, disk_free)}"
    yield f"connections  {status.limits.max_connections} at most, {status.limits.others} taken by others"
    yield f"freeze age   {status.limits.xid_age:,} transactions"
    for warning in warned:
        yield f"WARNING  {warning}"


def _chunks(chunks: Chunks) -> str:
    text = f"chunks       {chunks.table}: {chunks.chunks}, since {shown(chunks.oldest)}"
    if chunks.before_bytes and chunks.after_bytes:
        sizes = f"{chunks.before_bytes / MIB:,.1f} -> {chunks.after_bytes / MIB:,.1f} MiB"
        ratio = f"1/{chunks.before_bytes / chunks.after_bytes:.1f}"
        text += f"; in the columnstore {chunks.in_columnstore}, {sizes} ({ratio})"
    return text


def _job(job: Job) -> str:
    state = "FAILED" if job.failed else "late" if job.late else "ok" if job.last_run else "has not run yet"
    about = f" {job.table}" if job.table else ""
    return f"job          {job.name}{about}, every {job.every}, last run {shown(job.last_run, 'never')}: {state}"


def _growth(status: Status, disk_free: int | None) -> str:
    if status.bytes_per_day is None:
        return "not known: nothing came in lately"
    rate = f"{status.bytes_per_day / MIB:,.1f} MiB a day, without WAL"
    if disk_free is None:
        return f"{rate}; room on the disk is not known from here (--disk PATH says where it is)"
    days = days_left(status, disk_free)
    return f"{rate}; {disk_free / MIB:,.0f} MiB free" + ("" if days is None else f", enough for {days:,} days")


def as_json(status: Status, disk_free: int | None, warned: list[str]) -> dict[str, Any]:
    """The same for programs: bytes and seconds as numbers, times in RFC 3339."""
    body = asdict(status)
    body |= {"tables": [size._asdict() for size in status.tables], "chunks": [each._asdict() for each in status.chunks]}
    body["limits"] = status.limits._asdict()
    return body | {"disk_free_bytes": disk_free, "days_left": days_left(status, disk_free), "warnings": warned}


def plain(value: object) -> object:
    """What JSON has no type for."""
    return value.isoformat() if isinstance(value, datetime) else str(value)
