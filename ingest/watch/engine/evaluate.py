"""Notes become events: readings in order by a step in memory, everything else computed anew from the database."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from ingest.store.database import Database
from ingest.watch.engine.changes import differences, event_of
from ingest.watch.engine.database.notes import Note, Span, corrected_devices
from ingest.watch.engine.gather import Gathered, choose, gather, leave, leave_spans
from ingest.watch.engine.keep import Withdrawal
from ingest.watch.engine.memory import NOTHING, Memory, Remembered, RuleMemory
from ingest.watch.engine.recompute import FAR_US, Again, Recomputed, recompute
from ingest.watch.engine.trail import Trail, Trails, longer, rewind
from ingest.watch.model import Event, Origin
from ingest.watch.rules import Rules
from ingest.watch.stages.machine import Change, OutOfOrder, State, advance, step
from ingest.watch.stages.rule import EVER_US, NEVER_US
from ingest.watch.stages.sample import Reading
from schemas.bilingual import Bilingual
from schemas.japan import to_datetime, to_us

log = structlog.get_logger()

LATE = Bilingual("あとから届いた測定値により改めました", "amended by readings that came later")
RULE_CHANGED = Bilingual("基準の変更により改めました", "amended because the stages were changed")


@dataclass(slots=True)
class Findings:
    """What came of notes, to be stored in one transaction with their deletion; `after`: remembered after its COMMIT."""

    events: list[Event] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    """What could not be looked at in one go."""
    left: dict[int, bytes | None] = field(default_factory=dict)
    """Of these notes the readings that are left for another turn. None: all of it."""
    left_urgent: bool = False
    """Whether what is left may be at a stage."""
    after: dict[RuleMemory, Remembered] = field(default_factory=dict)
    trails: dict[RuleMemory, Trail] = field(default_factory=dict)


class Evaluator:
    """Evaluates notes by the rules in use. It writes nothing and remembers nothing before `commit`."""

    def __init__(self, least_window_us: int) -> None:
        self.memory = Memory(least_window_us)
        self.failing: set[str] = set()
        """Subjects whose last evaluation met a defect. They are computed anew at their next reading."""
        self._trails = Trails()
        self._looks: list[RuleMemory] = []
        self._why_look = LATE
        self._corrected: frozenset[int] | None = None

    def use(self, rules: Rules) -> None:
        """Follow these rules from now on; those that are new or changed are computed from the database soon."""
        self._why_look = RULE_CHANGED if self.memory.by_series else LATE
        self.memory.use(rules)
        self._looks = [memory for memory in self.memory if memory.now.state is None]
        self._corrected = None
        self._trails.forget()
        self.failing.intersection_update(self.memory.subjects)

    @property
    def looks(self) -> int:
        """Rules that wait to be computed from the database for the first time."""
        return len(self._looks)

    def evaluate(
        self, connection: Database, notes: Sequence[Note], now: datetime, *, backlog_since: datetime | None = None,
        looks: int = 0, most_again: int = sys.maxsize, only_urgent: bool = False,
    ) -> Findings:  # fmt: skip
        """What came of these notes. `looks`: so many rules that were never computed are, too.

        `backlog_since`: notes are left that were written since then. Then every rule is computed from the database, as
        far as they reach back: so each has all its readings at once, in order, and the rest of its notes costs nothing.
        `most_again`: so many rules are computed from the database. What moves the others is left in the notes.
        `only_urgent`: and of these only those that may be at a stage.
        """
        if self._corrected is None or any(note.device_id is not None for note in notes):
            self._corrected = corrected_devices(connection)
        gathered = gather(self.memory, notes, self._corrected, only_urgent=only_urgent)
        for memory in self._looks[:looks]:
            gathered.look(memory, NEVER_US)
            gathered.why.setdefault(memory, self._why_look)
        if backlog_since is not None:
            gathered.reach_back(to_us(backlog_since))
        findings, now_us = Findings(), to_us(now)
        for memory, readings in gathered.fresh.items():
            if memory in gathered.again or not self._step(memory, readings, gathered, findings, now_us):
                gathered.look(memory, min(reading.time_us for reading in readings))
        chosen = choose(gathered, most_again, only_urgent=only_urgent)
        postponed = gathered.again.keys() - set(chosen.rules)
        findings.left_urgent = chosen.left_urgent
        findings.left = leave(self.memory, notes, postponed, gathered.calm)
        findings.spans += leave_spans(self.memory, notes, postponed)
        items = [Again(memory, gathered.again[memory]) for memory in chosen.rules]
        for answer in recompute(connection, items, now_us, self._fail):
            self._compare(answer, gathered, findings, now_us)
        return findings

    def commit(self, findings: Findings) -> None:
        """What was found is committed: remember it."""
        for memory, remembered in findings.after.items():
            memory.now = remembered
            if remembered.state is not None:
                self.failing.discard(memory.subject)
        self._trails.keep(findings.trails, findings.after)
        if self._looks:
            self._looks = [memory for memory in self._looks if memory not in findings.after]

    def _step(
        self, memory: RuleMemory, readings: list[Reading], gathered: Gathered, findings: Findings, now_us: int
    ) -> bool:
        """Take readings that follow what is remembered. False: they do not, or nothing is remembered."""
        state = memory.now.state
        if state is None or any(reading.time_us < memory.now.since_us for reading in readings):
            return False  # what was measured before that time is in the state only as far as the look-back goes
        trail, changes = self._trails.of(memory), tuple[Change, ...]()
        try:
            if len(readings) == 1:
                after, changes = step(memory.rule, state, readings[0])
            else:
                after, changes = advance(memory.rule, state, readings)
            trail = () if changes else longer(trail, state, readings)
        except OutOfOrder:
            rewound = rewind(memory, trail, readings)
            if rewound is None:
                return False
            after, trail = rewound
        except Exception as error:  # noqa: BLE001  a defect of one rule must not keep the others from being watched
            self._fail(memory, error)
            findings.after[memory] = NOTHING
            return True
        told = memory.now.told
        if changes:
            told = self._enter(memory, changes, EVER_US, gathered, findings, now_us)
        told = self._confirm(memory, after, findings, now_us, told=told)
        findings.after[memory] = Remembered(after, memory.now.snapshot, memory.now.since_us, told)
        findings.trails[memory] = trail
        return True

    def _enter(
        self, memory: RuleMemory, changes: Iterable[Change], known_us: int, gathered: Gathered, findings: Findings,
        now_us: int,
    ) -> bool:  # fmt: skip
        """Events of these changes. `known_us`: what is not newer is late. Whether the last one is live."""
        live = False
        for change in changes:
            live = change.at_us > known_us and change.at_us >= now_us - memory.window_us
            origin = Origin.LIVE if live else Origin.LATE
            findings.events.append(
                event_of(memory.rule, memory.subject, change, origin, gathered.noted_at.get(memory))
            )  # fmt: skip
        return live

    def _confirm(self, memory: RuleMemory, state: State, findings: Findings, now_us: int, *, told: bool) -> bool:
        """Whether people know of the rank. What they were not told of is confirmed by a measurement of now."""
        if told or state.rank == 0:
            return True
        if state.at_us < now_us - memory.window_us:
            return False
        findings.confirmed.append(memory.subject)
        return True

    def _compare(self, answer: Recomputed, gathered: Gathered, findings: Findings, now_us: int) -> None:
        """Enter how what was computed differs from what is stored."""
        memory = answer.memory
        if answer.state is None:
            findings.after[memory] = NOTHING
            return
        known = memory.now.state
        missing, wrong = differences(answer.changes, answer.stored)
        why = gathered.why.get(memory, LATE)
        findings.withdrawals += [Withdrawal(each.event_id, why) for each in wrong]
        # Without a state in memory the events tell what was known: what is older than the last one is no news.
        known_us = max((each.at_us for each in answer.stored if each not in wrong), default=EVER_US)
        if known is not None:
            known_us = max(known_us, known.at_us)
        self._enter(memory, missing, known_us, gathered, findings, now_us)
        if answer.until_us < FAR_US:
            series = memory.rule.series
            findings.spans.append(Span(series.device_id, series.quantity_id, to_datetime(answer.until_us)))
            findings.after[memory] = NOTHING
            return
        told = self._confirm(memory, answer.state, findings, now_us, told=False)
        findings.after[memory] = Remembered(answer.state, answer.snapshot, answer.since_us, told)

    def _fail(self, memory: RuleMemory, error: Exception) -> None:
        if memory.subject not in self.failing:
            log.error("rule_not_evaluated", subject=memory.subject, error=f"{type(error).__name__}: {error}")
        self.failing.add(memory.subject)
