"""Files that take long: at the pace of whoever takes them, stopped when nobody does, and only so many at a time."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from ingest.access.organisations import add_organisation
from ingest.access.people import add_person
from ingest.access.places import Grant, Place
from ingest.access.roles import Role, Scope
from ingest.access.tokens import TokenWanted, add_token
from ingest.settings.model import DatabaseSettings
from ingest.store.database import open_pool
from ingest.web.api.answers import stream
from ingest.web.api.answers.slots import PER_CLIENT, Slots
from ingest.web.dependencies import WebDependencies
from tests.figures.field import Field
from tests.fixtures.database import Database
from tests.fixtures.ports import free_port
from tests.fixtures.service import eventually
from tests.web.api.asking import problem
from tests.web.site import running, wired
from tests.web.townhall import COMMAND, accounts

ROWS = 250_000
MANY = {"format": "csv", "from": "2026-11-01", "to": "2026-12-01"}

States = Callable[[], list[str]]


@pytest.fixture
def long(any_database: Database) -> Database:
    """One device; what counts of it is a view that the test may make slow."""
    with any_database.connect(autocommit=False) as connection:
        Field(connection).device("tea-1")
    counted(any_database, "")
    return any_database


def counted(database: Database, condition: str) -> None:
    """Make what counts of the device ROWS readings, one a second, each with this condition."""
    connection = database.connect()
    for schema in ("public", "wall_pages"):
        connection.execute(f"drop view if exists {schema}.reading_counted cascade")
        connection.execute(
            f"create view {schema}.reading_counted as"
            " select timestamptz '2026-11-01 00:00+09' + n * interval '1 second' as time,"
            " n::double precision as value, device_id, 20::smallint as quantity_id, 0::smallint as channel,"
            f" null::smallint as quality from device, generate_series(0, {ROWS - 1}) n {condition}".encode()
        )
    connection.execute("grant select on wall_pages.reading_counted to noroshi_pages")


@pytest.fixture
def deps(long: Database) -> Iterator[WebDependencies]:
    with wired(long.url) as deps:
        yield deps


@pytest.fixture
def site(deps: WebDependencies) -> Iterator[str]:
    with running(deps, free_port()) as address:
        yield f"{address}/api/v1"


@pytest.fixture
def states(long: Database) -> States:
    """What the connections of streams are doing."""
    watcher = long.connect()
    query = (
        "select state from pg_stat_activity where datname = %s and state <> 'idle' and application_name = 'noroshi web'"
    )
    return lambda: [state for (state,) in watcher.execute(query, (long.name,))]


def reader(site: str, token: str = "") -> socket.socket:
    """A client that has asked, and takes only what it is told to."""
    address = urlsplit(site)
    assert address.hostname
    opened = socket.create_connection((address.hostname, address.port or 80))
    query = "&".join(f"{name}={value}" for name, value in MANY.items())
    who = f"Authorization: Bearer {token}\r\n" if token else ""
    head = f"GET /api/v1/readings?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n{who}Connection: close\r\n\r\n"
    opened.sendall(head.encode())
    return opened


def taken(opened: socket.socket) -> int:
    """Bytes until the other end closes."""
    return sum(iter(lambda: len(opened.recv(1 << 20)), 0))


def test_a_file_is_complete(site: str) -> None:
    answer = httpx.get(f"{site}/readings", params=MANY, timeout=60)
    assert answer.content.count(b"\n") == ROWS + 1


def test_a_client_that_goes_away_stops_the_query(long: Database, site: str, states: States) -> None:
    counted(long, "where pg_sleep(0.01) is not null")
    with closing(reader(site)):
        eventually(lambda: states() == ["active"])
    eventually(lambda: states() == [], within_s=30)


async def test_a_cancellation_that_comes_between_two_statements_is_made_again(long: Database) -> None:
    """The client goes while the answer is being prepared, and no statement is there to be stopped."""
    between = Event()

    def produce(connection: Any) -> Iterator[bytes]:
        between.set()
        time.sleep(2 * stream.CANCEL_EVERY_S)
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("select pg_sleep(60)")
        yield b"too late"

    async def receive() -> dict[str, str]:
        await asyncio.to_thread(between.wait)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pytest.fail(f"sent {message}")

    answer = stream.StreamResponse(produce, long.connect, Slots(1), media_type="text/csv", headers={})
    async with asyncio.timeout(20):
        await answer({"type": "http"}, receive, send)


def stays_idle(states: States) -> bool:
    """Whether one stream waits in its transaction, and goes on waiting for half a second."""
    for _ in range(6):
        if states() != ["idle in transaction"]:
            return False
        time.sleep(0.1)
    return True


def test_the_database_waits_for_a_client_that_is_slow(site: str, states: States) -> None:
    with closing(reader(site)) as slow:
        # Before the file begins smaller questions come and go, and buffers on the way fill up: then it stays so.
        eventually(lambda: stays_idle(states), within_s=30)
        assert taken(slow) > ROWS * 90
    eventually(lambda: not states())


def test_a_client_that_takes_nothing_any_more_is_left(
    site: str, states: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "STALL_S", 2)
    with closing(reader(site)) as stuck:
        eventually(lambda: states() == ["idle in transaction"])  # before the file begins, smaller questions come and go
        eventually(lambda: states() == [], within_s=30)
        assert taken(stuck) < ROWS * 90


def test_slow_readers_of_one_address_leave_room_for_others(site: str, states: States) -> None:
    """And who comes to a queue that is full is told how long to wait."""
    with ExitStack() as stack:
        for _ in range(PER_CLIENT):
            stack.enter_context(closing(reader(site)))
        eventually(lambda: len(states()) == PER_CLIENT)
        with httpx.Client(base_url=site, timeout=60) as same:
            answer = same.get("/readings", params=MANY)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
            assert answer.json()["type"] == "urn:noroshi:problem:busy"
            assert answer.json()["detail"] == "Too many streams; try again in 10 s."
            assert same.get("/readings", params=MANY | {"format": "json"}).status_code == 200
        elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
        with httpx.Client(base_url=site, timeout=60, transport=elsewhere) as other:
            assert other.get("/readings", params=MANY).status_code == 200
    eventually(lambda: not states())


def test_a_stream_waits_a_little_for_a_place(site: str, states: States) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(closing(reader(site))) for _ in range(PER_CLIENT)]
        eventually(lambda: len(states()) == PER_CLIENT)
        waiting = stack.enter_context(closing(reader(site)))
        slow[0].close()
        assert taken(waiting) > ROWS * 90


def test_a_question_that_takes_the_database_too_long_is_told_to_be_smaller(
    long: Database, deps: WebDependencies
) -> None:
    counted(long, "where pg_sleep(0.01) is not null")
    settings = DatabaseSettings(url=long.url)
    with closing(open_pool(settings, max_size=2, statement_timeout_s=1)) as pool:
        hurried = replace(deps, connect=pool.connection, connect_stream=pool.connection)
        with running(hurried, free_port()) as address, httpx.Client(base_url=f"{address}/api/v1", timeout=60) as api:
            for form in ("json", "csv"):
                status, kind, said = problem(api, "/readings", **MANY | {"format": form})
                assert (status, kind) == (504, "too-slow")
                assert "shorter period" in said


def test_a_file_that_breaks_off_does_not_look_complete(long: Database, site: str) -> None:
    with httpx.stream("GET", f"{site}/readings", params=MANY, timeout=60) as answer:
        assert answer.status_code == 200
        long.connect().execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()",
            (long.name,),
        )
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            answer.read()


def test_a_file_ends_within_seconds_when_its_reader_may_not_have_the_rest(
    long: Database, deps: WebDependencies, states: States
) -> None:
    """A token that is revoked, and a role that is taken away. The reader is slow, so that the file waits for it."""
    for take_away in ("update api_token set revoked_at = now()", "delete from membership where role = 'viewer'"):
        with accounts(long) as access, running(replace(deps, access=access), free_port()) as site:
            connection = long.connect()
            with closing(reader(f"{site}/api/v1", a_token(connection))) as slow:
                assert slow.recv(1)
                eventually(lambda: stays_idle(states), within_s=30)
                began_s = time.monotonic()
                connection.execute(take_away.encode())
                eventually(lambda: states() == [], within_s=30)
                assert time.monotonic() - began_s < stream.STALL_S / 2, "not because it takes nothing"
                assert taken(slow) < ROWS * 60


def a_token(connection: Any) -> str:
    """The token of somebody with a role in a city, which owns the project from now on."""
    code = f"city-{time.monotonic_ns()}"
    place = Place(organisation_id=add_organisation(connection, COMMAND, code, "市"))
    connection.execute("update project set organisation_code = %s", (code,))
    person = add_person(connection, COMMAND, code, "人", "", [Grant(Role.VIEWER, place)])
    wanted = TokenWanted("t", frozenset({Scope.READINGS}), datetime.now(UTC) + timedelta(days=1))
    return add_token(connection, COMMAND, person, wanted, datetime.now(UTC))[1]
