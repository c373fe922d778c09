"""What people write about incidents: what was done (市の対応), whether it was right (空振り), what was missed (見逃し).

Nothing is taken back but a missed one that was entered by mistake, which stays with a row that says so.
"""

from datetime import UTC, datetime
from uuid import UUID

from ingest.access.audit import Action as Audited
from ingest.access.authority import ChangeRefused, NotThere
from ingest.store.database import Database
from ingest.watch.deeds import checks
from ingest.watch.deeds.checks import checked_text
from ingest.watch.deeds.database import incidents as rows
from ingest.watch.deeds.database.lookups import number_of
from ingest.watch.deeds.model import Action, ActionKind, Doer, Done, Mark, NewMissed
from ingest.watch.deeds.record import record
from schemas.bilingual import Bilingual

NOTE = Bilingual("内容", "note")
REASON = Bilingual("理由", "reason")
PLACE = Bilingual("場所", "place")


def note_action(
    connection: Database, doer: Doer, project_id: int, incident_id: int, note: str,
    at: datetime | None = None, client_key: UUID | None = None,
) -> Done:  # fmt: skip
    """Write what was done about an incident, at a time (None: now). Raises NotThere, ChangeRefused."""
    now = datetime.now(UTC)
    plain = checked_text(note, checks.LONGEST_NOTE, NOTE)
    when = _past(now if at is None else at, now)
    with connection.transaction():
        if rows.lock_incident(connection, project_id, incident_id) is None:
            raise NotThere(checks.INCIDENT)
        more = {"incident": incident_id, "note": plain, "key": client_key}
        number = rows.add_action(connection, project_id, ActionKind.NOTE, doer.by.actor, doer.way, when, more)
        if number is None:
            return _already(connection, project_id, client_key, ActionKind.NOTE, plain, incident_id)
        after: dict[str, object] = {"note": plain, "at": when.isoformat()}
        record(connection, doer, Audited.WATCH_NOTED, project_id, f"incident {incident_id}", after)
    return Done(number, already=False)


def mark_incident(
    connection: Database, doer: Doer, project_id: int, incident_id: int, said: Mark, note: str = ""
) -> Done:
    """Say whether an incident was right; the newest mark counts, the earlier ones stay on record.

    The number is that of the incident. Raises NotThere, ChangeRefused: an incident of a drill is neither.
    """
    plain = checked_text(note, checks.LONGEST_NOTE, NOTE, needed=False)
    now = datetime.now(UTC)
    with connection.transaction():
        incident = rows.lock_incident(connection, project_id, incident_id)
        if incident is None:
            raise NotThere(checks.INCIDENT)
        if incident.drill_id is not None:
            raise ChangeRefused(
                Bilingual("訓練の事象には付けられません", "an incident of a drill is neither true nor false")
            )
        if (incident.mark, incident.mark_note) == (said.value, plain):
            return Done(incident_id, already=True)
        rows.set_mark(connection, incident_id, said, plain, doer.by.actor, now)
        rows.add_action(
            connection, project_id, ActionKind.MARK, doer.by.actor, doer.way, now,
            {"incident": incident_id, "mark": said.value, "note": plain},
        )  # fmt: skip
        after: dict[str, object] = {"mark": said.value, "was": incident.mark, "note": plain}
        record(connection, doer, Audited.WATCH_MARKED, project_id, f"incident {incident_id}", after)
    return Done(incident_id, already=False)


def enter_missed(connection: Database, doer: Doer, project_id: int, new: NewMissed) -> Done:
    """Write that something happened of which the watch said nothing. Raises NotThere, ChangeRefused."""
    now = datetime.now(UTC)
    note = checked_text(new.note, checks.LONGEST_NOTE, NOTE)
    place = checked_text(new.place, checks.LONGEST_PLACE, PLACE, needed=new.device is None)
    when = _past(new.at, now)
    with connection.transaction():
        device_id = None if new.device is None else number_of(connection, project_id, "device", new.device)
        if new.device is not None and device_id is None:
            raise NotThere(checks.DEVICE)
        more = {"device": device_id, "place": place, "note": note, "key": new.client_key}
        number = rows.add_action(connection, project_id, ActionKind.MISSED, doer.by.actor, doer.way, when, more)
        if number is None:
            return _already(connection, project_id, new.client_key, ActionKind.MISSED, note, None)
        after: dict[str, object] = {"at": when.isoformat(), "device": new.device, "place": place, "note": note}
        record(connection, doer, Audited.WATCH_MISSED, project_id, f"missed {number}", after)
    return Done(number, already=False)


def take_back_missed(connection: Database, doer: Doer, project_id: int, number: int, reason: str) -> Done:
    """Say that a missed one was entered by mistake: it counts no more, and stays. Raises NotThere, ChangeRefused."""
    why = checked_text(reason, checks.LONGEST_REASON, REASON)
    with connection.transaction():
        missed = rows.missed_of(connection, project_id, number)
        if missed is None:
            raise NotThere(checks.ACTION)
        more = {"about": number, "note": why}
        added = rows.add_action(
            connection, project_id, ActionKind.NOT_MISSED, doer.by.actor, doer.way, datetime.now(UTC), more
        )
        if added is None:
            return Done(number, already=True)
        record(connection, doer, Audited.WATCH_MISSED, project_id, f"missed {number}", {"not_missed": why})
    return Done(number, already=False)


def _already(
    connection: Database, project_id: int, key: UUID | None, kind: ActionKind, note: str, incident_id: int | None
) -> Done:
    """The row that the same key has. Raises ChangeRefused if that says something else."""
    stored: Action | None = None if key is None else rows.action_of_key(connection, project_id, key)
    if stored is None or (stored.kind, stored.note, stored.incident_id) != (kind, note, incident_id):
        raise ChangeRefused(checks.OTHER_KEY)
    return Done(stored.action_id, already=True)


def _past(at: datetime, now: datetime) -> datetime:
    """The time, which is not ahead of now and not long ago. Raises ChangeRefused."""
    if at > now + checks.AHEAD:
        raise ChangeRefused(Bilingual("まだ来ていない時刻です", "this is in the future"))
    if at < now - checks.EARLIEST_MISSED:
        raise ChangeRefused(Bilingual("古すぎる時刻です", "this is too long ago"))
    return at
