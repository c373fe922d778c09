"""Keeps the rollups: closes hours without losing anything, and computes again what changed afterwards.

A window is closed in three steps that need no clock. First it is marked as closing: a writer that stores something
older from now on notes it as due, in its own transaction. Then we wait until every transaction has ended that began to
write before that. Every row of the window is now either there, or will be noted. Then the window is computed.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, NamedTuple

from psycopg import Connection

from ingest.errors import StoreUnavailable
from ingest.store.rollup import statements
from ingest.store.rollup.spans import HOUR, Days, Span, days, spans
from schemas.bilingual import Bilingual
from schemas.japan import JST

LOCK = 0x524F_4C4C
"""Advisory lock of a process that computes rollups, one transaction long ("ROLL")."""

GRACE = timedelta(minutes=10)
"""How long an hour stays open after its end: most of what is late comes within."""

NEVER = Event()
"""An event that is never set, for callers that do not stop a run."""

PATIENCE_S = 60.0
"""How long `wait_for_writers` waits for transactions that are writing."""
POLL_S = 0.05
UNITS_AT_ONCE = 2_000
"""Hours of devices in one transaction: a second of work or so."""

QUIET = timedelta(seconds=60)
"""Beside the ingestion an hour is computed again when nothing has come for it for this long."""

PATIENCE = timedelta(minutes=5)
"""An hour that has been due for this long is computed again though more keeps coming for it."""

FEW_ROWS, MANY_ROWS = 100_000, 1_000_000
"""Rows of a step that is made longer next time, or shorter: each unpacks what it reads, so a long one costs less."""
SHORTEST, LONGEST = HOUR, timedelta(days=7)


class Standing(NamedTuple):
    """How far the rollups are: units to be computed again, and the age of what is closed."""

    due_units: int
    lag_s: float


class Kept(NamedTuple):
    """What a run of `keep` did: hours computed again, and up to where everything is closed."""

    refreshed: int
    until: datetime | None


def keep(
    connection: Connection[Any],
    *,
    now: datetime | None = None,
    stop: Event = NEVER,
    gently: bool = False,
) -> Kept:
    """Compute again what is due and close the hours that are over. The connection is in autocommit mode.

    `gently`: leave most of the machine to others, and what is due until it has settled; readers get it right meanwhile.
    Raises StoreUnavailable if somebody writes for longer than we wait; the next run goes on from there.
    """
    refreshed = refresh_all(connection, stop, gently=gently)
    until = ((now or datetime.now(UTC)) - GRACE).replace(minute=0, second=0, microsecond=0)
    reached = advance(connection, until, stop, gently=gently)
    return Kept(refreshed + refresh_all(connection, stop, gently=gently), reached)


def standing(connection: Connection[Any]) -> Standing:
    """How far the rollups are."""
    due, lag_s = connection.execute(statements.STANDING).fetchone() or (0, 0.0)
    return Standing(due, lag_s)


def touch(connection: Connection[Any], devices: Sequence[int], since: datetime) -> int:
    """Note every hour of these devices since then as due; returns how many hours that are."""
    noted = 0
    for device in devices:
        (hours,) = connection.execute(statements.TOUCH, (device, since)).fetchone() or (0,)
        noted += hours
    return noted


def devices_of(connection: Connection[Any], project: str | None, codes: Sequence[str] | None) -> dict[int, str]:
    """Devices by number, with their codes."""
    wanted = {"project": project, "devices": list(codes) if codes else None}
    return dict(connection.execute(statements.DEVICES, wanted).fetchall())


def refresh_all(connection: Connection[Any], stop: Event = NEVER, *, gently: bool = False) -> int:
    """Compute everything that is due, in small transactions; returns the number of hours."""
    total = 0
    while not stop.is_set():
        began = time.monotonic()
        done = refresh(connection, only_settled=gently)
        if done == 0:
            break
        total += done
        if gently:  # rest as long as the work took: half of the core is left to those who write and read
            stop.wait(time.monotonic() - began)
    return total


def refresh(connection: Connection[Any], limit: int = UNITS_AT_ONCE, *, only_settled: bool = False) -> int:
    """Compute some of what is due, exactly that and what looks into it; returns the number of hours."""
    with _alone(connection):
        connection.execute(statements.FOLD_LATE)
        take = statements.TAKE_SETTLED if only_settled else statements.TAKE_DUE
        values = {"limit": limit, "quiet": QUIET, "patience": PATIENCE}
        units: set[tuple[int, datetime]] = set(connection.execute(take, values).fetchall())
        if not units:
            return 0
        units |= _around(connection, units)
        for span in spans(units):
            _write_hours(connection, span)
        until = _materialised_until(connection)
        assert until is not None  # or nothing would be due before it
        for some in days(units, until.astimezone(JST).date()):
            _write_days(connection, some)
    return len(units)


def _around(connection: Connection[Any], units: set[tuple[int, datetime]]) -> set[tuple[int, datetime]]:
    changed = [(device, span.starts, span.ends) for span in spans(units) for device in span.devices]
    devices, starts, ends = (list(column) for column in zip(*changed, strict=True))
    return set(connection.execute(statements.AROUND, (devices, starts, ends, devices, starts)).fetchall())


def _write_hours(connection: Connection[Any], span: Span) -> None:
    values = span._asdict()
    for statement in (*statements.CLEAR_HOURS, statements.WRITE_HOURS, statements.WRITE_UPLINK_HOURS):
        connection.execute(statement, values)
    connection.execute(statements.NOTE_SERIES, values)
    connection.execute(statements.KEEP_LAST, values)


def _write_days(connection: Connection[Any], some: Days) -> None:
    for statement in (*statements.CLEAR_DAYS, *statements.WRITE_DAYS):
        connection.execute(statement, some._asdict())


def advance(
    connection: Connection[Any], until: datetime, stop: Event = NEVER, *, gently: bool = False
) -> datetime | None:
    """Close every hour before `until`; returns up to where everything is closed, or None if `stop` was set before."""
    reached = _materialised_until(connection)
    if reached is not None and reached >= until:
        return reached
    close(connection, until)
    wait_for_writers(connection, stop)
    step = SHORTEST
    while not stop.is_set():
        began = time.monotonic()
        reached, rows = materialise(connection, until, step)
        if reached >= until:
            return reached
        if gently:
            stop.wait(time.monotonic() - began)
        if rows < FEW_ROWS:
            step = min(step * 2, LONGEST)
        elif rows > MANY_ROWS:
            step = max(step / 2, SHORTEST)
    return None


def close(connection: Connection[Any], until: datetime) -> None:
    """Tell every writer that what is older than `until` is late from now on."""
    connection.execute(statements.CLOSE, (until, until))


def wait_for_writers(connection: Connection[Any], stop: Event = NEVER) -> None:
    """Wait until every transaction has ended that may have begun to write before `close`.

    Raises StoreUnavailable after PATIENCE_S.
    """
    (mark,) = connection.execute(statements.NOW_WRITING).fetchone() or ("0",)
    deadline = time.monotonic() + PATIENCE_S
    while connection.execute(statements.ALL_WRITTEN, (mark,)).fetchone() != (True,):
        if stop.wait(POLL_S) or time.monotonic() > deadline:
            raise StoreUnavailable(
                Bilingual(
                    f"集計: 書き込み中のトランザクションが {PATIENCE_S:g} 秒たっても終わりません",
                    f"rollups: a transaction has been writing for more than {PATIENCE_S:g} s",
                )
            )


def materialise(connection: Connection[Any], until: datetime, step: timedelta) -> tuple[datetime, int]:
    """Compute the next `step` of hours for everybody, not beyond `until`; returns where that ends, and its rows.

    To be called after `close` and `wait_for_writers` for this `until`.
    """
    with _alone(connection):
        reached = _materialised_until(connection)
        starts = reached or min(_oldest(connection) or until, until)
        if starts >= until:
            connection.execute(statements.ADVANCE, (starts,))
            return starts, 0
        ends = min(starts + max(step // HOUR, 1) * HOUR, until)
        values = {"devices": None, "starts": starts, "ends": ends}
        writing = (statements.WRITE_HOURS, statements.WRITE_UPLINK_HOURS)
        rows = sum(connection.execute(statement, values).rowcount for statement in writing)
        connection.execute(statements.NOTE_SERIES, values)
        connection.execute(statements.NOTE_TURNED, (ends,))
        connection.execute(statements.KEEP_LAST, values)
        connection.execute(statements.ADVANCE, (ends,))
        _finish_days(connection, starts, ends)
    return ends, rows


def _oldest(connection: Connection[Any]) -> datetime | None:
    (oldest,) = connection.execute(statements.OLDEST).fetchone() or (None,)
    return oldest


def _finish_days(connection: Connection[Any], starts: datetime, ends: datetime) -> None:
    first, until = (moment.astimezone(JST).date() for moment in (starts, ends))
    if first < until:
        for statement in statements.WRITE_DAYS:
            connection.execute(statement, {"devices": None, "first": first, "until": until})
        connection.execute(statements.NOTE_CHANGED_INTERVALS)


def _materialised_until(connection: Connection[Any]) -> datetime | None:
    (until,) = connection.execute(statements.MATERIALISED).fetchone() or (None,)
    return until


@contextmanager
def _alone(connection: Connection[Any]) -> Iterator[None]:
    """A transaction in which nobody else computes rollups."""
    with connection.transaction():
        connection.execute(statements.LOCK, (LOCK,))
        yield
