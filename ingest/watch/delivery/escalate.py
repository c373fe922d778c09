"""Takes the next step of the escalation where nobody took an incident in time.

What began while somebody worked on the thing, and lasts when the work is done, is told then.
"""

from collections.abc import Sequence
from datetime import datetime

from ingest.store.database import Database
from ingest.watch.delivery.database.deciding import read_happenings, read_situations
from ingest.watch.delivery.database.escalating import DueIncident, StepTaken, due_incidents, set_steps
from ingest.watch.delivery.decide import (
    LOOK_AGAIN,
    decide,
    decide_step,
    first_step_at,
    is_worked_on,
    next_step,
    quiet_end,
)
from ingest.watch.delivery.model import Effect, Happening, Situation, Wanted
from ingest.watch.delivery.outbox import Outbox

MOST_AT_ONCE = 200


def escalate_due(connection: Database, now: datetime) -> int:
    """Queue what is due of the escalation; how many steps were taken. `connection` in autocommit mode."""
    with connection.transaction():
        due = due_incidents(connection, now, MOST_AT_ONCE)
        situations = read_situations(connection, {each.project_id for each in due}, now)
        effects = {each.event_id: Effect.RISE for each in due if each.event_id is not None}
        happenings = {each.event_id: each for each in read_happenings(connection, effects)} if effects else {}
        steps = [
            _take_step(each, None if each.event_id is None else happenings[each.event_id], situations[each.project_id])
            for each in due
        ]
        set_steps(connection, [step for step, _ in steps])
        Outbox(connection, situations, now).add([each for _, wanted in steps for each in wanted])
    return sum(bool(wanted) for _, wanted in steps)


def _take_step(
    incident: DueIncident, happening: Happening | None, situation: Situation
) -> tuple[StepTaken, Sequence[Wanted]]:
    """When an incident is looked at again, and the messages that are due of it. None where somebody took it."""
    number, now = incident.incident_id, situation.now
    if happening is None or incident.acknowledged_rank >= incident.rank:
        return StepTaken(number, incident.escalated, None), []
    if is_worked_on(happening, situation.work):
        return StepTaken(number, incident.escalated, now + LOOK_AGAIN), []
    if incident.held_back:
        wanted = [each._replace(again=True) for each in decide(happening, situation)]
        return StepTaken(number, 0, first_step_at(happening, situation, wanted)), wanted
    step = next_step(situation.notice, incident.rank, incident.escalated)
    if step is None:
        return StepTaken(number, incident.escalated, None), []
    following = next_step(situation.notice, incident.rank, step.number)
    if (until := quiet_end(happening, situation)) is not None:
        return StepTaken(number, incident.escalated, until), []
    at = None if following is None else incident.escalate_at + (following.after - step.after)
    return StepTaken(number, step.number, at), decide_step(happening, situation, step.step, step.number)
