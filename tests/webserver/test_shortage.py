"""A machine that is short of descriptors or threads: what is done beside the path waits, says so, and goes on later."""

import asyncio
from functools import partial

import psutil
import pytest

from ingest.errors import BrokerUnavailable, SettingsRefused, StoreUnavailable
from ingest.mqtt.address import address_of
from ingest.mqtt.tls import tls_context
from ingest.runtime.threads import in_thread
from ingest.settings.broker import BrokerSettings
from tests.acceptance.fleet import document, natives, publish, register
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import StartService, eventually
from tests.webserver.hostile import few_descriptors, log_of

ENOUGH = 20_000
CUT_OFF = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
)


def test_an_intake_without_descriptors_loses_nothing_and_goes_on_when_there_are_some(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    """Its connections are cut while it may open no new ones."""
    register(any_database.url, document(20))
    service = start_service(any_database.url, mosquitto.url)
    intake = psutil.Process(service.process.pid)
    asyncio.run(publish(mosquitto.url, natives(100)))
    service.wait_settled(100)
    intake.rlimit(psutil.RLIMIT_NOFILE, (6, ENOUGH))
    any_database.connect().execute(CUT_OFF)
    asyncio.run(publish(mosquitto.url, natives(500)))
    eventually(lambda: "registry_not_read" in log_of(service))
    eventually(lambda: "store_unavailable" in log_of(service))
    eventually(lambda: "housekeeping_interrupted" in log_of(service))
    assert service.get("/livez")[0] == 200
    assert service.get("/readyz")[0] == 503
    intake.rlimit(psutil.RLIMIT_NOFILE, (ENOUGH, ENOUGH))
    metrics = service.wait_settled(600)
    assert metrics["messages_received"] == 600
    eventually(lambda: service.get("/readyz")[0] == 200)


async def test_what_a_thread_is_short_of_comes_later_and_a_defect_is_a_defect() -> None:
    def fails(error: Exception) -> None:
        raise error

    for shortage in (OSError(24, "Too many open files"), MemoryError(), RuntimeError("can't start new thread")):
        with pytest.raises(StoreUnavailable, match="short of something"):
            await in_thread(partial(fails, shortage))
    for defect in (RuntimeError("a defect"), ValueError("another")):
        with pytest.raises(type(defect)):
            await in_thread(partial(fails, defect))


def test_a_certificate_that_cannot_be_opened_for_want_of_descriptors_is_no_wrong_setting() -> None:
    broker = BrokerSettings(url="mqtts://127.0.0.1", ca_file=__file__)
    with few_descriptors(3), pytest.raises(BrokerUnavailable, match="short"):
        tls_context(broker, address_of(broker))
    with pytest.raises(SettingsRefused):
        tls_context(broker, address_of(broker))
