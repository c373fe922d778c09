"""The fixtures do what they say, on every installation of PostgreSQL that this machine has."""

import gc
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import psycopg
import pytest

from ingest.store import timescale
from ingest.store.schema import migrate
from ingest.store.timescale import Tier
from tests.fixtures.database import Database, OwnPostgres, fresh_database
from tests.fixtures.need import need
from tests.fixtures.ports import PORTS, free_port
from tests.fixtures.postgres import Postgres
from tests.fixtures.prometheus import Prometheus, Promtool, StartPrometheus
from tests.fixtures.proxy import Proxy

REPOSITORY = Path(__file__).parent.parent


def test_the_tier_a_server_is_named_by_is_the_tier_it_has(database: Database) -> None:
    server = timescale.ask(database.connect())
    assert server.tier is database.tier
    assert server.timescaledb == database.postgres.installation.timescaledb
    assert server.postgresql.split()[0] in database.postgres.installation.version


def test_a_fresh_database_has_every_migration(database: Database) -> None:
    assert migrate.pending(database.connect()) == []


def test_what_one_database_holds_the_next_one_does_not(database: Database, postgres: Postgres) -> None:
    database.connect().execute("create table mine (id integer)")
    other = fresh_database(postgres)
    assert other.connect().execute("select to_regclass('mine')").fetchone() == (None,)
    other.drop()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        postgres.connect(other.name)


def test_a_stopped_server_comes_back_at_the_same_address_with_its_data(database: Database) -> None:
    database.connect().execute("create table kept as select 7 as value")
    database.postgres.stop()
    with pytest.raises(psycopg.OperationalError):
        database.connect()
    database.postgres.start()
    assert database.connect().execute("select value from kept").fetchone() == (7,)


def test_a_database_can_be_dropped_although_the_test_left_its_server_stopped(postgres: Postgres) -> None:
    database = fresh_database(postgres)
    postgres.stop()
    database.drop()
    assert postgres.running


def test_hypertables_exist_where_the_tier_has_them(database: Database) -> None:
    if database.tier is Tier.PLAIN:
        return
    (count,) = database.connect().execute("select count(*) from timescaledb_information.hypertables").fetchone() or (0,)
    assert count >= len(timescale.HYPERTABLES)


def test_a_killed_server_of_ones_own_has_what_was_committed(postgres: Postgres, own_postgres: OwnPostgres) -> None:
    server = own_postgres(postgres.name)
    database = fresh_database(server)
    connection = database.connect()
    connection.execute("create table kept (value integer)")
    connection.execute("insert into kept values (7)")
    family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    server.kill()
    assert [process for process in family if _alive(process)] == []
    server.start()
    assert database.connect().execute("select value from kept").fetchone() == (7,)
    database.close()


def test_a_server_of_ones_own_is_durable_unless_asked_otherwise(own_postgres: OwnPostgres) -> None:
    with own_postgres(settings={"work_mem": "3MB"}).connect() as connection:
        assert connection.execute("show fsync").fetchone() == ("on",)
        assert connection.execute("show work_mem").fetchone() == ("3MB",)
    with own_postgres(fsync=False).connect() as connection:
        assert connection.execute("show fsync").fetchone() == ("off",)


def test_new_databases_are_different_ones(any_database: Database, new_database: Callable[[], Database]) -> None:
    names = {any_database.name, new_database().name, new_database().name}
    assert len(names) == 3


def test_a_server_that_cannot_start_says_why(own_postgres: OwnPostgres) -> None:
    with pytest.raises(RuntimeError, match="no_such_setting"):
        own_postgres(settings={"no_such_setting": "1"})


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_server_outlives_a_test_run_that_is_ended(how: signal.Signals) -> None:
    script = """
        import signal, sys, time
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
        from tests.fixtures.installations import find
        from tests.fixtures.postgres import Postgres
        server = Postgres(find()["plain"])
        print(server.pid, server._directory, flush=True)
        time.sleep(60)
    """
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert run.stdout is not None
    pid, directory = run.stdout.readline().split()
    server = psutil.Process(int(pid))
    run.send_signal(how)
    run.wait(10)
    run.stdout.close()
    _wait_until(lambda: not _alive(server))
    _wait_until(lambda: not Path(directory).exists())


def test_a_free_port_is_none_that_the_kernel_lends_to_clients() -> None:
    first, _ = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()
    assert PORTS.start <= free_port() < PORTS.stop <= int(first)


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("false", pytest.skip.Exception)])
def test_what_is_missing_is_skipped_by_a_person_and_fails_in_ci(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="a lighthouse is not on this machine; it comes with lighthouse-utils"):
        need("a lighthouse", "lighthouse-utils")


@pytest.fixture
def target() -> Iterator[str]:
    """An HTTP server that counts how often it was scraped."""

    class Metrics(BaseHTTPRequestHandler):
        scrapes = 0

        def do_GET(self) -> None:
            Metrics.scrapes += 1
            body = f"# TYPE scrapes counter\nscrapes {Metrics.scrapes}\n".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base class's
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Metrics) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_prometheus_scrapes_the_target_and_evaluates_the_rules(
    target: str, prometheus: StartPrometheus, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text(
        "groups: [{name: test, rules: [{alert: Scraped, expr: scrapes > 1}]}]",
        encoding="utf-8",
    )
    server: Prometheus = prometheus([target], rules=[rules])
    server.wait_for("scrapes > 1")
    assert server.value("up") == 1
    assert server.value("nothing_of_this_name") is None
    assert server.wait_for('ALERTS{alertstate="firing"}')[0]["metric"]["alertname"] == "Scraped"


def test_promtool_tells_good_rules_from_bad(promtool: Promtool, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yml", tmp_path / "bad.yml"
    good.write_text("groups: [{name: test, rules: [{alert: A, expr: up == 0}]}]", encoding="utf-8")
    bad.write_text("groups: [{name: test, rules: [{alert: A, expr: up ==}]}]", encoding="utf-8")
    assert promtool("check", "rules", good).returncode == 0
    assert promtool("check", "rules", bad).returncode != 0


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait_until(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_connection_that_a_proxy_cuts_before_it_began_is_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Proxy(server.getsockname()[1]) as proxy:
        for _ in range(30):
            with socket.create_connection(("127.0.0.1", proxy.port)):
                proxy.cut()
            proxy.heal()
    gc.collect()  # a socket that nobody closed is told now, and fails this test
