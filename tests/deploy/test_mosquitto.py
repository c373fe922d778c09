"""The broker as shipped lets nobody in without a name, lets nobody speak for another, and keeps what it took."""

import time
from collections.abc import Iterator

import pytest

from ingest.errors import BrokerRefused
from ingest.field.publisher import Publisher
from ingest.settings import DEFAULT_ROUTES, load
from tests.acceptance.fleet import document, natives, one, register, topic
from tests.deploy.compose import SERVICES
from tests.deploy.installation import DEPLOY
from tests.deploy.mosquitto21 import ShippedBroker
from tests.fixtures.database import Database
from tests.fixtures.service import ServiceProcess, StartService

CONFIGURATION = (DEPLOY / "mosquitto/mosquitto.conf").read_text(encoding="utf-8")
SERVICE = {"NOROSHI_BROKER__USERNAME": "noroshi-ingest", "NOROSHI_BROKER__PASSWORD": "secret of the service"}


def setting(name: str) -> str:
    (value,) = [line.removeprefix(f"{name} ") for line in CONFIGURATION.splitlines() if line.startswith(f"{name} ")]
    return value


def test_nobody_comes_in_without_a_name() -> None:
    assert setting("allow_anonymous") == "false"


def test_nothing_that_mosquitto_has_given_up_is_used() -> None:
    first_words = {line.split()[0] for line in CONFIGURATION.splitlines() if line and not line.startswith("#")}
    assert not first_words & {"password_file", "acl_file", "per_listener_settings", "persistence", "message_size_limit"}


def test_a_payload_that_is_too_large_for_the_service_still_reaches_it() -> None:
    assert int(setting("max_packet_size")) > load().intake.max_payload_bytes + 65_535


def test_the_broker_keeps_other_sessions_longer_than_ours() -> None:
    assert int(setting("persistent_client_expiration").removesuffix("d")) * 86400 > load().broker.session_expiry_s


def test_the_service_may_hear_every_topic_it_has_a_decoder_for() -> None:
    text = (DEPLOY / "mosquitto/acl").read_text(encoding="utf-8")
    service = text.split("user noroshi-ingest\n")[1].split("\n\n")[0].splitlines()
    assert {f"topic read {route.filter}" for route in DEFAULT_ROUTES} <= set(service)


def test_the_health_check_asks_what_the_service_may_hear() -> None:
    (_, words) = SERVICES["broker"]["healthcheck"]["test"]
    assert "-u noroshi-ingest" in words
    assert "topic read $SYS/broker/uptime" in (DEPLOY / "mosquitto/acl").read_text(encoding="utf-8")


@pytest.fixture
def shipped() -> Iterator[ShippedBroker]:
    broker = ShippedBroker()
    try:
        broker.device("dev-0", "secret of dev-0")
        broker.account("demo-account", SIMULATOR_BROKER_PASSWORD="secret of the field")
        broker.device("network-server", "secret of the network server")
        broker.start()
        yield broker
    finally:
        broker.discard()


def client(broker: ShippedBroker, name: str, password: str) -> Publisher:
    return Publisher(broker.url, f"test-{name}", username=name, password=password)


async def test_a_stranger_and_a_wrong_password_are_refused(shipped: ShippedBroker) -> None:
    for stranger in (
        Publisher(shipped.url, "test-nobody"),
        client(shipped, "dev-0", "wrong"),
        client(shipped, "dev-9", ""),
    ):
        with pytest.raises(BrokerRefused):
            async with stranger:
                pass


async def test_a_device_speaks_for_itself_and_for_nobody_else(shipped: ShippedBroker) -> None:
    async with client(shipped, "dev-0", "secret of dev-0") as device:
        await device.publish(topic(0), b"{}")
    for elsewhere in (topic(1), "application/1/device/0e4e4f524f000001/event/up", "anything"):
        async with client(shipped, "dev-0", "secret of dev-0") as device:
            with pytest.raises(BrokerRefused):
                await device.publish(elsewhere, b"{}")


async def test_an_account_made_later_counts_once_the_broker_has_read_it(shipped: ShippedBroker) -> None:
    shipped.device("dev-1", "secret of dev-1")
    shipped.reread()
    deadline = time.monotonic() + 10
    while True:
        try:
            async with client(shipped, "dev-1", "secret of dev-1") as device:
                await device.publish(topic(1), b"{}")
            break
        except BrokerRefused:
            assert time.monotonic() < deadline


@pytest.mark.parametrize("name", ["network-server", "simulator"])
async def test_a_network_server_speaks_for_its_devices(shipped: ShippedBroker, name: str) -> None:
    password = {"network-server": "secret of the network server", "simulator": "secret of the field"}[name]
    async with client(shipped, name, password) as server:
        await server.publish("application/1/device/0e4e4f524f000001/event/up", b"{}")
        await server.publish("v3/app@ttn/devices/dev/up", b"{}")


def start(broker: ShippedBroker, database: Database, start_service: StartService) -> ServiceProcess:
    register(database.url, document(5))
    return start_service(database.url, broker.url, **SERVICE)


async def test_the_service_takes_what_comes_by_the_shipped_broker(
    shipped: ShippedBroker, any_database: Database, start_service: StartService
) -> None:
    service = start(shipped, any_database, start_service)
    async with client(shipped, "simulator", "secret of the field") as field:
        await field.publish_many([*natives(100, 5), (topic(0), b"x" * 300_000)])
    service.wait_settled(101)
    assert one(any_database.url, "select count(*) from uplink") == 100
    assert one(any_database.url, "select reason from quarantine") == "too_large"


async def test_what_the_broker_took_a_moment_ago_outlives_its_sudden_death(
    shipped: ShippedBroker, any_database: Database, start_service: StartService
) -> None:
    service = start(shipped, any_database, start_service)
    service.terminate()
    async with client(shipped, "simulator", "secret of the field") as field:
        await field.publish_many(natives(500, 5))
    time.sleep(
        float(setting("plugin_opt_flush_period")) + 1
    )  # the promise is about time: after one period it is on disk
    shipped.kill()
    shipped.start()
    service.start()
    service.wait_settled(500)
    assert one(any_database.url, "select count(*) from uplink") == 500
