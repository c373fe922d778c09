"""Somebody has the password of one device. What that is good for: to speak for this device, and for nothing else."""

import time

import mqtt5
import pytest

from tests.receive.helpers import make_intake, running
from tests.security.client import Client, Hung
from tests.security.valley import EUI, GAUGE, INGEST, OTHER_EUI, OTHER_GAUGE, PLC, Valley, up

YES = {0, 16}
NOT_AUTHORIZED = 135
DELIVERED_WITHIN_S = 5.0


def watcher(valley: Valley) -> Client:
    """Hears what the service hears."""
    client = valley.client(INGEST, client_id="watcher")
    assert client.subscribe("noroshi/v1/+/+/up") == 0
    return client


def heard_besides(valley: Valley, client: Client) -> list[str]:
    """What came until a message that everybody may send came too."""
    marker = up(OTHER_GAUGE)
    with valley.client(OTHER_GAUGE) as honest:
        assert honest.publish(marker, b"marker") in YES
    deadline = time.monotonic() + DELIVERED_WITHIN_S
    while not any(packet.payload == b"marker" for packet in client.heard):
        assert time.monotonic() < deadline
        client.topics(0.1)
    return [packet.topic for packet in client.heard if packet.payload != b"marker"]


def test_the_device_itself_is_heard(valley: Valley) -> None:
    with watcher(valley) as service, valley.client(GAUGE) as device:
        assert device.publish(up(GAUGE)) in YES
        assert heard_besides(valley, service) == [up(GAUGE)]


@pytest.mark.parametrize(
    "topic",
    [
        up(OTHER_GAUGE),
        up("farm/gauge-1"),
        f"{up(GAUGE)}/more",
        "noroshi/v1/river/gauge-1",
        f"application/1/device/{EUI}/event/up",
        f"application/1/device/{EUI.upper()}/event/up",
        "gateway/24e124fffef12345/state/conn",
        "spBv1.0/plant/NDATA/plc-1",
        "spBv1.0/plant/NCMD/plc-1",
        "senml/farm/gauge-1",
        "anything",
    ],
)
def test_it_speaks_for_nobody_else(valley: Valley, topic: str) -> None:
    with watcher(valley) as service, valley.client(GAUGE) as attacker:
        assert attacker.publish(topic) == NOT_AUTHORIZED
        assert heard_besides(valley, service) == []


@pytest.mark.parametrize(
    "topic_filter",
    [
        "#",
        "+/+/+/+/+",
        "noroshi/#",
        up(OTHER_GAUGE),
        up(GAUGE),
        "$share/noroshi-ingest/noroshi/v1/+/+/up",
        "$share/noroshi-ingest/#",
        "$SYS/#",
        "$SYS/broker/clients/connected",
        "$CONTROL/#",
        "$CONTROL/dynamic-security/v1/response",
    ],
)
def test_it_reads_nothing(valley: Valley, topic_filter: str) -> None:
    with valley.client(GAUGE) as attacker, valley.client(OTHER_GAUGE) as other:
        assert attacker.subscribe(topic_filter) == NOT_AUTHORIZED
        assert other.publish(up(OTHER_GAUGE)) in YES
        assert attacker.topics() == []


@pytest.mark.parametrize("name", [GAUGE, PLC, INGEST, "server:lora", "gateway:gw-yama"])
@pytest.mark.parametrize("topic", ["$CONTROL/dynamic-security/v1", "$SYS/broker/uptime"])
def test_nobody_but_the_administrator_changes_accounts(valley: Valley, name: str, topic: str) -> None:
    command = b'{"commands":[{"command":"setClientPassword","username":"river/gauge-2","password":"stolen"}]}'
    with valley.client(name) as attacker:
        assert attacker.publish(topic, command) == NOT_AUTHORIZED
    with valley.client(OTHER_GAUGE) as victim:
        assert victim.code == 0


def test_a_will_on_a_foreign_topic_is_never_published(valley: Valley) -> None:
    with watcher(valley) as service:
        valley.client(GAUGE, will=mqtt5.Will(up(OTHER_GAUGE), payload=b"will")).vanish()
        valley.client(GAUGE, will=mqtt5.Will(up(OTHER_GAUGE), payload=b"will", retain=True)).vanish()
        service.topics()
        assert heard_besides(valley, service) == []


def test_a_will_on_its_own_topic_is_published(valley: Valley) -> None:
    with watcher(valley) as service:
        valley.client(GAUGE, will=mqtt5.Will(up(GAUGE), payload=b"will")).vanish()
        service.topics()
        assert heard_besides(valley, service) == [up(GAUGE)]


def test_a_retained_message_cannot_be_left_on_a_foreign_topic(valley: Valley) -> None:
    for payload in (b"poison", b""):
        with valley.client(GAUGE) as attacker:
            assert attacker.publish(up(OTHER_GAUGE), payload, retain=True) == NOT_AUTHORIZED
    with watcher(valley) as late:
        assert late.topics() == []


async def test_a_retained_message_does_not_come_again_with_each_start_of_the_service(valley: Valley) -> None:
    with valley.client(GAUGE) as attacker:
        assert attacker.publish(up(GAUGE), b"poison", retain=True) in YES
    intake = make_intake(
        "5", valley.broker.url, username=INGEST, password=valley.passwords[INGEST], client_id="late", session_expiry_s=0
    )
    async with running(intake):
        with valley.client(OTHER_GAUGE) as other:
            other.publish(up(OTHER_GAUGE), b"now")
        got = await intake.take(10)
    with valley.client(GAUGE) as attacker:
        attacker.publish(up(GAUGE), b"", retain=True)
    assert [bytes(message.payload) for message in got] == [b"now"]


@pytest.mark.parametrize("stolen", ["noroshi-ingest", "noroshi-ingest-2", "SN-0002", "river/gauge-2", ""])
def test_a_client_id_cannot_be_taken_from_its_owner(valley: Valley, stolen: str) -> None:
    with valley.client(OTHER_GAUGE) as victim, valley.client(INGEST, client_id="noroshi-ingest") as service:
        attacker = valley.client(GAUGE, client_id=stolen)
        assert attacker.code not in (0, None)
        assert victim.alive()
        assert service.alive()


@pytest.mark.parametrize("password", ["wrong", "", None])
def test_a_wrong_password_and_an_unknown_name_are_refused(valley: Valley, password: str | None) -> None:
    for name in (GAUGE, "river/gauge-9", "noroshi-admin", None):
        assert Client(valley.broker.port, name, password, client_id=GAUGE).code not in (0, None)


def test_a_packet_that_is_too_large_ends_its_sender_and_nobody_else(valley: Valley) -> None:
    with valley.client(OTHER_GAUGE) as other, valley.client(GAUGE) as attacker:
        with pytest.raises(Hung):
            attacker.publish(up(GAUGE), bytes(600_000))
        assert other.publish(up(OTHER_GAUGE)) in YES
    with valley.client(GAUGE) as attacker:
        assert attacker.publish(up(GAUGE), bytes(500_000)) in YES


def said_to(valley: Valley, name: str, topic: str) -> int:
    """The answer to one message on a connection of its own: Mosquitto 2.0 hangs up after a refusal."""
    with valley.client(name) as client:
        return client.publish(topic)


def test_a_network_server_speaks_for_its_devices_and_for_no_device_that_speaks_itself(valley: Valley) -> None:
    assert said_to(valley, "server:lora", f"application/1/device/{EUI}/event/up") in YES
    assert said_to(valley, "server:lora", f"application/1/device/{OTHER_EUI}/event/up") in YES  # not registered yet
    assert said_to(valley, "server:lora", up(GAUGE)) == NOT_AUTHORIZED
    assert said_to(valley, "server:lora", "spBv1.0/plant/NDATA/plc-1") == NOT_AUTHORIZED
    with valley.client("server:lora") as server:
        assert server.subscribe("application/#") == NOT_AUTHORIZED


def test_a_gateway_speaks_of_itself_only(valley: Valley) -> None:
    name = "gateway:gw-yama"
    assert said_to(valley, name, "gateway/24e124fffef12345/event/stats") in YES
    assert said_to(valley, name, "as923/gateway/24e124fffef12345/state/conn") in YES
    assert said_to(valley, name, "gateway/24e124fffef12346/event/stats") == NOT_AUTHORIZED
    assert said_to(valley, name, "gateway/24e124fffef12345/event/ack") in YES
    assert said_to(valley, name, "gateway/24e124fffef12345/command/down") == NOT_AUTHORIZED
    assert said_to(valley, name, f"application/1/device/{EUI}/event/up") == NOT_AUTHORIZED


def test_an_edge_node_hears_its_own_commands_and_no_others(valley: Valley) -> None:
    assert said_to(valley, PLC, "spBv1.0/plant/DDATA/plc-1/pump") in YES
    assert said_to(valley, PLC, "spBv1.0/plant/NDATA/plc-2") == NOT_AUTHORIZED
    with valley.client(PLC) as node:
        assert node.subscribe("spBv1.0/plant/NCMD/plc-1") == 0
        assert node.subscribe("spBv1.0/plant/DCMD/plc-1/+") == 0
        assert node.subscribe("spBv1.0/plant/NCMD/plc-2") == NOT_AUTHORIZED
        assert node.subscribe("spBv1.0/#") == NOT_AUTHORIZED


def test_the_service_hears_what_it_has_decoders_for_and_says_nothing(valley: Valley) -> None:
    with valley.client(INGEST) as service:
        assert service.subscribe("$share/noroshi-ingest/senml/+/+") == 0
        assert service.subscribe("#") == NOT_AUTHORIZED
    assert said_to(valley, INGEST, up(GAUGE)) == NOT_AUTHORIZED
    assert said_to(valley, INGEST, "spBv1.0/plant/NCMD/plc-1") == NOT_AUTHORIZED
