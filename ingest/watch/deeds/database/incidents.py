"""Incidents as deeds change them, and the rows of what people did. Rows of actions are only added."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ingest.store.database import Database
from ingest.watch.deeds.model import Action, ActionKind, Incident, Mark, Way

_INCIDENT = """
select incident_id, project_id, rank, top_rank, closed_at, acknowledged_rank, drill_id, mark, mark_note, subject
from watch_incident where incident_id = %s and project_id = %s for update
"""

_ADD = """
insert into watch_action (project_id, incident_id, action, at, by, way, rank, mark, device_id, place, about, note,
    client_key)
values (%(project)s, %(incident)s, %(action)s, %(at)s, %(by)s, %(way)s, %(rank)s, %(mark)s, %(device)s, %(place)s,
    %(about)s, %(note)s, %(key)s)
on conflict do nothing
returning watch_action_id
"""

_ACTIONS = """
select a.watch_action_id, a.incident_id, a.action, a.at, a.recorded_at, a.by, a.way, a.rank, a.mark, d.code, a.place,
    a.note, exists (select from watch_action b where b.about = a.watch_action_id)
from watch_action a left join device d on d.device_id = a.device_id and d.project_id = a.project_id
"""


def lock_incident(connection: Database, project_id: int, incident_id: int) -> Incident | None:
    """The incident, which nobody else changes until the end of this transaction; None if the project has none such."""
    row = connection.execute(_INCIDENT, (incident_id, project_id)).fetchone()
    return None if row is None else Incident(*row)


def raise_acknowledged(connection: Database, incident_id: int, rank: int) -> None:
    """The incident is taken up to this rank. Unless it stands higher, nobody else is called any more."""
    connection.execute(
        """
        update watch_incident
        set acknowledged_rank = %(rank)s, escalate_at = case when rank > %(rank)s then escalate_at end
        where incident_id = %(incident)s
        """,
        {"rank": rank, "incident": incident_id},
    )


def set_mark(connection: Database, incident_id: int, mark: Mark, note: str, by: str, at: datetime) -> None:
    """Write whether the incident was right, as somebody says."""
    connection.execute(
        "update watch_incident set mark = %s, mark_note = %s, marked_by = %s, marked_at = %s where incident_id = %s",
        (mark.value, note, by, at, incident_id),
    )


def add_action(
    connection: Database, project_id: int, kind: ActionKind, by: str, way: Way, at: datetime, more: Mapping[str, Any]
) -> int | None:
    """The number of the new row; None if the project has one with its key, or it was taken back already.

    `more`: incident, rank, mark, device (its id), place, about, note, key.
    """
    values: dict[str, Any] = dict.fromkeys(("incident", "rank", "mark", "device", "about", "key"))
    values |= {"place": "", "note": "", **more}
    values |= {"project": project_id, "action": kind.value, "by": by, "way": way.value, "at": at}
    row = connection.execute(_ADD, values).fetchone()
    return None if row is None else int(row[0])


def action_of_key(connection: Database, project_id: int, key: UUID) -> Action | None:
    """The row that the project has under a client key."""
    row = connection.execute(f"{_ACTIONS} where a.project_id = %s and a.client_key = %s", (project_id, key)).fetchone()
    return None if row is None else _action(row)


def missed_of(connection: Database, project_id: int, action_id: int) -> Action | None:
    """A missed one by its number."""
    row = connection.execute(
        f"{_ACTIONS} where a.project_id = %s and a.watch_action_id = %s and a.action = 'missed'",
        (project_id, action_id),
    ).fetchone()
    return None if row is None else _action(row)


def actions_of(connection: Database, project_id: int, incident_id: int) -> list[Action]:
    """What people did about an incident, in order of time."""
    rows = connection.execute(
        f"{_ACTIONS} where a.project_id = %s and a.incident_id = %s order by a.recorded_at, a.watch_action_id",
        (project_id, incident_id),
    )
    return [_action(row) for row in rows]


def missed_between(connection: Database, project_id: int, since: datetime, until: datetime) -> list[Action]:
    """The missed ones of [since, until), in order of time, also those that were taken back."""
    rows = connection.execute(
        f"{_ACTIONS} where a.project_id = %s and a.action = 'missed' and a.at >= %s and a.at < %s"
        " order by a.at, a.watch_action_id",
        (project_id, since, until),
    )
    return [_action(row) for row in rows]


def _action(row: Sequence[Any]) -> Action:
    number, incident, kind, at, recorded_at, by, way, rank, mark, device, place, note, taken_back = row
    return Action(
        number, incident, ActionKind(kind), at, recorded_at, by, Way(way), rank, None if mark is None else Mark(mark),
        device, place, note, taken_back,
    )  # fmt: skip
