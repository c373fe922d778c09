"""Queues what is to be said of events, in the transaction that stores them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ingest.store.database import Database
from ingest.watch.delivery.database.deciding import read_happenings, read_situations
from ingest.watch.delivery.database.queueing import set_escalations
from ingest.watch.delivery.decide import decide, first_step_at
from ingest.watch.delivery.model import Effect, Wanted, Way, Withheld
from ingest.watch.delivery.outbox import Outbox
from ingest.watch.model import StoredEvent


def queue_deliveries(connection: Database, stored_events: Iterable[StoredEvent], now: datetime) -> int:
    """Queue the messages of stored events, and begin their escalation; how many rows are new.

    Call it in the transaction in which the events were stored and their incidents were opened or closed.
    """
    effects = {each.event_id: Effect.of(each.step) for each in stored_events}
    happenings = read_happenings(connection, effects)
    situations = read_situations(connection, {each.project_id for each in happenings}, now)
    told: set[int | None] = set()
    wanted: list[Wanted] = []
    steps: dict[int, datetime | None] = {}
    for happening in happenings:
        situation = situations[happening.project_id]
        known = replace(happening, told=True) if happening.incident_id in told else happening
        found = decide(known, situation)
        wanted += found
        if any(is_said_to_somebody(each) for each in found):
            told.add(happening.incident_id)
        if known.effect is Effect.RISE and known.incident_id is not None:
            steps[known.incident_id] = first_step_at(known, situation, found)
    set_escalations(connection, steps)
    return Outbox(connection, situations, now).add(wanted)


def is_said_to_somebody(wanted: Wanted) -> bool:
    """Whether a message goes out beside the broker, now or when the quiet hours end."""
    return wanted.receiver.way is not Way.MQTT and wanted.withheld in (Withheld.NO, Withheld.QUIET_HOURS)
