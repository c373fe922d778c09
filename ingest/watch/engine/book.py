"""How incidents follow events: opened, raised, lowered and closed in memory, to be written at once. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.watch.engine.database.events import KeptEvent, drill_of
from ingest.watch.engine.database.incidents import Changed, Covering, Incident, Opened
from ingest.watch.model import Event, Origin, Step, StoredEvent
from schemas.bilingual import Bilingual


@dataclass(slots=True, eq=False)
class Numbered:
    """An incident that an event belongs to. None: it has no number before it is stored."""

    incident_id: int | None


@dataclass(slots=True, eq=False)
class Held(Numbered):
    """An incident as it follows the events. `opened_by`: the event that opened it just now; None: it was there."""

    project_id: int
    opened_by: Event | None
    drill_id: int
    opened_at: datetime
    rank: int
    top_rank: int
    acknowledged_rank: int = 0
    closed_at: datetime | None = None
    anew: bool = False
    """Its escalation begins anew."""
    touched: bool = False

    def set_rank(self, rank: int) -> None:
        """It has this rank from now on."""
        self.rank, self.top_rank, self.touched = rank, max(rank, self.top_rank), True

    def close(self, at: datetime) -> None:
        """It is over since then."""
        self.rank, self.closed_at, self.touched = 0, max(self.opened_at, at), True

    def is_of(self, event: Event) -> bool:
        """Whether its project is that of an event."""
        return self.project_id == event.thing.project_id

    def covers(self, at: datetime) -> bool:
        """Whether a moment lies in its time."""
        return self.opened_at <= at and (self.closed_at is None or self.closed_at >= at)


@dataclass(slots=True)
class Entry:
    """An event and what it does."""

    event_id: int
    event: Event
    incident: Numbered | None
    step: Step
    withdrawn: Bilingual | None = None

    def stored(self) -> StoredEvent:
        """As it is stored; its incident has a number by now."""
        incident_id = None if self.incident is None else self.incident.incident_id
        return StoredEvent(self.event_id, incident_id, self.event, self.step, self.withdrawn)


class Book:
    """The incidents of the subjects at hand, as they follow the events. `incidents`: all of them that are open."""

    def __init__(self, now: datetime, incidents: Iterable[Incident]) -> None:
        self._now = now
        self._open: dict[tuple[str, int], Held] = {}
        self._real: defaultdict[str, list[Held]] = defaultdict(list)
        """Those that are or were open, drills aside, by subject and in the order in which they were opened."""
        self._there: list[Held] = []
        self.opened: list[Held] = []
        """What is to be stored for the first time."""
        self._owners: dict[int, Numbered] = {}
        for each in incidents:
            held = Held(
                each.incident_id, each.project_id, None, each.drill_id, each.opened_at, each.rank, each.top_rank,
                each.acknowledged_rank,
            )  # fmt: skip
            self._there.append(held)
            self._hold(each.subject, held)

    def _hold(self, subject: str, held: Held) -> None:
        self._open[subject, held.drill_id] = held
        if held.drill_id == 0:
            self._real[subject].append(held)

    def enter(self, event_id: int, event: Event, over: Covering | None = None) -> Entry:
        """Let the incident of an event follow it. `over`: for a late one, what was over and covers it."""
        if event.origin is Origin.LATE:
            incident, step = self._covering(event, over), Step.NONE
        else:
            incident, step = self._follow(event)
        return self._entry(event_id, event, incident, step)

    def _entry(self, event_id: int, event: Event, incident: Numbered | None, step: Step) -> Entry:
        if incident is not None:
            self._owners[event_id] = incident
        return Entry(event_id, event, incident, step)

    def _covering(self, event: Event, over: Covering | None) -> Numbered | None:
        """The incident in whose time a late event lies; of several the one that was opened last."""
        here = [each for each in self._real.get(event.subject, ()) if each.is_of(event) and each.covers(event.at)]
        newest = max(reversed(here), key=lambda each: each.opened_at, default=None)
        if over is not None and (newest is None or over.opened_at > newest.opened_at):
            return Numbered(over.incident_id)
        return newest

    def _follow(self, event: Event) -> tuple[Held | None, Step]:
        key = event.subject, drill_of(event)
        incident = self._open.get(key)
        if incident is not None and not incident.is_of(event):
            # Its thing went to another project: nobody of the earlier one may see what is measured there.
            incident.close(event.at)
            del self._open[key]
            incident = None
        if incident is None:
            if event.rank == 0:
                return None, Step.NONE
            incident = Held(None, event.thing.project_id, event, key[1], event.at, event.rank, event.rank)
            self.opened.append(incident)
            self._hold(event.subject, incident)
            return incident, Step.OPENED
        if event.rank == 0:
            incident.close(event.at)
            del self._open[key]
            return incident, Step.CLOSED
        if event.rank == incident.rank:
            return incident, Step.NONE
        step = Step.LOWERED if event.rank < incident.rank else Step.RAISED
        incident.set_rank(event.rank)
        if step is Step.RAISED and event.rank > incident.acknowledged_rank:
            incident.anew = True
        return incident, step

    def standing(self, subjects: Iterable[str]) -> set[str]:
        """Those of these subjects of which an incident is open, drills aside."""
        return {subject for subject in subjects if (subject, 0) in self._open}

    def lower(self, entries: Sequence[Entry], subjects: Collection[str], last: Mapping[str, KeptEvent]) -> None:
        """Lower or close what stands higher than the last event of its subject. The event that says so has the step."""
        if not subjects:
            return
        of_subject: defaultdict[str, list[Entry]] = defaultdict(list)
        for each in entries:
            of_subject[each.event.subject].append(each)
        for subject in subjects:
            incident, kept = self._open[subject, 0], last.get(subject)
            rank = 0 if kept is None else kept.event.rank
            if kept is not None and 0 < rank <= incident.rank:
                self._belong(kept.event_id, incident, of_subject[subject])
            if rank >= incident.rank:
                continue
            if rank == 0:
                over = kept is not None and kept.event.at >= incident.opened_at
                incident.close(kept.event.at if kept and over else self._now)
                del self._open[subject, 0]
            else:
                incident.set_rank(rank)
            says_so = _says_so(of_subject[subject])
            says_so.incident, says_so.step = incident, Step.CLOSED if rank == 0 else Step.LOWERED

    def _belong(self, event_id: int, incident: Held, entries: Sequence[Entry]) -> None:
        """Let an event belong to an incident that is open and now stands by it, though it may be older.

        Without it an incident whose own events were withdrawn could not say what it is about, and nobody would be
        reminded of it.
        """
        self._owners[event_id] = incident
        for each in entries:
            if each.event_id == event_id:
                each.incident = incident

    def confirm(self, last: Iterable[KeptEvent]) -> list[Entry]:
        """Open or raise the incidents of subjects up to their last events, where nobody was told of them."""
        answer = []
        for kept in last:
            incident = self._open.get((kept.event.subject, 0))
            if kept.event.rank > (0 if incident is None else incident.rank):
                answer.append(self._entry(kept.event_id, kept.event, *self._follow(kept.event)))
        return answer

    def changed(self) -> list[Changed]:
        """What became of the incidents that were there."""
        return [
            Changed(each.incident_id, each.rank, each.top_rank, each.closed_at, self._now if each.anew else None)
            for each in self._there
            if each.touched and each.incident_id is not None
        ]

    def new(self) -> list[Opened]:
        """The incidents that were opened, as they are now; in the order of `opened`."""
        return [
            Opened(
                each.opened_by, each.drill_id, each.rank, each.top_rank, each.closed_at,
                self._now if each.closed_at is None else None,
            )
            for each in self.opened
            if each.opened_by is not None
        ]  # fmt: skip

    def owners(self) -> dict[int, int]:
        """Which incidents events belong to, by number of the event; the incidents have their numbers by now."""
        return {
            number: each.incident_id for number, each in self._owners.items() if each.incident_id is not None
        }  # fmt: skip


def _says_so(entries: Sequence[Entry]) -> Entry:
    """The event by which its subject stands lower: the newest late one, else a withdrawn one."""
    return max(entries, key=lambda each: (each.withdrawn is None, each.event.at))
