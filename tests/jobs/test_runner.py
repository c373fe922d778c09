"""Background jobs run beside the service, and the table says what each did, what went wrong, and when it is due."""

from threading import Event
from typing import Any

import pytest
from psycopg import Connection
from structlog.testing import capture_logs

from ingest.errors import StoreUnavailable
from ingest.jobs.runner import lane_runners
from ingest.jobs.schedule import Lane, retry_after_s
from ingest.settings.model import DatabaseSettings
from schemas.bilingual import quoted
from tests.fixtures.database import Database
from tests.jobs.board import age, counting, job, runner, states


def runs(database: Database) -> dict[str, tuple[bool, bool, str]]:
    rows = database.connect().execute(
        "select job, succeeded_at is not null, failed_at is not null, said from housekeeping_run"
    )
    return {name: (succeeded, failed, said) for name, succeeded, failed, said in rows}


def test_a_job_that_fails_says_why_and_does_not_keep_the_others_from_running(any_database: Database) -> None:
    def fails(connection: Connection[Any], _: Event) -> str:
        connection.execute("select 1 / 0")
        return ""

    def gives_up(*_: object) -> str:
        raise StoreUnavailable(quoted("somebody is writing"))

    def is_defective(*_: object) -> str:
        return dict[str, str]()["nothing"]

    jobs = (job("bad", fails), job("busy", gives_up), job("defect", is_defective), job("good", lambda *_: "done"))
    with runner(any_database, *jobs) as one:
        one.run_due_jobs()
    assert runs(any_database) == {
        "bad": (False, True, "division by zero"),
        "busy": (False, True, "somebody is writing"),
        "defect": (False, True, "KeyError: 'nothing'"),
        "good": (True, False, "done"),
    }


def test_a_job_is_in_the_table_before_it_has_run_and_leaves_it_with_the_program_that_had_it(database: Database) -> None:
    def sees_itself(connection: Connection[Any], _: Event) -> str:
        (row,) = connection.execute("select state || ' ' || title_ja from figure_job where job = 'b'").fetchone() or (
            "",
        )
        return str(row)

    with runner(database, job("a", sees_itself), job("b", lambda *_: "")) as one:
        one.run_due_jobs()
    assert runs(database)["a"][2] == "never 処理 b"
    with runner(database, job("short", lambda *_: ""), lane=Lane.SHORT) as other:
        other.run_due_jobs()
    assert set(states(database)) == {"a", "b"}, "the other lane has no job, and takes none away"
    with runner(database, job("b", lambda *_: "")) as one:
        one.run_due_jobs()
    assert set(states(database)) == {"b"}


def test_what_became_due_while_nobody_was_there_runs_once_and_a_restart_repeats_nothing(any_database: Database) -> None:
    ran: list[str] = []
    daily = job("daily", counting(ran, "daily"), every_s=86_400)
    with runner(any_database, daily) as one:
        one.run_due_jobs()
        one.run_due_jobs()
    with runner(any_database, daily) as restarted:
        restarted.run_due_jobs()
    assert ran == ["daily"]
    age(any_database, "daily", 10 * 86_400)
    assert states(any_database)["daily"].state == "overdue"
    with runner(any_database, daily) as after_ten_days:
        after_ten_days.run_due_jobs()
        after_ten_days.run_due_jobs()
    assert ran == ["daily", "daily"]
    assert states(any_database)["daily"].state == "well"


def test_a_run_that_was_cut_off_is_made_up_within_a_minute(any_database: Database) -> None:
    ran: list[str] = []

    def dies(connection: Connection[Any], _: Event) -> str:
        connection.execute("select pg_terminate_backend(pg_backend_pid())")
        return ""

    with runner(any_database, job("daily", dies, every_s=86_400)) as one:
        one.run_due_jobs()
    assert states(any_database)["daily"].succeeded_at is None
    with runner(any_database, job("daily", counting(ran, "daily"), every_s=86_400)) as other:
        other.run_due_jobs()
        assert ran == [], "not at once: what ends the process must not do so without a pause"
        age(any_database, "daily", 61)
        other.run_due_jobs()
    assert ran == ["daily"]


def test_a_run_that_returns_early_because_the_service_ends_is_no_success(any_database: Database) -> None:
    def is_stopped(*_: object) -> str:
        one.stop()
        return "half of it"

    with runner(any_database, job("sums", is_stopped)) as one:
        one.run_due_jobs()
    assert states(any_database)["sums"].succeeded_at is None


def test_what_only_this_process_can_know_is_looked_for_when_it_takes_the_lane(any_database: Database) -> None:
    ran: list[str] = []
    for _ in range(2):
        with runner(any_database, job("eyes", counting(ran, "eyes"), every_s=600, in_memory=True)) as one:
            one.run_due_jobs()
            one.run_due_jobs()
    assert ran == ["eyes", "eyes"]


def test_a_failing_job_backs_off_is_told_once_and_recovers(any_database: Database) -> None:
    broken, ran = Event(), list[str]()
    broken.set()

    def run(connection: Connection[Any], _: Event) -> str:
        ran.append("tried")
        if broken.is_set():
            connection.execute("set statement_timeout = 1; select 1 / 0")
        return "done"

    def tried(seconds: float) -> int:
        """How often within one round, so much later."""
        before = len(ran)
        age(any_database, "job", seconds)
        one.run_due_jobs()
        return len(ran) - before

    with runner(any_database, job("job", run, every_s=86_400)) as one, capture_logs() as logs:
        one.run_due_jobs()
        since = states(any_database)["job"].failing_since
        assert since is not None
        assert [tried(0), tried(50), tried(11)] == [0, 0, 1], "after a minute"
        assert [tried(100), tried(21)] == [0, 1], "then after two"
        failing = states(any_database)["job"]
        assert (failing.state, failing.failures, failing.error) == ("failing", 3, "division by zero")
        assert failing.failing_since is not None
        assert 181 < (since - failing.failing_since).total_seconds() < 183, "the first failure, moved by our clock"
        broken.clear()
        assert tried(300) == 1
        well = states(any_database)["job"]
        assert (well.state, well.failures, well.error, well.failing_since) == ("well", 0, None, None)
        assert tried(300) == 0, "now it has its own interval again"
    told = [entry["event"] for entry in logs]
    assert told == ["housekeeping_failed", "housekeeping_recovered"]


def test_pauses_double_and_are_bounded() -> None:
    assert [retry_after_s(n, 30) for n in (1, 2, 3, 4, 5, 6, 1_000)] == [30, 60, 120, 240, 300, 300, 300]
    assert [retry_after_s(n, 86_400) for n in (1, 2, 7, 8, 1_000)] == [60, 120, 3_600, 3_600, 3_600]


def test_an_older_service_that_ran_a_job_meanwhile_is_believed(any_database: Database) -> None:
    """It knows the columns of migration 0005 only."""

    def fails(*_: object) -> str:
        raise StoreUnavailable(quoted("no"))

    with runner(any_database, job("rollups", fails)) as one:
        one.run_due_jobs()
    old = any_database.connect()
    old.execute("update housekeeping_run set started_at = now() where job = 'rollups'")
    old.execute("update housekeeping_run set succeeded_at = now(), seconds = 1, said = 'x' where job = 'rollups'")
    found = states(any_database)["rollups"]
    assert (found.state, found.failures, found.error, found.due) == ("well", 0, None, False)
    old.execute("update housekeeping_run set failed_at = now(), said = 'y' where job = 'rollups'")
    assert states(any_database)["rollups"].state == "failing"


def test_a_lost_connection_is_made_again(any_database: Database) -> None:
    def pid(connection: Connection[Any], _: Event) -> str:
        return str(connection.info.backend_pid)

    with runner(any_database, job("pid", pid, every_s=0)) as one:
        one.run_due_jobs()
        first = runs(any_database)["pid"][2]
        any_database.connect().execute("select pg_terminate_backend(%s, 5000)", (int(first),))
        one.run_due_jobs()
        one.run_due_jobs()
    assert runs(any_database)["pid"][2] != first


def test_two_jobs_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two jobs have one name"):
        lane_runners(
            DatabaseSettings(url="postgresql://nowhere/x"),
            (job("a", lambda *_: ""), job("a", lambda *_: "", lane=Lane.SHORT)),
        )
