"""What people say about outages: the cause, one by one, by group, or for many at once."""

from collections.abc import Sequence

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.figures.fetch import Database
from ingest.plan.outage.compare import What
from ingest.plan.outage.database import people, rows
from ingest.plan.outage.database.rows import Note
from schemas.bilingual import Bilingual
from schemas.work import OutageCause

OUTAGE = Bilingual("停止", "outage")
LONGEST_NOTE = 500
NOTE_TOO_LONG = Bilingual(f"メモは{LONGEST_NOTE}字までです", f"a note has {LONGEST_NOTE} characters at most")


def explain(
    connection: Database, by: By, project_id: int, outages: Sequence[int], cause: OutageCause | None, note: str
) -> int:
    """Write the cause of these outages and of those that are part of them; returns how many changed.

    None takes a cause back. Raises NotThere for an outage that is not of this project, ChangeRefused for a long note.
    """
    plain = note.strip().replace("\0", "")
    if len(plain) > LONGEST_NOTE:
        raise ChangeRefused(NOTE_TOO_LONG)
    with connection.transaction():
        if not people.are_there(connection, project_id, outages):
            raise NotThere(OUTAGE)
        value = None if cause is None else cause.value
        changed = people.explain(connection, project_id, outages, value, plain or None, by.actor)
        rows.note(connection, [_noted(each, plain) for each in changed], by.actor)
        if changed:
            project, organisation = people.codes_of_project(connection, project_id)
            numbers = sorted(each.outage_id for each in changed)
            before = {str(each.outage_id): each.was for each in changed if each.was is not None}
            after = {"cause": value, "note": plain, "outages": numbers}
            subject = f"outage {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} outages"
            entry = by.entry(Action.OUTAGE_EXPLAINED, subject, organisation, project, before or None, after)
            audit.append(connection, entry, by.address)
    return len(changed)


def _noted(said: people.Said, note: str) -> Note:
    if said.cause is None:
        reason = Bilingual("原因を取り消しました", "the cause was taken back")
    else:
        label = OutageCause(said.cause).label
        reason = Bilingual(
            f"原因: {label.ja}" + (f"({note})" if note else ""), f"cause: {label.en}" + (f" ({note})" if note else "")
        )
    return Note(said.outage_id, said.project_id, What.CAUSE, {"cause": said.was}, {"cause": said.cause}, reason)
