"""A broker that numbers redeliveries anew and knows no shared subscriptions: nothing is lost, nobody is deceived."""

import os
import subprocess
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from ingest.mqtt.probe.deal import deals
from ingest.mqtt.probe.ids import Again, try_out
from ingest.settings.broker import BrokerSettings
from tests.acceptance.fleet import document, one, publish, register, topic
from tests.doctor.call import doctor
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.proxy import ProxyTo
from tests.fixtures.rabbitmq import RabbitMq
from tests.fixtures.service import PROGRAM, ServiceProcess, StartService, eventually, identity_holds

EQUAL = (topic(0), b'{"readings": {"air_temperature": 18.4}}')
PROTOCOLS = pytest.mark.parametrize("protocol", ["5", "3.1.1"])


def stored(database: Database) -> int:
    return int(one(database.url, "select count(*) from uplink"))


def start(service: StartService, database: Database, url: str, protocol: str, *, ready: bool = True) -> ServiceProcess:
    register(database.url, document(1))
    own = {"NOROSHI_BROKER__CLIENT_ID": f"noroshi-{uuid4().hex[:8]}", "NOROSHI_BROKER__PROTOCOL": protocol}
    return service(database.url, url, ready=ready, **own)


@PROTOCOLS
async def test_equal_messages_without_a_time_are_not_taken_for_redeliveries_of_each_other(
    any_database: Database, rabbitmq: RabbitMq, start_service: StartService, protocol: str
) -> None:
    """The second hundred comes again under the packet ids of the first, which is stored."""
    service = start(start_service, any_database, rabbitmq.url, protocol)
    await publish(rabbitmq.url, [EQUAL] * 100)
    service.wait_settled(100)
    with psycopg.connect(any_database.url) as blocking:
        blocking.execute("lock table uplink_packed in access exclusive mode")
        await publish(rabbitmq.url, [EQUAL] * 100)
        eventually(lambda: service.metrics()["messages_in_flight"] == 100)
        service.kill()
    service.start()
    eventually(lambda: stored(any_database) >= 200, what=f"{stored(any_database)} of 200 are stored")
    assert stored(any_database) == 200, "none was committed when the service was killed"
    assert identity_holds(service.metrics())


@PROTOCOLS
async def test_a_service_killed_between_commit_and_puback_loses_none(
    any_database: Database, rabbitmq: RabbitMq, proxy_to: ProxyTo, start_service: StartService, protocol: str
) -> None:
    """At worst each is stored twice: under another packet id a redelivery cannot be told from a new message."""
    link = proxy_to(rabbitmq.port)
    service = start(start_service, any_database, f"mqtt://127.0.0.1:{link.port}", protocol)
    await publish(rabbitmq.url, [EQUAL] * 100)
    service.wait_settled(100)
    link.mute()
    await publish(rabbitmq.url, [EQUAL] * 100)
    eventually(lambda: stored(any_database) >= 200)
    service.kill()
    link.heal()
    service.start()
    eventually(lambda: stored(any_database) == 300, what=f"stored {stored(any_database)}")
    assert identity_holds(service.metrics())


@pytest.mark.parametrize("protocol", ["5"])
def test_workers_are_refused_by_a_broker_without_shared_subscriptions(
    any_database: Database, rabbitmq: RabbitMq, tmp_path: Path, protocol: str
) -> None:
    register(any_database.url, document(1))
    settings = {
        "NOROSHI_DATABASE__URL": any_database.url,
        "NOROSHI_BROKER__URL": rabbitmq.url,
        "NOROSHI_BROKER__PROTOCOL": protocol,
        "NOROSHI_WEB__PORT": "0",
    }
    done = subprocess.run(
        [*PROGRAM, "ingest", "--workers", "2"],
        env=os.environ | settings, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    said = done.stderr.splitlines()[-1]
    assert "knows no shared subscriptions" in said
    assert "--workers 1" in said


async def test_a_subscription_that_is_granted_and_brings_nothing_is_found_out(
    rabbitmq: RabbitMq, mosquitto: Broker
) -> None:
    assert not await deals(BrokerSettings(url=rabbitmq.url), patience_s=10)
    assert await deals(BrokerSettings(url=mosquitto.url), patience_s=10)


@PROTOCOLS
async def test_whether_packet_ids_are_kept_is_found_out_by_trying(
    rabbitmq: RabbitMq, mosquitto: Broker, protocol: str
) -> None:
    name, topic_ = f"trial-{uuid4().hex}", f"noroshi/doctor/{uuid4().hex}"
    for broker, same in ((rabbitmq, False), (mosquitto, True)):
        settings = BrokerSettings.model_validate({"url": broker.url, "protocol": protocol})
        assert await try_out(settings, name, topic_) == Again(in_flight=3, came=3, same_ids=same)


def test_the_doctor_says_what_this_broker_does_not_do(rabbitmq: RabbitMq) -> None:
    found = doctor("broker", "ids", "share", broker=rabbitmq.url)
    said = " ".join(found.of("note"))
    assert "another packet id" in said
    assert "no shared subscriptions" in said
    assert "keeps a session for 86,400 s" in found.of("bad")[0]
