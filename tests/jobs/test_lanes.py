"""Jobs of one lane wait for each other, the lanes do not, and each lane is run by one process of the installation."""

from collections.abc import Sequence
from contextlib import ExitStack
from threading import Event, Thread
from typing import Any

import pytest
from psycopg import Connection

from ingest.figures.jobs import lane_states
from ingest.jobs.runner import JobRunner
from ingest.jobs.schedule import Job, Lane
from tests.fixtures.database import Database
from tests.jobs.board import counting, job, runner, states

WITHIN_S = 60.0
TAKE = "select pg_try_advisory_lock(%s)"


def held(database: Database) -> dict[str, bool | None]:
    return {state.lane: state.held for state in lane_states(database.connect())}


def in_thread(one: JobRunner) -> Thread:
    thread = Thread(target=one.run_due_jobs)
    thread.start()
    return thread


def test_lanes_run_beside_each_other_and_inside_a_lane_one_job_waits(any_database: Database) -> None:
    ran: list[str] = []
    long_began, long_may_end = Event(), Event()

    def takes_long(*_: object) -> str:
        long_began.set()
        assert long_may_end.wait(WITHIN_S)
        return "done"

    jobs: Sequence[Job] = (
        job("sums", takes_long),
        job("deletion", counting(ran, "deletion")),
        job("look", counting(ran, "look"), lane=Lane.SHORT),
    )
    with runner(any_database, *jobs) as long, runner(any_database, *jobs, lane=Lane.SHORT) as short:
        thread = in_thread(long)
        try:
            assert long_began.wait(WITHIN_S)
            short.run_due_jobs()
            assert ran == ["look"]
            seen = states(any_database)
            assert {name: state.state for name, state in seen.items()} == {
                "sums": "running", "deletion": "never", "look": "well",
            }  # fmt: skip
        finally:
            long_may_end.set()
            thread.join(WITHIN_S)
        assert ran == ["look", "deletion"]


def test_two_processes_never_run_one_lane_and_the_second_takes_over_when_the_first_dies(any_database: Database) -> None:
    ran: list[str] = []

    def first(connection: Connection[Any], _: Event) -> str:
        ran.append("first")
        return str(connection.info.backend_pid)

    with ExitStack() as stack:
        one = stack.enter_context(runner(any_database, job("job", first, every_s=0)))
        other = stack.enter_context(runner(any_database, job("job", counting(ran, "second"), every_s=0)))
        assert held(any_database) == {"short": False, "long": False, "reports": False}
        one.run_due_jobs()
        other.run_due_jobs()
        assert ran == ["first"]
        assert (len(one.status.jobs), len(other.status.jobs)) == (1, 0)
        assert held(any_database) == {"short": False, "long": True, "reports": False}
        (pid,) = any_database.connect().execute("select said from housekeeping_run").fetchone() or ("",)
        any_database.connect().execute("select pg_terminate_backend(%s, 5000)", (int(pid),))
        other.run_due_jobs()
        one.run_due_jobs()
        one.run_due_jobs()
        assert ran == ["first", "second"]
        assert (len(one.status.jobs), len(other.status.jobs)) == (0, 1), "who lost the lane tells nothing of it"
    assert held(any_database) == {"short": False, "long": False, "reports": False}


@pytest.mark.parametrize(("lane", "former"), [(Lane.LONG, 0x484F_5553), (Lane.SHORT, 0x4C4F_4F4B)])
def test_beside_a_version_without_lanes_only_one_of_both_keeps_house(
    any_database: Database, lane: Lane, former: int
) -> None:
    ran: list[str] = []
    older = any_database.connect()
    assert older.execute(TAKE, (former,)).fetchone() == (True,)
    assert held(any_database)[lane] is True
    with runner(any_database, job("job", counting(ran, "newer"), lane=lane), lane=lane) as newer:
        newer.run_due_jobs()
        assert ran == []
        older.close()
        newer.run_due_jobs()
        assert ran == ["newer"]
        assert any_database.connect().execute(TAKE, (former,)).fetchone() == (False,)


def test_a_lane_of_another_database_of_the_server_is_another_one(any_database: Database) -> None:
    elsewhere = any_database.postgres.connect("postgres", autocommit=True)
    try:
        assert elsewhere.execute(TAKE, (Lane.LONG.lock,)).fetchone() == (True,)
        assert held(any_database)["long"] is False
    finally:
        elsewhere.close()
