"""What is wrong with the service: since when, what blocks, and what the gauges say of it."""

from collections.abc import Mapping

import pytest

from ingest.account import Balance
from ingest.errors import StoreUnavailable
from ingest.settings.model import DatabaseSettings
from ingest.store.database import connect
from ingest.telemetry.health import Concern, Found, Health, Trouble, found_in, health_gauges, reasons, waiting
from ingest.telemetry.metrics import GAUGES, early_text
from ingest.webserver.talk import Answer, answer_line, read_answer
from tests.fixtures.ports import free_port

NOW_S = 1_795_900_000.0
RUNNING_S = 100_000.0
BROKER = Found(Concern.BROKER, "not connected")
DISK = Found(Concern.DISK, "12 days")


def concerns(**gauges: float) -> list[Concern]:
    return [one.concern for one in found_in(dict.fromkeys(GAUGES, 0.0) | gauges, NOW_S, RUNNING_S)]


def test_a_trouble_keeps_its_beginning_while_its_words_change_and_begins_anew_after_its_end() -> None:
    health = Health()
    assert health.note([BROKER], 10.0) == [Trouble(Concern.BROKER, "not connected", 10.0)]
    assert health.note([Found(Concern.BROKER, "refused")], 15.0) == [Trouble(Concern.BROKER, "refused", 10.0)]
    assert health.note([], 20.0) == []
    assert health.note([BROKER], 25.0)[0].since_s == 25.0


def test_what_blocks_comes_first_and_makes_the_service_not_ready() -> None:
    troubles = Health().note([DISK, BROKER], 10.0)
    assert [trouble.concern for trouble in troubles] == [Concern.BROKER, Concern.DISK]
    assert reasons(troubles) == ["not connected"]
    assert health_gauges(troubles) == {
        "ready": 0.0,
        "trouble_since_timestamp_seconds:broker": 10.0,
        "trouble_since_timestamp_seconds:disk": 10.0,
    }
    assert reasons(Health().note([DISK], 10.0)) == []
    assert health_gauges([]) == {"ready": 1.0}


def test_each_worker_has_troubles_of_its_own_and_the_first_beginning_is_told() -> None:
    health = Health()
    health.note([Found(Concern.WORKER, "gone", "worker 2")], 10.0)
    troubles = health.note([Found(Concern.WORKER, "gone", f"worker {number}") for number in (1, 2)], 20.0)
    assert sorted(reasons(troubles)) == ["worker 1: gone", "worker 2: gone"]
    assert health_gauges(troubles)["trouble_since_timestamp_seconds:worker"] == 10.0


@pytest.mark.parametrize(
    ("gauges", "expected"),
    [
        ({}, []),
        ({"store_available": 1, "oldest_unacknowledged_seconds": 61}, [Concern.LAG]),
        ({"store_available": 0, "oldest_unacknowledged_seconds": 61}, []),
        ({"durable_lag_seconds": 601}, [Concern.QUEUE]),
        ({"database_clock_apart_seconds": 1.5}, [Concern.CLOCK]),
        ({"disk_days_left:": 89}, [Concern.DISK]),
        ({"disk_days_left:": 90, "disk_free_bytes:": 2**31}, []),
        ({"disk_days_left:": 400, "disk_free_bytes:": 2**29}, [Concern.DISK]),
        ({"disk_days_left:": 400, "disk_free_bytes:": 2**24}, [Concern.DISK_FULL]),
        ({"database_policies_failing:": 1}, [Concern.POLICIES]),
        ({"flooding_messages:noroshi/v1/tea/a/up": 3}, [Concern.FLOOD]),
        ({"flooding_messages:noroshi/v1/tea/a/up": 0}, []),
    ],
)
def test_the_gauges_say_what_is_wrong(gauges: Mapping[str, float], expected: list[Concern]) -> None:
    assert concerns(**gauges) == expected


def test_a_task_is_late_after_three_turns_and_a_quarter_of_an_hour_but_not_just_after_a_start() -> None:
    def house(succeeded_s: float) -> dict[str, float]:
        name = "housekeeping_last_success_timestamp_seconds:rollups"
        return dict.fromkeys(GAUGES, 0.0) | {name: succeeded_s, "housekeeping_interval_seconds:rollups": 30.0}

    assert list(found_in(house(NOW_S - 900), NOW_S, RUNNING_S)) == []
    (late,) = found_in(house(NOW_S - 991), NOW_S, RUNNING_S)
    assert (late.concern, late.detail) == (Concern.HOUSEKEEPING, "late: rollups")
    assert [one.concern for one in found_in(house(0.0), NOW_S, RUNNING_S)] == [Concern.HOUSEKEEPING]
    assert list(found_in(house(0.0), NOW_S, 60.0)) == []


def test_a_task_that_fails_is_told_at_once_and_together_with_those_that_are_late() -> None:
    gauges = dict.fromkeys(GAUGES, 0.0) | {
        "housekeeping_failing:retention": 1.0, "housekeeping_failing:frames": 0.0,
        "housekeeping_interval_seconds:rollups": 30.0, "housekeeping_last_success_timestamp_seconds:rollups": 0.0,
    }  # fmt: skip
    (found,) = found_in(gauges, NOW_S, 60.0)
    assert (found.concern, found.detail, found.concern.blocks) == (Concern.HOUSEKEEPING, "failing: retention", False)
    (found,) = found_in(gauges, NOW_S, RUNNING_S)
    assert found.detail == "late: rollups; failing: retention"


def test_a_database_that_is_away_at_the_start_is_told_apart_from_one_that_is_not_ready_for_us() -> None:
    with pytest.raises(StoreUnavailable) as away:
        connect(DatabaseSettings(url=f"postgresql://nobody@127.0.0.1:{free_port()}/none"))
    assert waiting(str(away.value)).concern is Concern.DATABASE
    lacking = waiting("database.url: postgresql://a/b lacks 2 migration(s): run `noroshi db upgrade`")
    assert (lacking.concern, waiting("").concern) == (Concern.STARTING, Concern.STARTING)


def test_before_the_database_has_answered_the_metrics_say_that_the_service_is_not_ready() -> None:
    text = early_text(health_gauges([Trouble(Concern.DATABASE, "no connection", 10.0)])).decode()
    assert "noroshi_ready 0.0" in text
    assert 'noroshi_trouble_since_timestamp_seconds{trouble="database"} 10.0' in text


def test_troubles_travel_to_the_process_of_the_pages() -> None:
    told = Answer(3, Balance(5, 4, 0, 0, 1), [Trouble(Concern.BROKER, "not connected", 10.5)], "text")
    read = read_answer(answer_line(told))
    assert read == told
    assert read.troubles[0].concern.blocks
