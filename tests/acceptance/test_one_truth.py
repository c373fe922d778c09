"""Pages, /readyz and /metrics say the same of the service within ten seconds, whoever is stopped or hangs."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.acceptance.fleet import document, register
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.ports import free_port
from tests.fixtures.proxy import ProxyTo
from tests.fixtures.service import ServiceProcess, StartService, eventually

WITHIN_S = 10.0 + 5.0
"""What is promised, and what a machine that is busy with other tests may add to it."""
WELL, BLIND = "受信と保存は正常です", "取込みが止まっています"


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """The process and its children hang for the length of the block."""
    parent = psutil.Process(pid)
    family = [parent, *parent.children(recursive=True)]
    for one in family:
        one.suspend()
    try:
        yield
    finally:
        for one in family:
            one.resume()


def says(service: ServiceProcess, gauge: str, sentence: str) -> bool:
    """Whether all of them say that something is wrong, and the page says what."""
    status, text = service.get("/readyz")
    told = json.loads(text or "{}")
    metrics = service.metrics()
    page = service.get("/")[1]
    return (
        status == 503
        and bool(told["reasons"])
        and told["since"] is not None
        and metrics.get("ready") == metrics.get(gauge) == 0
        and sentence in page
        and WELL not in page
    )


def all_well(service: ServiceProcess) -> bool:
    """Of a warning, that the disk of this machine is short for instance, nothing is said here."""
    status, page = service.get("/")
    return service.is_ready() and service.metrics()["ready"] == 1 and status == 200 and BLIND not in page


@pytest.fixture
def service(any_database: Database, mosquitto: Broker, start_service: StartService) -> ServiceProcess:
    register(any_database.url, document(1))
    running = start_service(any_database.url, mosquitto.url, NOROSHI_REGISTRY__POLL_S="60")
    assert all_well(running)
    return running


def test_a_broker_that_hangs_or_ends_is_told_everywhere(service: ServiceProcess, mosquitto: Broker) -> None:
    with frozen(mosquitto.pid):
        eventually(
            lambda: says(service, "broker_connected", "ブローカーにつながりません"), WITHIN_S, "the silence is told"
        )
    eventually(lambda: all_well(service), what="its end is told")
    mosquitto.stop()
    eventually(lambda: says(service, "broker_connected", "ブローカーにつながりません"), WITHIN_S, "its end is told")


def test_a_database_that_hangs_or_ends_is_told_everywhere_though_nothing_arrives(
    any_database: Database, mosquitto: Broker, start_service: StartService, proxy_to: ProxyTo
) -> None:
    """The registry is asked once a minute here, and no message comes."""
    register(any_database.url, document(1))
    port = any_database.postgres.port
    proxy = proxy_to(port)
    url = any_database.url.replace(f":{port}/", f":{proxy.port}/")
    service = start_service(url, mosquitto.url, NOROSHI_REGISTRY__POLL_S="60")
    eventually(lambda: all_well(service))
    sentence = "データベースが応答しません"
    proxy.freeze()
    eventually(lambda: says(service, "database_reachable", sentence), WITHIN_S, "the silence is told")
    proxy.heal()
    eventually(lambda: all_well(service), what="its end is told")
    proxy.cut()
    eventually(lambda: says(service, "database_reachable", sentence), WITHIN_S, "the loss is told")
    proxy.heal()
    eventually(lambda: all_well(service), what="its end is told")


def test_a_database_that_only_reads_is_told_though_nothing_arrives(
    any_database: Database, service: ServiceProcess
) -> None:
    with any_database.connect() as connection:
        name = connection.info.dbname
        connection.execute(f'alter database "{name}" set default_transaction_read_only = on'.encode())
        eventually(lambda: says(service, "store_available", "データベースに書き込めません"), WITHIN_S, "it is told")
    assert "read-only" in service.get("/readyz")[1]
    assert service.metrics()["database_reachable"] == 1


def test_before_the_database_was_there_once_the_metrics_say_that_the_service_is_not_ready(
    mosquitto: Broker, start_service: StartService
) -> None:
    service = start_service(f"postgresql://nobody@127.0.0.1:{free_port()}/none", mosquitto.url, ready=False)
    eventually(lambda: service.metrics().get("ready") == 0)
    eventually(lambda: 'trouble="database"' in service.get("/metrics")[1])
    assert "データベースが応答しません" in service.get("/")[1]


@pytest.mark.parametrize("workers", [2])
def test_a_worker_that_hangs_is_told_everywhere(
    any_database: Database, mosquitto: Broker, tmp_path: Path, workers: int
) -> None:
    register(any_database.url, document(1))
    service = ServiceProcess(tmp_path, any_database.url, mosquitto.url, {})
    service._command += ["--workers", str(workers)]
    try:
        service.start()
        eventually(lambda: all_well(service))
        with frozen(service.children("ingest.service.workers")[1].pid):
            eventually(lambda: says(service, "broker_connected", "ワーカー"), WITHIN_S, "it is told")
        eventually(lambda: all_well(service), what="its end is told")
    finally:
        service.kill()


def test_an_intake_that_hangs_is_told_by_the_pages_that_live_beside_it(service: ServiceProcess) -> None:
    os.kill(service.process.pid, signal.SIGSTOP)
    try:
        eventually(lambda: "取込プログラムが応答しません" in service.get("/")[1], WITHIN_S, "the page says so")
        assert WELL not in service.get("/")[1]
        assert json.loads(service.get("/readyz")[1])["reasons"] == ["the intake does not answer"]
        assert service.get("/livez")[0] == service.get("/metrics")[0] == service.get("/readyz")[0] == 503
    finally:
        os.kill(service.process.pid, signal.SIGCONT)
    eventually(lambda: all_well(service), what="all is well again")
