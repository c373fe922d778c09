"""Housekeeping runs beside the service, once, and says what it did and what went wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from psycopg import Connection

from ingest.errors import StoreUnavailable
from ingest.jobs.runner import Housekeeper, Job
from ingest.settings.model import DatabaseSettings
from schemas.bilingual import quoted
from tests.acceptance.fleet import document, native, publish, register
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import RunNoroshi, StartService, eventually

Run = Callable[[Connection[Any], Event], str]


@contextmanager
def keeper(database: Database, *jobs: Job) -> Iterator[Housekeeper]:
    one = Housekeeper(DatabaseSettings(url=database.url), jobs)
    yield one
    one.close()


def runs(database: Database) -> dict[str, tuple[bool, bool, str]]:
    rows = database.connect().execute(
        "select job, succeeded_at is not null, failed_at is not null, said from housekeeping_run"
    )
    return {job: (succeeded, failed, said) for job, succeeded, failed, said in rows}


def test_a_job_that_fails_says_why_and_does_not_keep_the_others_from_running(any_database: Database) -> None:
    def fails(connection: Connection[Any], _: Event) -> str:
        connection.execute("select 1 / 0")
        return ""

    def gives_up(*_: object) -> str:
        raise StoreUnavailable(quoted("somebody is writing"))

    jobs = (Job("bad", 60, fails), Job("busy", 60, gives_up), Job("good", 60, lambda *_: "done"))
    with keeper(any_database, *jobs) as house:
        house.round()
    assert runs(any_database) == {
        "bad": (False, True, "division by zero"),
        "busy": (False, True, "somebody is writing"),
        "good": (True, False, "done"),
    }


def test_only_one_process_keeps_house(any_database: Database) -> None:
    ran: list[str] = []

    def job(name: str) -> Job:
        def run(*_: object) -> str:
            ran.append(name)
            return name

        return Job(name, 0, run)

    with keeper(any_database, job("first")) as one, keeper(any_database, job("second")) as other:
        one.round()
        other.round()
        assert ran == ["first"]
        one.close()
        other.round()
    assert ran == ["first", "second"]


def test_a_lost_connection_is_made_again(any_database: Database) -> None:
    def pid(connection: Connection[Any], _: Event) -> str:
        return str(connection.info.backend_pid)

    with keeper(any_database, Job("pid", 0, pid)) as house:
        house.round()
        first = runs(any_database)["pid"][2]
        any_database.connect().execute("select pg_terminate_backend(%s, 5000)", (int(first),))
        house.round()
        house.round()
    assert runs(any_database)["pid"][2] != first


def test_the_service_keeps_the_rollups_and_says_how_far_they_are(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(2))
    service = start_service(any_database.url, mosquitto.url)
    eventually(lambda: '{task="rollups"} 1' in service.get("/metrics")[1], what="the first run is told in /metrics")
    publish_late(any_database)
    assert service.metrics()["rollup_lag_seconds"] > 0
    assert runs(any_database)["rollups"][0]
    service.terminate()


def publish_late(database: Database) -> None:
    """Anything older than the hours that are closed is due."""
    with database.connect() as connection:
        (hours,) = connection.execute("select rollup_note('{1}', array[now() - interval '5 hours'])").fetchone() or (0,)
    assert hours == 1


async def test_a_late_message_is_noted_by_the_service_and_computed_by_hand(
    any_database: Database, mosquitto: Broker, start_service: StartService, run_noroshi: RunNoroshi
) -> None:
    register(any_database.url, document(1))
    with any_database.connect() as connection:
        connection.execute("update rollup_state set closing_until = now(), materialised_until = now()")
    service = start_service(any_database.url, mosquitto.url)
    eventually(lambda: "rollups" in runs(any_database), what="the first run of the housekeeping is over")
    await publish(mosquitto.url, [native(n, 1) for n in range(10)])  # measured long ago
    service.wait_settled(10)
    connection = any_database.connect()
    assert connection.execute("select count(*) > 0 from rollup_noted").fetchone() == (True,)
    assert connection.execute("select sum(count) > 0 from rollup_hourly").fetchone() == (True,)
    said = run_noroshi("db", "rollup", "--database", any_database.url).stdout
    assert "hours computed again" in said
    assert connection.execute("select count(*) from rollup_noted").fetchone() == (0,)
    assert connection.execute("select sum(count) > 0 from rollup_hour").fetchone() == (True,)


def test_everything_since_a_day_can_be_computed_again(any_database: Database, run_noroshi: RunNoroshi) -> None:
    database = ("--database", any_database.url)
    assert "0 hours noted" in run_noroshi("db", "rollup", "--from", "2026-04-01", *database).stdout
    refused = run_noroshi("db", "rollup", "--from", "April", *database, code=2)
    assert "write a day as 2026-04-01" in refused.stderr
    refused = run_noroshi("db", "rollup", "--from", "2026-04-01", "--device", "nobody", *database, code=2)
    assert "there is no such device" in refused.stderr
    refused = run_noroshi("db", "rollup", "--device", "nobody", *database, code=2)
    assert "give --from as well" in refused.stderr
