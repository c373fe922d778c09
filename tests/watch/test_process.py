"""When the watch is a trouble of the service, by the clock of the service alone."""

import pytest
from prometheus_client import CollectorRegistry

from ingest.settings.model import Settings
from ingest.settings.watch import WatchSettings
from ingest.telemetry.health import Concern
from ingest.watch.deeds.by_mqtt import AckRefusal
from ingest.watch.metrics import WatchMetrics
from ingest.watch.process import WatchProcess
from ingest.watch.talk import STANDBY, WAITING, WATCHING, Heartbeat, heartbeat_line, read_heartbeat

WELL = Heartbeat(WATCHING, "", 0.1, 1, 3, 12, 0, {}, {}, {})


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


def test_acknowledgements_that_are_refused_are_counted_over_the_lives_of_the_process_from_nought_on() -> None:
    watch = process([100.0])
    registry = CollectorRegistry()
    registry.register(WatchMetrics(watch))

    def told(reason: str) -> float | None:
        return registry.get_sample_value("noroshi_watch_acks_refused_total", {"reason": reason})

    assert {reason: told(reason) for reason in AckRefusal} == dict.fromkeys(AckRefusal, 0.0)
    watch.hear(read_heartbeat(heartbeat_line(WELL._replace(refused={"rank": 2}))))
    assert told("rank") == 2
    watch.died()
    watch.hear(WELL._replace(refused={"rank": 1, "json": 1}))
    assert (told("rank"), told("json")) == (3, 1)


def test_what_did_not_arrive_is_a_gauge_of_who_watches() -> None:
    watch = process([100.0])
    watch.hear(read_heartbeat(heartbeat_line(WELL._replace(undelivered={"tea/overdue": 2}))))
    assert watch.gauges["watch_undelivered:tea/overdue"] == 2
    watch.hear(WELL)
    assert "watch_undelivered:tea/overdue" not in watch.gauges
