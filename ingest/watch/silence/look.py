"""The watch of silence and blindness: looks at the clock, and says what begins and what is over."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ingest.plan.outage.database.signs import stretches
from ingest.store.database import Database
from ingest.watch.model import Event, Kind, Origin, Thing
from ingest.watch.rules import Rules
from ingest.watch.silence import blind, judge
from ingest.watch.silence.blind import Unheard
from ingest.watch.silence.compare import events_of
from ingest.watch.silence.database import fleet, rain, standing
from ingest.watch.silence.ends import Ends
from ingest.watch.silence.model import BLIND_RANK, Condition, DeviceNow, OpenIncident
from ingest.watch.silence.silences import Scene, Silences
from schemas.watch_silence import WatchSilence

USUAL = WatchSilence()
BACKFILL_AFTER = (timedelta(minutes=10), timedelta(days=1))
"""So long after a silence it is looked at what came later of its time."""


def look(connection: Database, rules: Rules, now: datetime) -> Sequence[Event]:
    """What begins and what is over, by the figures of this moment; the caller stores it in the same transaction.

    While the service itself is deaf nothing is said: who cannot hear cannot call anybody silent.
    """
    hearing = fleet.read_hearing(connection, now)
    if hearing.deaf_since is not None:
        return []
    scene = Scene(
        now, hearing, fleet.read_devices(connection), fleet.read_gateways(connection),
        fleet.read_stops(connection, now), lambda project: _wanted(rules, project),
    )  # fmt: skip
    open_now = standing.read_standing(connection)
    silences = Silences(scene, scene.silent_devices(_begins(connection, scene)))
    wanted = silences.conditions | _blind(connection, scene, silences, open_now)
    new = [subject for subject in wanted if subject not in open_now]
    ended = Ends(scene, silences.devices).of(connection, [each for key, each in open_now.items() if key not in wanted])
    events = [*events_of(wanted, open_now, standing.last_events_at(connection, new), ended, now)]
    return events + _backfilled(connection, now)


def _wanted(rules: Rules, project_id: int) -> WatchSilence:
    document = rules.document_of(project_id)
    return USUAL if document is None else document.silence


def _begins(connection: Database, scene: Scene) -> dict[int, datetime]:
    """Since when each suspect has been at work without a break, by the registry of then."""
    suspects = {each.device_id: each for each in scene.suspects()}
    heard = {number: each.heard_at for number, each in suspects.items() if each.heard_at is not None}
    found = stretches(connection, heard, scene.now) if heard else {}
    begins = {number: judge.works_since(each, suspects[number].project_id, scene.now) for number, each in found.items()}
    return {number: at for number, at in begins.items() if at is not None}


def _blind(
    connection: Database, scene: Scene, silences: Silences, open_now: Mapping[str, OpenIncident]
) -> dict[str, Condition]:
    """The gauges that cannot be watched, by subject."""
    nearby = rain.nearby_rain(connection)
    by_project: defaultdict[int, list[DeviceNow]] = defaultdict(list)
    for device in scene.devices:
        by_project[device.project_id].append(device)
    found: dict[str, Condition] = {}
    for project_id, devices in by_project.items():
        unheard = [
            each
            for watched in blind.watched_gauges(devices, scene.wanted(project_id), nearby)
            if watched.gauge.state in judge.WATCHED and not judge.stopped(watched.gauge, scene.stops, scene.now)
            and (each := blind.unheard(watched, scene.hearing, scene.now)) is not None
        ]  # fmt: skip
        if unheard:
            found |= _blind_of_project(connection, scene, silences, unheard, open_now)
    return found


def _blind_of_project(
    connection: Database, scene: Scene, silences: Silences, unheard: Sequence[Unheard],
    open_now: Mapping[str, OpenIncident],
) -> dict[str, Condition]:  # fmt: skip
    project_id = unheard[0].watched.gauge.project_id
    numbers = {each.code: each.device_id for each in scene.devices if each.project_id == project_id}
    stations = sorted({station for each in unheard for station in each.watched.rain})
    fallen = rain.rain_now(connection, project_id, stations, scene.now)
    seen = {blind.subject_of_gauge(each.watched.gauge): blind.seen_by(each.watched, fallen) for each in unheard}
    pours = {
        subject: rain.Pour(each.watched.rain, each.watched.measure, each.watched.at_least)
        for each, (subject, rains) in zip(unheard, seen.items(), strict=True)
        if rains.reaches(each.watched) and not _is_known(open_now.get(subject))
    }
    since = rain.rains_since(connection, project_id, set(pours.values()), scene.now)
    found: dict[str, Condition] = {}
    for each, (subject, rains) in zip(unheard, seen.items(), strict=True):
        silent = [numbers[station] for station in each.watched.rain if numbers.get(station) in silences.devices]
        reached = since[pours[subject]] if subject in pours else None
        if silent and not rains.reaches(each.watched):
            reached = max(silences.devices[number].at for number in silent)
        group = next((silences.group_of(number) for number in silent), None)
        condition = blind.condition_of(each, rains, reached, group, scene.now)
        if condition is not None:
            found[subject] = condition
    return found


def _is_known(incident: OpenIncident | None) -> bool:
    return incident is not None and incident.rank == BLIND_RANK


def _backfilled(connection: Database, now: datetime) -> list[Event]:
    """What came later of the time of a silence. It does not undo that nobody saw it then."""
    before = standing.read_progress(connection)
    standing.note_progress(connection, now)
    if before is None:
        return []
    rows = [
        row for after in BACKFILL_AFTER for row in standing.backfilled_between(connection, before - after, now - after)
    ]
    return [
        Event(
            Kind(row.subject.partition(":")[0]), row.subject, Thing(row.project_id, row.device_id), row.first_at,
            row.top_rank, row.top_rank, Origin.LATE,
            details={"backfilled": row.messages, "from": row.first_at.isoformat(), "until": row.last_at.isoformat()},
        )
        for row in rows
    ]  # fmt: skip
