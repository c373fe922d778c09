"""What background jobs look at reaches /metrics, over several workers too, and is not told any more when it is old."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.figures.plan.measure import MeasuresDue
from ingest.figures.silence import Silence
from ingest.jobs.runner import JobRunner
from ingest.jobs.schedule import Lane
from ingest.service import lookout
from ingest.service.lookout import Lookout, measure_gauges, outlook_gauges, silence_gauges
from ingest.settings.model import DatabaseSettings
from ingest.store.status.status import Job
from tests.acceptance.fleet import document, register
from tests.figures.field import Field
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import ServiceProcess, StartService, eventually
from tests.store.test_status import NOW, WELL

HOURS = timedelta(hours=1)
GROWING = replace(WELL, bytes_per_day=10**9)


def sow(database: Database) -> None:
    """Two devices behind a gateway that is silent, and one that is silent by itself."""
    field = Field(database.connect())
    for code, gateway in (("a", "hill"), ("b", "hill"), ("c", None)):
        field.uplink(field.device(code, gateway=gateway), datetime.now(UTC) - 9 * HOURS)
    field.tally(NOW - 24 * HOURS, stored=3, readings_stored=3)


def looked(database: Database, disk: Path | None = None) -> Lookout:
    found = Lookout(disk)
    runner = JobRunner(DatabaseSettings(url=database.url), Lane.SHORT, found.jobs())
    runner.run_due_jobs()
    runner.close()
    return found


def test_one_look_finds_the_silent_and_the_days_of_disk_on_every_tier(database: Database, tmp_path: Path) -> None:
    sow(database)
    database.connect().execute("analyze")
    gauges = looked(database, tmp_path).gauges
    assert gauges["gateway_silent:tea/lora/hill"] == 1
    assert gauges["devices_silent:tea/lora"] == 3
    assert gauges["devices_silent_alone:tea/lora"] == 1
    assert gauges["devices_silent:tea/halow"] == 0
    assert gauges["disk_days_left:"] > 0
    assert gauges["database_policies_failing:"] == 0
    said = dict(database.connect().execute("select job, said from housekeeping_run").fetchall())
    assert said["silence"] == "1 gateways silent, and 1 devices besides"


def test_what_was_seen_long_ago_is_not_known_any_more(any_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    sow(any_database)
    monkeypatch.setattr(lookout, "HOLDS_TURNS", 0)
    assert looked(any_database).gauges == {}


def test_days_of_disk_are_told_only_where_room_and_growth_are_known() -> None:
    assert outlook_gauges(GROWING, 90 * 10**9)["disk_days_left:"] == 90
    assert "disk_days_left:" not in outlook_gauges(GROWING, None)
    assert "disk_days_left:" not in outlook_gauges(replace(GROWING, bytes_per_day=None), 90 * 10**9)


def test_policies_that_fail_or_are_late_are_counted_and_our_own_jobs_are_not() -> None:
    def job(name: str, table: str | None, *, failed: bool = False, late: bool = False) -> Job:
        return Job(name, table, timedelta(hours=1), NOW, failed, late)

    jobs = [job("columnstore", "a", failed=True), job("columnstore", "b", late=True), job("x", "c")]
    found = replace(WELL, jobs=[*jobs, job("rollups", None, failed=True)])
    assert outlook_gauges(found, None) == {"database_policies_failing:": 2}


def test_measures_that_are_due_are_told_by_project() -> None:
    assert measure_gauges([MeasuresDue("tea", 3, 1), MeasuresDue("rice", 0, 0)]) == {
        "plan_measures_due:tea": 3, "plan_measures_late:tea": 1, "plan_measures_due:rice": 0,
        "plan_measures_late:rice": 0,
    }  # fmt: skip


def test_nobody_silent_is_a_zero_and_not_an_absence() -> None:
    gauges = silence_gauges([Silence("tea", "lora", None, None, 0, 0), Silence("tea", "lora", "hill", False, 0, None)])
    assert set(gauges) == {"devices_silent:tea/lora", "devices_silent_alone:tea/lora", "gateway_silent:tea/lora/hill"}
    assert set(gauges.values()) == {0}


@pytest.mark.parametrize("workers", [1, 2])
def test_the_service_tells_who_is_silent(
    any_database: Database, mosquitto: Broker, tmp_path: Path, workers: int
) -> None:
    sow(any_database)
    service = ServiceProcess(tmp_path, any_database.url, mosquitto.url, {})
    service._command += ["--workers", str(workers)]
    try:
        service.start()
        eventually(lambda: '{task="outlook"}' in service.get("/metrics")[1], what="the first round of looks is over")
        text = service.get("/metrics")[1]
    finally:
        service.kill()
    assert re.findall(r"noroshi_gateway_silent\{(.*?)\} (\S+)", text) == [
        ('gateway="hill",network="lora",project="tea"', "1.0")
    ]
    assert 'noroshi_housekeeping_interval_seconds{task="silence"} 60.0' in text
    assert "noroshi_database_reachable 1.0" in text


def test_a_database_that_goes_away_is_noticed_though_there_is_nothing_to_write(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(1))
    service = start_service(any_database.url, mosquitto.url)
    assert service.metrics()["database_reachable"] == 1
    any_database.postgres.stop()
    try:
        eventually(lambda: service.metrics()["database_reachable"] == 0, what="the outage is told")
    finally:
        any_database.postgres.start()
    eventually(lambda: service.metrics()["database_reachable"] == 1, what="its end is told")
