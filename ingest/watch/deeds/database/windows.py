"""The SQL of maintenance windows and of changes of the duty. Rows are added; later they end early or are voided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ingest.store.database import Database
from ingest.watch.deeds.model import Duty, Maintenance, NewDuty, NewMaintenance, Where

_MAINTENANCE = """
select m.watch_maintenance_id, m.project_id, d.code, g.code, n.code, m.starts, m.ends, m.reason, m.entered_by,
    m.entered_at, m.ended_by
from watch_maintenance m
left join device d using (device_id) left join gateway g on g.gateway_id = m.gateway_id
left join network n on n.network_id = m.network_id
"""

_ADD_MAINTENANCE = """
insert into watch_maintenance (project_id, device_id, gateway_id, network_id, starts, ends, reason, entered_by,
    client_key)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (project_id, client_key) do nothing
returning watch_maintenance_id
"""

_DUTY = """
select watch_duty_id, project_id, person, starts, ends, entered_by, entered_at, voided_by from watch_duty
"""


def add_maintenance(connection: Database, project_id: int, new: NewMaintenance, where: Where, by: str) -> int | None:
    """The number of the new row; None if the project has one with its client key already."""
    values = (project_id, *where, new.starts, new.ends, new.reason, by, new.client_key)
    row = connection.execute(_ADD_MAINTENANCE, values).fetchone()
    return None if row is None else int(row[0])


def same_maintenance(connection: Database, project_id: int, new: NewMaintenance, where: Where) -> Maintenance | None:
    """A window that says the same: of the same thing and time, for the same reason, and not ended early."""
    row = connection.execute(
        f"""{_MAINTENANCE}
        where m.project_id = %s and m.device_id is not distinct from %s and m.gateway_id is not distinct from %s
          and m.network_id is not distinct from %s and m.starts = %s and m.ends = %s and m.reason = %s
          and m.ended_by is null
        limit 1""",
        (project_id, *where, new.starts, new.ends, new.reason),
    ).fetchone()
    return None if row is None else Maintenance(*row)


def maintenance_of_key(connection: Database, project_id: int, key: UUID) -> Maintenance | None:
    """The window that the project has under a client key."""
    row = connection.execute(
        f"{_MAINTENANCE} where m.project_id = %s and m.client_key = %s", (project_id, key)
    ).fetchone()
    return None if row is None else Maintenance(*row)


def lock_maintenance(connection: Database, project_id: int, number: int) -> Maintenance | None:
    """A window by its number, which nobody else changes until the end of this transaction."""
    row = connection.execute(
        f"{_MAINTENANCE} where m.project_id = %s and m.watch_maintenance_id = %s for update of m",
        (project_id, number),
    ).fetchone()
    return None if row is None else Maintenance(*row)


def end_maintenance(connection: Database, number: int, at: datetime, by: str) -> None:
    """Let a window end at this time, which is not before its beginning."""
    connection.execute(
        "update watch_maintenance set ends = %s, ended_by = %s where watch_maintenance_id = %s", (at, by, number)
    )


def maintenance_after(connection: Database, projects: Sequence[int], now: datetime) -> list[Maintenance]:
    """The windows of these projects that last or are to come, in order of their beginning."""
    rows: Sequence[Any] = connection.execute(
        f"{_MAINTENANCE} where m.project_id = any(%s) and m.ends > %s order by m.starts, m.watch_maintenance_id",
        (list(projects), now),
    ).fetchall()
    return [Maintenance(*row) for row in rows]


def add_duty(connection: Database, project_id: int, new: NewDuty, by: str) -> int | None:
    """The number of the new row; None if the project has one with its client key already."""
    row = connection.execute(
        "insert into watch_duty (project_id, person, starts, ends, entered_by, client_key)"
        " values (%s, %s, %s, %s, %s, %s) on conflict (project_id, client_key) do nothing returning watch_duty_id",
        (project_id, new.person, new.starts, new.ends, by, new.client_key),
    ).fetchone()
    return None if row is None else int(row[0])


def same_duty(connection: Database, project_id: int, new: NewDuty) -> Duty | None:
    """A change that says the same and is the newest of its time, so that it counts."""
    row = connection.execute(
        f"""{_DUTY} d where project_id = %(project)s and person = %(person)s and starts = %(starts)s
          and ends = %(ends)s and voided_by is null
          and not exists (
            select from watch_duty o where o.project_id = d.project_id and o.watch_duty_id > d.watch_duty_id
              and o.voided_by is null and o.starts < d.ends and o.ends > d.starts
          )""",
        {"project": project_id, "person": new.person, "starts": new.starts, "ends": new.ends},
    ).fetchone()
    return None if row is None else Duty(*row)


def duty_of_key(connection: Database, project_id: int, key: UUID) -> Duty | None:
    """The change that the project has under a client key."""
    row = connection.execute(f"{_DUTY} where project_id = %s and client_key = %s", (project_id, key)).fetchone()
    return None if row is None else Duty(*row)


def lock_duty(connection: Database, project_id: int, number: int) -> Duty | None:
    """A change by its number, which nobody else changes until the end of this transaction."""
    row = connection.execute(
        f"{_DUTY} where project_id = %s and watch_duty_id = %s for update", (project_id, number)
    ).fetchone()
    return None if row is None else Duty(*row)


def void_duty(connection: Database, number: int, by: str) -> None:
    """Let a change count no more."""
    connection.execute("update watch_duty set voided_by = %s where watch_duty_id = %s", (by, number))


def duties_after(connection: Database, projects: Sequence[int], now: datetime) -> list[Duty]:
    """The changes of these projects that last or are to come, the newest first: of two at once it counts."""
    rows: Sequence[Any] = connection.execute(
        f"{_DUTY} where project_id = any(%s) and ends > %s and voided_by is null order by watch_duty_id desc",
        (list(projects), now),
    ).fetchall()
    return [Duty(*row) for row in rows]
