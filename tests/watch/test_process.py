"""When the watch is a trouble of the service, by the clock of the service alone."""

import pytest

from ingest.settings.model import Settings
from ingest.settings.watch import WatchSettings
from ingest.telemetry.health import Concern
from ingest.watch.process import WatchProcess
from ingest.watch.talk import STANDBY, WAITING, WATCHING, Heartbeat, heartbeat_line, read_heartbeat

WELL = Heartbeat(WATCHING, "", 0.1, 1, 3, 12, 0, {})


def process(clock: list[float], *, enabled: bool = True) -> WatchProcess:
    return WatchProcess(Settings(watch=WatchSettings(enabled=enabled)), lambda: clock[0])


def test_silence_of_the_process_is_a_trouble_within_ten_seconds() -> None:
    clock = [100.0]
    watch = process(clock)
    assert watch.found() == [], "it may take a moment to start"
    watch.hear(WELL)
    assert watch.gauges["watch_up:"] == watch.gauges["watch_active:"] == 1
    clock[0] += 9.9
    (found,) = watch.found()
    assert (found.concern, found.concern.blocks) == (Concern.WATCH, False)
    assert watch.gauges["watch_up:"] == watch.gauges["watch_active:"] == 0


@pytest.mark.parametrize(
    ("heartbeat", "words"),
    [
        (WELL._replace(lag_s=11.0), "wait 11 s"),
        (WELL._replace(failing={"silence": "no"}), "silence: no"),
        (WELL._replace(state=WAITING, why="too many connections"), "too many connections"),
    ],
)
def test_what_it_says_of_itself_is_a_trouble_too(heartbeat: Heartbeat, words: str) -> None:
    clock = [100.0]
    watch = process(clock)
    clock[0] += 8.0
    watch.hear(read_heartbeat(heartbeat_line(heartbeat)))
    (found,) = watch.found()
    assert words in found.detail


def test_to_stand_by_is_no_trouble_and_neither_is_a_watch_that_nobody_wants() -> None:
    clock = [100.0]
    watch = process(clock)
    watch.hear(WELL._replace(state=STANDBY))
    assert watch.found() == []
    assert (watch.gauges["watch_up:"], watch.gauges["watch_active:"]) == (1, 0)
    off = process(clock, enabled=False)
    clock[0] += 100.0
    assert (off.found(), off.gauges) == ([], {})
