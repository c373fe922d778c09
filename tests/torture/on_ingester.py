"""Faults of the service itself: killed, stopped, a clock that steps, a second service beside it."""

import time
from collections.abc import Callable
from pathlib import Path

from tests.acceptance.fleet import one, rows
from tests.fixtures.need import need
from tests.fixtures.service import ServiceProcess
from tests.torture.stage import Plan, Stage
from tests.torture.verdict import arrived
from tests.torture.watch import Watch

FAKETIME = "usr/lib/*/faketime/libfaketime.so.1"
DAY_S = 86_400


def killed(stage: Stage) -> None:
    """kill -9 at random moments of one drain, a life always being long enough to store something."""
    stage.service.terminate()
    stage.publish(stage.size)
    for _ in range(stage.times):
        if arrived(stage.database.url) >= stage.size:
            break
        before = arrived(stage.database.url)
        stage.service.start(ready=False)
        stage.until(lambda known=before: arrived(stage.database.url) > known, "a life stores something")  # type: ignore[misc]
        stage.pause(0, 0.03)
        stage.service.kill()
        stage.done += 1
    stage.service.start()
    stage.settle()


def terminated(stage: Stage) -> None:
    """SIGTERM under load: everything taken is committed and acknowledged, nothing comes again."""
    for _ in range(stage.times):
        with stage.feeding(stage.size // stage.times):
            stage.until(lambda: stage.service.settled() > 0, "the service stores under load")
            stage.pause(0, 0.3)
            summary = stage.service.terminate()
            stage.done += 1
            stage.expect(summary["in_flight"] == 0, f"nothing in flight at the end: {summary}")
            stage.service.start()
    stage.settle()
    again = one(stage.database.url, "select coalesce(sum(duplicate), 0)::int from tally")
    stage.expect(again == 0, f"what was acknowledged does not come again: {again} did")


def beside_another(stage: Stage) -> None:
    """Two services with client ids of their own: every message comes to both, and they write the same rows at once.

    What has no time of its own is two receipts then, so here everything has one.
    """
    place = stage.folder / "other"
    place.mkdir()
    other = ServiceProcess(
        place, stage.database.url, stage.broker.url,
        NO_LANE | {"NOROSHI_BROKER__CLIENT_ID": "noroshi-other", "NOROSHI_INTAKE__BATCH_MESSAGES": "200"},
    )  # fmt: skip
    try:
        other.start()
        with Watch(other) as watch:
            stage.publish(stage.size)
            stage.until(lambda: stage.service.settled() >= stage.size, "the first has settled everything", 60)
            stage.until(lambda: other.settled() >= stage.size, "the second has settled everything", 60)
        stage.told.broken += watch.told.broken
        metrics = stage.service.metrics(), other.metrics()
        both = sum(one["messages_stored"] for one in metrics), sum(one["messages_duplicate"] for one in metrics)
        stage.expect(both == (stage.size, stage.size), f"stored once, a duplicate once: {both}")
    finally:
        if other.started:
            other.kill()
    stage.done += 1
    stage.settle()


def worker_killed(stage: Stage) -> None:
    """kill -9 of one of two workers, whichever it is, at random moments of a live load."""
    with stage.feeding(stage.size):
        for _ in range(stage.times):
            stage.until(lambda: len(stage.service.members()) == 2, "both workers run")
            stage.pause(0.2, 1)
            stage.chance.choice(stage.service.members()).kill()
            stage.done += 1
    stage.settle()


def clock_file(folder: Path) -> dict[str, str]:
    """The environment of a process whose clock is set by this file, e.g. `+3600`; timers are not touched."""
    library = next(Path("/").glob(FAKETIME), None) or need("libfaketime", "the Debian package faketime")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
        "FAKETIME_CACHE_DURATION": "1",  # reading it at every look at the clock made a start take twenty seconds
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def stepping_clock(stage: Stage) -> None:
    """The clock of the service alone steps, forth and back again, by seconds and by years, while messages come."""
    clock = stage.folder / "clock"
    clock.write_text("+0")
    stage.service.restart(clock_file(stage.folder))
    steps = [stage.chance.choice((-3_600, -2, 2, 60, 500 * DAY_S)) for _ in range(stage.times - 1)]
    for step_s in [500 * DAY_S, *steps]:
        stage.publish(stage.size // stage.times // 3)
        _step(clock, step_s)
        stage.publish(stage.size // stage.times // 3)
        stage.until(_nothing_held(stage), "everything of the wrong time is settled")
        _step(clock, 0)
        (known,) = rows(stage.database.url, "select coalesce(max(quarantine_id), 0) from quarantine")[0]
        stage.done += 1
        stage.publish(stage.size // stage.times // 3)
        stage.settle()
        stage.until(_nothing_held(stage), "everything is settled")
        late = one(
            stage.database.url,
            f"select count(*)::int from quarantine where reason = 'time_too_old' and quarantine_id > {known:d}",
        )
        stage.expect(late == 0, f"once the clock is right again, messages of now are not too old: {late} were")


def _step(clock: Path, step_s: int) -> None:
    """From now on the clock is wrong by so much; the file is looked at once a second."""
    clock.write_text(f"{step_s:+d}")
    time.sleep(2)


def _nothing_held(stage: Stage) -> Callable[[], bool]:
    return lambda: stage.service.metrics().get("intake_held_messages") == 0 and stage.service.settled() > 0


# The lane for fresh messages brings some of them twice, and that is right; where duplicates are counted it is off.
NO_LANE = {"NOROSHI_INTAKE__FRESH_LAG_S": "0"}
WITHOUT_LANE = Plan(settings=NO_LANE)
WORKERS = Plan(workers=2, untimed_every=0)
PLAN_OF_TWO = Plan(untimed_every=0, junk_every=0, settings=NO_LANE | {"NOROSHI_INTAKE__BATCH_MESSAGES": "150"})
