"""Drills (訓練): events of chosen stations go the whole way to people, and everything says that it is a drill.

What is injected is marked with the number of the drill: it opens incidents of its own, which real figures, reports and
the chronology leave out. A drill ends by itself; then its incidents are closed, and people are told so.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from ingest.access import audit
from ingest.access.audit import Action, Entry
from ingest.access.authority import ChangeRefused, NotThere
from ingest.store.database import Database
from ingest.watch.deeds import checks
from ingest.watch.deeds.checks import LONGEST_DRILL, check_span, checked_text
from ingest.watch.deeds.database import drills as rows
from ingest.watch.deeds.database.drills import OpenIncident, StationStage
from ingest.watch.deeds.database.lookups import codes_of_project, number_of
from ingest.watch.deeds.model import Doer, Done, Drill
from ingest.watch.deeds.record import record
from ingest.watch.model import Event, Kind, Origin, StageOf, Thing, subject_of
from schemas.bilingual import Bilingual

TITLE = Bilingual("題名", "title")
MOST_STATIONS = 200
NO_DRILL = Bilingual("訓練中ではありません。先に訓練を始めてください", "there is no drill now: begin one first")
IN_A_DRILL = Bilingual(
    "訓練はもう始まっています。終えてから次を始めてください", "a drill is under way: end it before the next one"
)

Keep = Callable[[Database, Sequence[Event], datetime], object]
"""Stores events, lets incidents follow and queues deliveries in the transaction of the caller."""


class Injected(NamedTuple):
    """What a drill lets happen: this station reaches this rank; 0: it is well again."""

    device: str
    rank: int


def begin_drill(connection: Database, doer: Doer, project_id: int, title: str, until: datetime) -> Done:
    """Begin a drill, which ends at `until` at the latest. Raises ChangeRefused while another one lasts.

    The same title and end again are the same drill.
    """
    plain = checked_text(title, checks.LONGEST_TITLE, TITLE)
    now = datetime.now(UTC)
    check_span(now, until, now, LONGEST_DRILL, checks.DRILL)
    with connection.transaction():
        number = rows.add_drill(connection, project_id, plain, now, until, doer.by.actor)
        if number is None:
            lasting = rows.open_drill(connection, project_id)
            if lasting is None or (lasting.title, lasting.ends) != (plain, until):
                raise ChangeRefused(IN_A_DRILL)
            return Done(lasting.drill_id, already=True)
        after: dict[str, object] = {"begun": plain, "until": until.isoformat()}
        record(connection, doer, Action.DRILL_HELD, project_id, f"drill {number}", after)
    return Done(number, already=False)


def inject(connection: Database, doer: Doer, project_id: int, injected: Sequence[Injected], keep: Keep) -> list[Event]:
    """Let stations reach ranks within the drill that lasts; returns the events, without what stands there already.

    All or nothing. Raises NotThere for a station that the project does not have, ChangeRefused without a drill, for a
    rank that a station has no stage for, and for too many stations.
    """
    if not 1 <= len(injected) <= MOST_STATIONS:
        raise ChangeRefused(
            Bilingual(f"1〜{MOST_STATIONS}の局を選んでください", f"choose 1 to {MOST_STATIONS} stations")
        )
    now = datetime.now(UTC)
    with connection.transaction():
        drill = rows.open_drill(connection, project_id)
        if drill is None or drill.ends <= now:
            raise ChangeRefused(NO_DRILL)
        events = [event for each in injected for event in _events(connection, drill, each, now)]
        if events:
            keep(connection, events, now)
            after: dict[str, object] = {"injected": [f"{each.device}={each.rank}" for each in injected]}
            record(connection, doer, Action.DRILL_HELD, project_id, f"drill {drill.drill_id}", after)
    return events


def end_drill(connection: Database, doer: Doer, project_id: int) -> Done:
    """End the drill of a project; the watch closes its incidents within seconds. Raises ChangeRefused without one."""
    with connection.transaction():
        drill = rows.open_drill(connection, project_id)
        if drill is None:
            raise ChangeRefused(NO_DRILL)
        rows.end_drill(connection, drill.drill_id, datetime.now(UTC), doer.by.actor)
        record(connection, doer, Action.DRILL_HELD, project_id, f"drill {drill.drill_id}", {"ended": drill.title})
    return Done(drill.drill_id, already=False)


def look(connection: Database, _rules: object, now: datetime) -> list[Event]:
    """End the drills whose time has run out, and say that the incidents of ended drills are over.

    One of the watchers that look at the clock: the caller stores the events, in the same transaction.
    """
    for drill in rows.end_due_drills(connection, now):
        project, organisation = codes_of_project(connection, drill.project_id)
        entry = Entry(
            Action.DRILL_HELD, f"drill {drill.drill_id}", "service", organisation=organisation, project=project,
            after={"ended": drill.title, "by": "its time had run out"},
        )  # fmt: skip
        audit.append(connection, entry)
    return [_over(incident, now) for incident in rows.open_incidents_of_ended_drills(connection)]


def drills_since(connection: Database, projects: Sequence[int], since: datetime) -> list[Drill]:
    """The drills of these projects that lasted at or after a time, the newest first."""
    return rows.drills_since(connection, projects, since)


def _events(connection: Database, drill: Drill, injected: Injected, now: datetime) -> list[Event]:
    """What is to happen at one station: it reaches one stage, or leaves all that it stands at."""
    device_id = number_of(connection, drill.project_id, "device", injected.device)
    if device_id is None:
        raise NotThere(Bilingual(f"機器 {injected.device} ", f"device {injected.device}"))
    stages = [
        *rows.registry_stages(connection, drill.project_id, injected.device, now),
        *rows.rule_stages(connection, drill.project_id, injected.device),
    ]
    if injected.rank == 0:
        firsts = {_subject(drill, stage): stage for stage in stages}
        standing = {subject: rows.drill_rank(connection, drill.drill_id, subject) for subject in firsts}
        return [_event(drill, firsts[subject], rank, 0, now) for subject, rank in standing.items() if rank]
    found = next((stage for stage in stages if stage.rank == injected.rank), None)
    if found is None:
        raise ChangeRefused(_no_stage(injected, stages))
    before = rows.drill_rank(connection, drill.drill_id, _subject(drill, found))
    return [] if before == found.rank else [_event(drill, found, before, found.rank, now)]


def _event(drill: Drill, stage: StationStage, before: int, rank: int, now: datetime) -> Event:
    """A stage that is reached in a drill. Its value is the threshold: nothing was measured."""
    return Event(
        Kind.STAGE, _subject(drill, stage), _thing(drill, stage), now, before, rank, Origin.DRILL, rule=stage.rule,
        hazard=stage.hazard, measure=stage.measure, value=stage.threshold if rank else None,
        stage=StageOf(
            stage.name, stage.name_en, stage.threshold, stage.unit, official=stage.official, ref_level=stage.ref_level
        ) if rank else StageOf(),
        committed_at=now, details={"drill": drill.drill_id, "title": drill.title},
    )  # fmt: skip


def _thing(drill: Drill, stage: StationStage) -> Thing:
    return Thing(drill.project_id, stage.device_id, quantity_id=stage.quantity_id, channel=stage.channel)


def _subject(drill: Drill, stage: StationStage) -> str:
    return subject_of(Kind.STAGE, _thing(drill, stage), stage.rule)


def _over(incident: OpenIncident, now: datetime) -> Event:
    thing = Thing(
        incident.project_id, incident.device_id, incident.gateway_id, incident.network_id, incident.quantity_id,
        incident.channel,
    )  # fmt: skip
    return Event(
        Kind(incident.kind), incident.subject, thing, now, incident.rank, 0, Origin.DRILL, rule=incident.rule,
        hazard=incident.hazard, details={"drill": incident.drill_id, "ended": True},
    )  # fmt: skip


def _no_stage(injected: Injected, stages: Sequence[StationStage]) -> Bilingual:
    ranks = " ".join(str(rank) for rank in sorted({stage.rank for stage in stages}))
    if not ranks:
        return Bilingual(
            f"{injected.device} には、台帳にも監視計画にも段階がありません",
            f"{injected.device} has no stage, neither in the registry nor in the watch document",
        )
    return Bilingual(
        f"{injected.device} に段階{injected.rank}はありません。あるのは {ranks} です",
        f"{injected.device} has no stage of rank {injected.rank}; it has: {ranks}",
    )
