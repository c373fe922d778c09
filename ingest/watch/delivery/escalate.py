"""Takes the next step of the escalation where nobody took an incident in time.

What began while somebody worked on the thing, and lasts when the work is done, is told then.
"""

from datetime import datetime

from ingest.store.database import Database
from ingest.watch.delivery.database.deciding import read_happenings, read_situations
from ingest.watch.delivery.database.escalating import DueIncident, due_incidents, set_step
from ingest.watch.delivery.decide import LOOK_AGAIN, decide, decide_step, first_step_at, is_worked_on, next_step
from ingest.watch.delivery.model import Effect, Situation, Wanted
from ingest.watch.delivery.outbox import Outbox

MOST_AT_ONCE = 200


def escalate_due(connection: Database, now: datetime) -> int:
    """Queue what is due of the escalation; how many steps were taken. `connection` in autocommit mode."""
    with connection.transaction():
        due = due_incidents(connection, now, MOST_AT_ONCE)
        situations = read_situations(connection, {each.project_id for each in due}, now)
        wanted: list[Wanted] = []
        taken = 0
        for incident in due:
            found = _take_step(connection, incident, situations[incident.project_id])
            taken += bool(found)
            wanted += found
        Outbox(connection, situations, now).add(wanted)
    return taken


def _take_step(connection: Database, incident: DueIncident, situation: Situation) -> list[Wanted]:
    """The messages that are due of an incident; notes when it is looked at again. None where somebody took it."""
    number, now = incident.incident_id, situation.now
    if incident.event_id is None or incident.acknowledged_rank >= incident.rank:
        set_step(connection, number, incident.escalated, None)
        return []
    (happening,) = read_happenings(connection, {incident.event_id: Effect.RISE})
    if is_worked_on(happening, situation.work):
        set_step(connection, number, incident.escalated, now + LOOK_AGAIN)
        return []
    if incident.held_back:
        wanted = [each._replace(again=True) for each in decide(happening, situation)]
        set_step(connection, number, 0, first_step_at(happening, situation, wanted))
        return wanted
    step = next_step(situation.notice, incident.rank, incident.escalated)
    if step is None:
        set_step(connection, number, incident.escalated, None)
        return []
    following = next_step(situation.notice, incident.rank, step.number)
    at = None if following is None else incident.escalate_at + (following.after - step.after)
    set_step(connection, number, step.number, at)
    return decide_step(happening, situation, step.step, step.number)
