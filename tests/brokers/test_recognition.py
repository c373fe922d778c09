"""When a redelivery is recognised by its packet id: only after it was seen that the broker kept ids on the way."""

import psycopg
import pytest

from ingest.message import Canary
from ingest.mqtt.probe.ids import kept
from ingest.mqtt.probe.plain import Delivery
from tests.acceptance.fleet import document, one, publish, register, topic
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.proxy import ProxyTo
from tests.fixtures.service import StartService, eventually, identity_holds

EQUAL = (topic(0), b'{"readings": {"air_temperature": 18.4}}')
CANARY = Canary("mqtt://broker:1883", "abc", (3, 4, 5))
CANARY_SAYS = b"-ids"
CONNACK_BYTES = 11
"""Of Mosquitto over MQTT 5, with its properties; what comes behind it is not heard."""
IMPATIENT = {"NOROSHI_BROKER__CONNECT_TIMEOUT_S": "1"}
PROTOCOLS = pytest.mark.parametrize("protocol", ["5", "3.1.1"])


def came(*packet_ids: int, duplicate: bool = True, token: str = "abc") -> list[Delivery]:
    return [Delivery(f"{token} {number}".encode(), each, duplicate) for number, each in enumerate(packet_ids, 2)]


def test_the_canary_proves_only_what_it_shows() -> None:
    assert kept(CANARY, came(3, 4, 5))
    assert not kept(CANARY, came(1, 2, 3)), "numbered anew"
    assert not kept(CANARY, came(3, 4)), "one is missing"
    assert not kept(CANARY, came(3, 4, 5, duplicate=False)), "not called duplicates"
    assert not kept(CANARY, came(3, 4, 5, token="other")), "of another canary"
    assert not kept(CANARY, []), "its session is gone"
    assert not kept(CANARY._replace(packet_ids=(1, 2, 3)), came(1, 2, 3)), "a broker that begins anew counts so too"


def stored(database: Database) -> int:
    return int(one(database.url, "select count(*) from uplink"))


@PROTOCOLS
async def test_a_redelivery_after_a_kill_between_commit_and_puback_is_stored_once(
    any_database: Database, mosquitto: Broker, proxy_to: ProxyTo, start_service: StartService, protocol: str
) -> None:
    link = proxy_to(mosquitto.port)
    register(any_database.url, document(1))
    service = start_service(any_database.url, f"mqtt://127.0.0.1:{link.port}", NOROSHI_BROKER__PROTOCOL=protocol)
    link.mute()
    await publish(mosquitto.url, [EQUAL] * 200)
    eventually(lambda: stored(any_database) == 200)
    service.kill()
    link.heal()
    service.start()
    metrics = service.wait_settled(200)
    assert (metrics["messages_duplicate"], stored(any_database)) == (200, 200)


@PROTOCOLS
async def test_an_id_of_a_session_that_the_broker_lost_is_not_taken_for_one_of_the_new(
    any_database: Database, mosquitto: Broker, start_service: StartService, protocol: str
) -> None:
    """Mosquitto without persistence begins to count anew: the same bytes come under the ids of those stored before."""
    register(any_database.url, document(1))
    service = start_service(any_database.url, mosquitto.url, NOROSHI_BROKER__PROTOCOL=protocol)
    await publish(mosquitto.url, [EQUAL] * 50)
    service.wait_settled(50)
    mosquitto.kill()
    mosquitto.start()
    eventually(lambda: service.metrics()["broker_connects"] == 2 and service.is_ready())
    epoch = "select position from session_canary"
    eventually(lambda: one(any_database.url, epoch) >= 50, what="that the session is a new one is written down")
    with psycopg.connect(any_database.url) as blocking:
        blocking.execute("lock table uplink_packed in access exclusive mode")
        await publish(mosquitto.url, [EQUAL] * 50)
        eventually(lambda: service.metrics()["messages_in_flight"] == 50)
        service.kill()
    service.start()
    service.wait_settled(50)
    assert stored(any_database) == 100
    assert identity_holds(service.metrics())


@PROTOCOLS
@pytest.mark.parametrize("bytes_heard", [0, 4, 24, 60])
async def test_a_link_that_breaks_while_ids_are_tried_out_doubles_nothing(
    any_database: Database,
    mosquitto: Broker,
    proxy_to: ProxyTo,
    start_service: StartService,
    protocol: str,
    bytes_heard: int,
) -> None:
    """It says nothing of packet ids. The service waits for the next trial instead of going on without a result."""
    link = proxy_to(mosquitto.port)
    register(any_database.url, document(1))
    broker = f"mqtt://127.0.0.1:{link.port}"
    service = start_service(any_database.url, broker, NOROSHI_BROKER__PROTOCOL=protocol, **IMPATIENT)
    link.mute()
    await publish(mosquitto.url, [EQUAL] * 100)
    eventually(lambda: stored(any_database) == 100)
    service.kill()
    link.heal()
    link.fall_silent(CANARY_SAYS, bytes_heard)
    service.start(ready=False)
    eventually(lambda: link.silenced, what="the link fell silent under the trial")
    link.heal()
    metrics = service.wait_settled(100)
    assert (metrics["messages_duplicate"], stored(any_database)) == (100, 100)


@pytest.mark.parametrize(
    ("bytes_heard", "told"),
    [(0, "packet_ids_not_examined"), (CONNACK_BYTES, "packet_ids_not_kept")],
    ids=["no-answer", "no-messages"],
)
async def test_a_broker_that_never_answers_the_trial_is_used_without_its_result(
    any_database: Database,
    mosquitto: Broker,
    proxy_to: ProxyTo,
    start_service: StartService,
    bytes_heard: int,
    told: str,
) -> None:
    """A canary that was let in once and is cut off ever after may delay the service, not stop it."""
    link = proxy_to(mosquitto.port)
    register(any_database.url, document(1))
    service = start_service(any_database.url, f"mqtt://127.0.0.1:{link.port}", **IMPATIENT)
    service.wait_settled(0)
    service.kill()
    link.fall_silent(CANARY_SAYS, bytes_heard)
    service.start()
    await publish(mosquitto.url, [EQUAL] * 20)
    service.wait_settled(20)
    assert told in service.process.output(200)


async def test_where_our_user_may_not_try_it_out_nothing_is_lost_and_it_is_said(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    acl = mosquitto.directory / "acl"
    acl.write_text("topic read noroshi/v1/+/+/up\ntopic write noroshi/v1/+/+/up\n")
    mosquitto.stop()
    mosquitto.config.append(f"acl_file {acl}")
    mosquitto.start()
    register(any_database.url, document(1))
    service = start_service(any_database.url, mosquitto.url)
    await publish(mosquitto.url, [EQUAL] * 20)
    service.wait_settled(20)
    assert "packet_ids_not_examined" in service.process.output(200)
