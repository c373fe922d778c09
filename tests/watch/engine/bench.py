"""What readings in order cost the watch, without a database: `python -m tests.watch.engine.bench`."""

import random
import sys
import time
from datetime import UTC, datetime
from struct import Struct
from typing import Any, NamedTuple, cast

from ingest.store.database import Database
from ingest.watch.document.database import Version
from ingest.watch.engine.database.notes import Note
from ingest.watch.engine.evaluate import Evaluator
from ingest.watch.engine.memory import Remembered
from ingest.watch.rules import rules_of
from ingest.watch.stages.machine import start
from ingest.watch.stages.measure import Value
from ingest.watch.stages.rule import Series, Threshold, WatchedRule
from schemas.japan import to_us

pack = Struct(">qdihhh").pack
"""A reading as `ingest/store/batch/watched.py` packs it."""

PER_S = 5_000
BATCH = 250
"""Readings in a note: what a service at PER_S commits twenty times a second."""
LEVEL, STAGES = 1, (1.0, 2.0, 3.0)
MINUTE_US = 60_000_000


class WatchCost(NamedTuple):
    """The cost of so many readings. `core_share`: of one core, at PER_S readings a second."""

    devices: int
    readings: int
    events: int
    cpu_s: float
    us_a_reading: float
    core_share: float


def measure_watch(devices: int = 10_000, seconds: int = 40) -> WatchCost:
    """Evaluate `seconds` of PER_S readings a second, of devices with three stages; one in a thousand reaches one."""
    chance = random.Random(1)
    now = datetime.now(UTC)
    evaluator = _evaluator(devices, to_us(now))
    batches = [_note(chance, number, devices, now) for number in range(seconds * PER_S // BATCH)]
    nothing = cast("Database", _NoCorrections())
    began_s, events = time.process_time(), 0
    for note in batches:
        findings = evaluator.evaluate(nothing, [note], now)
        evaluator.commit(findings)
        events += len(findings.events)
    cpu_s = time.process_time() - began_s
    readings = len(batches) * BATCH
    us = cpu_s / readings * 1e6
    return WatchCost(devices, readings, events, round(cpu_s, 3), round(us, 2), round(us * PER_S / 1e6, 3))


class _NoCorrections:
    """In the place of a database: it is asked for corrected devices only, and knows of none."""

    def execute(self, _statement: object) -> "_NoCorrections":
        return self

    def fetchall(self) -> list[Any]:
        return []


def _evaluator(devices: int, now_us: int) -> Evaluator:
    """It remembers every device, so that nothing is read from a database."""
    evaluator = Evaluator(15 * MINUTE_US)
    evaluator.use(rules_of(Version(1, 1), map(_rule, range(devices))))
    for memory in evaluator.memory:
        state = start(memory.rule)._replace(at_us=now_us - 20 * MINUTE_US)
        memory.now = Remembered(state, told=True)
    return evaluator


def _rule(device_id: int) -> WatchedRule:
    thresholds = tuple(Threshold(rank, level) for rank, level in enumerate(STAGES, start=1))
    return WatchedRule(
        "", 1, "river", (Series(device_id, LEVEL, 0),), Value("m"), thresholds,
        hysteresis=0.05, patience_us=30 * MINUTE_US,
    )  # fmt: skip


def _note(chance: random.Random, number: int, devices: int, now: datetime) -> Note:
    """A batch as a writer notes it: every device in turn, ten minutes of them in as many batches as it takes."""
    first = number * BATCH
    at_us = to_us(now) - 15 * MINUTE_US + number
    rows = [
        (at_us, 1.5 if chance.random() < 0.001 else chance.random() * 0.9, (first + place) % devices, LEVEL, 0, -1)
        for place in range(BATCH)
    ]
    return Note(number, now, number, exact=True, readings=b"".join(pack(*row) for row in rows))


if __name__ == "__main__":
    for name, value in measure_watch()._asdict().items():
        sys.stdout.write(f"{name:<20}{value:,}\n")
