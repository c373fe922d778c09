"""Somebody takes an incident (確認): up to a rank, so that a further rise calls people again."""

from datetime import UTC, datetime

from ingest.access.audit import Action
from ingest.access.authority import ChangeRefused, NotThere
from ingest.store.database import Database
from ingest.watch.deeds.checks import INCIDENT, LONGEST_NOTE, checked_text
from ingest.watch.deeds.database import incidents as rows
from ingest.watch.deeds.model import Acknowledged, ActionKind, Doer
from ingest.watch.deeds.record import record
from schemas.bilingual import Bilingual

NOTE = Bilingual("メモ", "note")


def acknowledge(
    connection: Database, doer: Doer, project_id: int, incident_id: int, rank: int | None = None, note: str = ""
) -> Acknowledged:
    """Take an incident up to `rank`; None: up to where it stands. This stops its escalation, unless it rose beyond.

    `rank` is what was read by whoever takes it: an incident that rose meanwhile is not taken in its new rank.
    What was taken up to there before stays as it is, also who did it. Raises NotThere, ChangeRefused.
    """
    plain = checked_text(note, LONGEST_NOTE, NOTE, needed=False)
    with connection.transaction():
        incident = rows.lock_incident(connection, project_id, incident_id)
        if incident is None:
            raise NotThere(INCIDENT)
        wanted = max(incident.rank, 1) if rank is None else rank
        if not 1 <= wanted <= max(incident.top_rank, 1):
            raise ChangeRefused(
                Bilingual(
                    f"この事象の段階は1〜{max(incident.top_rank, 1)}です。{wanted}は確認できません",
                    f"this incident reached the ranks 1 to {max(incident.top_rank, 1)}, {wanted} cannot be taken",
                )
            )
        taken = incident.acknowledged_rank or 0
        if taken >= wanted:
            return Acknowledged(incident_id, taken, already=True, needs_more=incident.rank > taken)
        rows.raise_acknowledged(connection, incident_id, wanted)
        rows.add_action(
            connection, project_id, ActionKind.ACKNOWLEDGE, doer.by.actor, doer.way, datetime.now(UTC),
            {"incident": incident_id, "rank": wanted, "note": plain},
        )  # fmt: skip
        after: dict[str, object] = {
            "rank": wanted, "subject": incident.subject, "note": plain, "drill": incident.drill_id,
        }  # fmt: skip
        record(connection, doer, Action.WATCH_ACKNOWLEDGED, project_id, f"incident {incident_id}", after)
    return Acknowledged(incident_id, wanted, already=False, needs_more=incident.rank > wanted)
