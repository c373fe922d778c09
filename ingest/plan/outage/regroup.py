"""Puts the outages of a gateway or a network together anew, where outages of its devices changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain

from ingest.figures.fetch import Database
from ingest.plan.outage import said
from ingest.plan.outage.compare import Change, What
from ingest.plan.outage.database import rows, signs
from ingest.plan.outage.database.rows import Note, Touched
from ingest.plan.outage.group import FOREVER, Candidate, Group, candidates, groups, settled
from ingest.plan.outage.silence import Spell
from schemas.bilingual import Bilingual


class Places:
    """Where outages of devices changed, and in what time."""

    def __init__(self) -> None:
        self.outages: set[int] = set()
        self._spans: dict[Touched, tuple[datetime, datetime]] = {}

    def add_spells(self, spells: Sequence[Spell], numbers: Sequence[int]) -> None:
        """New outages, with their numbers."""
        self.outages.update(numbers)
        for each in spells:
            self._add(each.project_id, each.gateway_id, each.network_id, each.starts, each.ends)

    def add_changes(self, changes: Iterable[Change]) -> None:
        """Outages that changed: where they were, and where they are."""
        for each in changes:
            was = each.recorded
            self._add(was.project_id, was.gateway_id, was.network_id, was.starts, was.ends)
            if each.now is not None:
                self.outages.add(was.outage_id)
                self._add(was.project_id, each.now.gateway_id, each.now.network_id, each.now.starts, each.now.ends)

    def add_groups(self, groups: Iterable[tuple[Touched, datetime, datetime | None]]) -> None:
        """Recorded outages of gateways and networks that have to be looked at, though no outage in them changed."""
        for place, starts, ends in groups:
            since, until = self._spans.get(place, (starts, starts))
            self._spans[place] = (min(since, starts), max(until, ends or FOREVER))

    def of_level(self, level: str) -> list[tuple[Touched, datetime, datetime]]:
        """The gateways or networks, each from when until when."""
        return [(place, *span) for place, span in self._spans.items() if place.level == level]

    def _add(
        self, project: int, gateway: int | None, network: int | None, starts: datetime, ends: datetime | None
    ) -> None:
        for level, number in (("gateway", gateway), ("network", network)):
            if number is not None:
                place = Touched(project, level, number)
                since, until = self._spans.get(place, (starts, starts))
                self._spans[place] = (min(since, starts), max(until, ends or FOREVER))


def regroup(connection: Database, places: Places, now: datetime) -> set[int]:
    """Bring the outages of gateways, then of networks, up to date; returns the numbers of those that changed."""
    changed: set[int] = set()
    for place, since, until in places.of_level("gateway"):
        changed |= _regroup(connection, place, since, until, now)
    for place, since, until in places.of_level("network"):
        if rows.spread_out(connection, place.place_id):
            changed |= _regroup(connection, place, since, until, now)
    return changed


def _regroup(connection: Database, place: Touched, since: datetime, until: datetime, now: datetime) -> set[int]:
    found = _found(connection, place, since, until, now)
    recorded = rows.groups_of(connection, place, since, until)
    kept = settled(found, recorded)
    changed: set[int] = set()
    for number, group in kept.items():
        if rows.move_group(connection, number, group):
            changed.add(number)
            what, reason = _moved(recorded[number], group)
            rows.note(connection, [Note(number, place.project_id, what, None, None, reason)])
    gone = [number for number in recorded if number not in kept]
    rows.withdraw(connection, gone)
    for number in gone:
        rows.set_parts(connection, number, [])
        rows.note(connection, [Note(number, place.project_id, What.WITHDRAWN, None, None, _NO_MORE)])
    taken = {id(group) for group in kept.values()}
    for group in found:
        if id(group) not in taken:
            number = rows.add_group(connection, place, group)
            kept[number] = group
            changed.add(number)
    for number, group in kept.items():
        parts = list(group.members)
        if place.level == "network":
            parts = rows.without_gateway(connection, parts, number) + rows.parts_within(connection, place, group)
        rows.set_parts(connection, number, parts)
    return changed


def _found(connection: Database, place: Touched, since: datetime, until: datetime, now: datetime) -> list[Group]:
    """The groups that overlap [since, until). They lie within the outages of devices that do."""
    inner = rows.members_of(connection, place, since, until)
    if not inner:
        return []
    begins = min(each.starts for each in inner)
    end = max(each.ends or FOREVER for each in inner)
    members = rows.members_of(connection, place, begins, end)
    duties = rows.duties_of(connection, place, begins, min(end, now))
    chosen = [each for each in candidates(members, duties) if each.starts < until and each.end > since]
    devices = {each.device_id for each in duties}
    found = (groups(each, members, _signs(connection, place, devices, each)) for each in chosen)
    return [each for each in chain.from_iterable(found) if each.starts < until and (each.ends or FOREVER) > since]


def _signs(connection: Database, place: Touched, devices: Iterable[int], candidate: Candidate) -> list[datetime]:
    heard = signs.signs(connection, [(device, candidate.starts, candidate.end) for device in devices])
    times = list(chain.from_iterable(heard.values()))
    if place.level == "gateway":
        times += rows.signs_of_gateway(connection, place.place_id, candidate.starts, candidate.end)
    return times


def _moved(was: tuple[datetime, datetime | None], group: Group) -> tuple[What, Bilingual]:
    starts, ends = was
    if ends is None and group.ends is not None and group.starts == starts:
        return What.ENDED, said.back(group.ends)
    shorter = group.starts >= starts and (ends is None or (group.ends is not None and group.ends <= ends))
    return (What.SHORTENED if shorter else What.LENGTHENED), said.moved(starts, ends, group.starts, group.ends)


_NO_MORE = Bilingual(
    "機器の停止が変わり、まとまった停止ではなくなりました", "its devices were not silent together after all"
)
