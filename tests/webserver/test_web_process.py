"""The process of the pages may die, hang or grow too large: the intake goes on, and its account stays exact."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from ingest.embedded.processes import is_free
from tests.acceptance.fleet import document, natives, publish, register
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import ServiceProcess, StartService, eventually, identity_holds
from tests.webserver.hostile import (
    FROM_SCRATCH,
    HALF_A_HEAD,
    closed_within,
    few_descriptors,
    half_heads,
    log_of,
    web_process,
)

MESSAGES = 2_000

GREEDY = """
import sys, threading, time
from pathlib import Path

def eat():
    while not Path({wish!r}).exists():
        time.sleep(0.05)
    Path({wish!r}).unlink()
    held = []
    try:
        while True:
            held.append(bytearray(b"x") * 2**20 * 16)
            time.sleep(0.02)
    except MemoryError:  # its own limit: what it holds it keeps until somebody looks
        time.sleep(600)

if "ingest.webserver" in " ".join(sys.orig_argv):
    threading.Thread(target=eat, daemon=True).start()
"""


@pytest.fixture
def field(any_database: Database) -> Database:
    register(any_database.url, document(20))
    return any_database


def stored_while(service: ServiceProcess, broker: Broker, count: int = MESSAGES) -> dict[str, float]:
    """Publish, wait until everything is settled, and find the account exact."""
    before = service.settled()
    asyncio.run(publish(broker.url, natives(count)))
    metrics = service.wait_settled(before + count)
    assert identity_holds(metrics)
    return metrics


def test_idle_connections_stop_neither_the_intake_nor_the_pages(
    field: Database, mosquitto: Broker, start_service: StartService
) -> None:
    """A thousand half heads where a process may have 1,024 descriptors; meanwhile the database goes away and comes."""
    with few_descriptors():
        service = start_service(field.url, mosquitto.url, **FROM_SCRATCH, NOROSHI_WEB__REQUEST_TIMEOUT_S="60")
    with half_heads(service.port):
        field.connect().execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid()"
        )
        assert stored_while(service, mosquitto)["messages_stored"] == MESSAGES
        assert service.get("/")[0] == service.get("/livez")[0] == service.get("/readyz")[0] == 200
        assert web_process(service).num_fds() < 400
    assert Path(service.process.log).stat().st_size < 50_000
    assert service.terminate()["in_flight"] == 0


def test_without_any_descriptor_left_what_comes_is_closed_and_the_rest_goes_on(
    field: Database, mosquitto: Broker, start_service: StartService
) -> None:
    """The settings ask for more connections than there are descriptors, which then are taken away as well."""
    with few_descriptors(200):
        service = start_service(field.url, mosquitto.url, **FROM_SCRATCH, NOROSHI_WEB__REQUEST_TIMEOUT_S="3")
    web = web_process(service)
    web.rlimit(psutil.RLIMIT_NOFILE, (web.num_fds() + 5, 20_000))
    with half_heads(service.port, 40):
        eventually(lambda: "Too many open files" in log_of(service))
        assert web.is_running()
    eventually(lambda: service.get("/livez")[0] == 200)
    assert log_of(service).count("connection_refused") < 5


def test_a_request_that_is_drawn_out_is_ended(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    """Its head, its body, and the silence after an answer: a byte now and then buys no more time."""
    service = start_service(any_database.url, mosquitto.url, NOROSHI_WEB__REQUEST_TIMEOUT_S="1.5")
    body = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
    again = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET /li"
    with ExitStack() as stack:
        for start in (HALF_A_HEAD, b"", body, again):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", service.port)))
            client.sendall(start)
            drips = threading.Thread(target=_drip, args=(client,))
            drips.start()
            assert closed_within(client, 20) < 15
            client.close()
            drips.join()


def _drip(client: socket.socket) -> None:
    try:
        for _ in range(200):
            client.sendall(b"x")
            time.sleep(0.2)
    except OSError:
        pass


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_killed_web_process_is_back_within_seconds_and_the_account_is_exact(
    workers: str, field: Database, mosquitto: Broker, start_service: StartService, monkeypatch: pytest.MonkeyPatch
) -> None:
    if workers != "1":
        monkeypatch.setattr(ServiceProcess, "start", _with_workers(workers))
    service = start_service(field.url, mosquitto.url)
    publishing = threading.Thread(target=lambda: asyncio.run(publish(mosquitto.url, natives(3 * MESSAGES))))
    publishing.start()
    for _ in range(2):
        killed = web_process(service)
        killed.kill()
        eventually(lambda: service.get("/livez")[0] == 200, within_s=30)
        assert identity_holds(service.metrics())
    publishing.join()
    metrics = service.wait_settled(3 * MESSAGES)
    assert metrics["messages_stored"] == 3 * MESSAGES
    # On a busy machine the fresh lane opens, and the broker hands over again what it had held.
    assert metrics["messages_received"] == 3 * MESSAGES + metrics["messages_duplicate"]
    assert identity_holds(metrics)
    assert metrics["web_restarts"] == 2
    assert log_of(service).count("web_process_ended") == 2
    assert service.terminate()["stored"] == 3 * MESSAGES


def _with_workers(workers: str) -> Callable[..., ServiceProcess]:
    plain = ServiceProcess.start

    def start(self: ServiceProcess, *, ready: bool = True) -> ServiceProcess:
        self._command += ["--workers", workers]
        return plain(self, ready=ready)

    return start


def test_a_web_process_that_eats_memory_is_ended_and_comes_again(
    field: Database, mosquitto: Broker, start_service: StartService, tmp_path: Path
) -> None:
    wish = tmp_path / "eat"
    (tmp_path / "sitecustomize.py").write_text(GREEDY.format(wish=str(wish)), encoding="utf-8")
    paths = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    service = start_service(field.url, mosquitto.url, PYTHONPATH=paths, NOROSHI_WEB__MEMORY_MIB="192")
    greedy = web_process(service)
    wish.touch()
    stored_while(service, mosquitto)
    eventually(lambda: not greedy.is_running(), within_s=30)
    eventually(lambda: service.get("/livez")[0] == 200, within_s=30)
    assert "web.memory_mib is 192" in log_of(service)
    assert service.metrics()["web_restarts"] == 1


def test_a_web_process_that_hangs_is_ended_and_comes_again(
    field: Database, mosquitto: Broker, start_service: StartService
) -> None:
    service = start_service(field.url, mosquitto.url)
    hanging = web_process(service)
    hanging.suspend()
    asyncio.run(publish(mosquitto.url, natives(100)))
    eventually(lambda: service.get("/livez")[0] == 200, within_s=90)
    assert not hanging.is_running()
    assert service.wait_settled(100)["messages_stored"] == 100


def test_an_intake_that_hangs_is_told_of_and_not_guessed(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    service = start_service(any_database.url, mosquitto.url)
    os.kill(service.process.pid, signal.SIGSTOP)
    try:
        assert service.get("/livez") == (503, "the intake does not answer\n")
        assert service.get("/readyz")[0] == service.get("/metrics")[0] == service.get("/api/v1/identity")[0] == 503
        status, page = service.get("/")
        assert (status, "―" in page, "受信の処理が応答しません" in page) == (200, True, True)
    finally:
        os.kill(service.process.pid, signal.SIGCONT)
    eventually(lambda: service.get("/readyz")[0] == 200)


def test_when_the_intake_is_killed_no_process_is_left_and_the_port_is_free(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    service = start_service(any_database.url, mosquitto.url)
    web = web_process(service)
    web.suspend()  # it cannot even see that its input has ended
    os.kill(service.process.pid, signal.SIGKILL)
    eventually(lambda: not web.is_running() or web.status() == psutil.STATUS_ZOMBIE, within_s=10)
    eventually(lambda: is_free(service.port), within_s=5)


def test_the_service_itself_loads_no_web_framework() -> None:
    """It would cost memory and time at the start, where nobody uses it."""
    look = (
        "import sys, ingest.service.service, ingest.service.workers.supervisor as _; sys.exit('fastapi' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
