"""What only the MQTT 5 intake meets."""

import asyncio
from pathlib import Path

import aiomqtt
from aiomqtt import ProtocolVersion

from tests.fixtures.broker import Broker
from tests.fixtures.proxy import ProxyTo
from tests.receive.helpers import TOPIC, make_intake, nothing_comes, payloads, publish5, running, take, until


async def test_retained_messages_are_not_sent_again_with_every_connection(mosquitto: Broker) -> None:
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
        await client.publish(TOPIC, b"old", qos=1, retain=True)
    async with running(make_intake("5", mosquitto.url)) as intake:
        assert await nothing_comes(intake)


async def test_a_saved_session_survives_the_restart_of_the_broker(tmp_path: Path) -> None:
    with Broker(tmp_path, persistence=True) as broker:
        async with running(make_intake("5", broker.url)) as intake:
            await publish5(broker.url, [b"1", b"2", b"3"])
            messages = await take(intake, 3)
            broker.stop()
            await until(lambda: not intake.connected)
            assert "server shutting down" in intake.trouble or "closed the connection" in intake.trouble
            intake.acknowledge(messages)  # too late: nobody hears it
            broker.start()
            again = await take(intake, 3)
            assert sorted(payloads(again)) == [b"1", b"2", b"3"]
            assert intake.held == 3


async def test_a_broker_that_overruns_the_receive_maximum_is_survived(mosquitto: Broker) -> None:
    """Mosquitto 2.0 sends more than the receive maximum once acknowledgements flow."""
    async with running(make_intake("5", mosquitto.url, receive_maximum=5)) as intake:
        await publish5(mosquitto.url, [b"%d" % number for number in range(2000)])
        numbers = set[bytes]()
        while len(numbers) < 2000:
            messages = await take(intake, 1)
            numbers.add(messages[0].payload)
            intake.acknowledge(messages)
        assert (intake.connects_total, intake.held) == (1, 0)


async def test_messages_held_over_a_lost_connection_still_count(mosquitto: Broker, proxy_to: ProxyTo) -> None:
    proxy = proxy_to(mosquitto.port)
    async with running(make_intake("5", f"mqtt://127.0.0.1:{proxy.port}")) as intake:
        await publish5(mosquitto.url, [b"1"])
        old = await take(intake, 1)
        proxy.cut()
        await until(lambda: not intake.connected)
        proxy.heal()
        again = await take(intake, 1)
        assert (intake.held, intake.received_total) == (2, 2)
        intake.acknowledge(old)
        intake.acknowledge(again)
        assert intake.held == 0
        assert await nothing_comes(intake)


async def test_a_session_with_qos_2_of_another_program_is_explained(mosquitto: Broker) -> None:
    async with aiomqtt.Client(
        "127.0.0.1", mosquitto.port, identifier="noroshi-ingest", protocol=ProtocolVersion.V311, clean_session=False
    ) as other:
        await other.subscribe(TOPIC, qos=2)
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
        await client.publish(TOPIC, b"twice", qos=2)
    intake = make_intake("5", mosquitto.url)
    task = asyncio.create_task(intake.run())
    await until(lambda: "QoS 2" in intake.trouble)
    assert "broker.client_id" in intake.trouble
    await intake.close()
    await task
