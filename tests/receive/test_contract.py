"""What every intake promises, whatever the protocol and the broker."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import aiomqtt
import mqtt5
import pytest

from ingest.mqtt.frames import Frames
from tests.fixtures.broker import AmqttBroker, Broker
from tests.fixtures.proxy import ProxyTo
from tests.receive.conftest import Pair
from tests.receive.helpers import (
    TOPIC,
    Protocol,
    make_intake,
    nothing_comes,
    payloads,
    publish5,
    running,
    take,
    until,
)

TEN = [b"%d" % number for number in range(10)]
HONEST = "noroshi/v1/kochi/gauge-2/up"
KEEP_ALIVE_S = 4
"""The broker is patient for half as long again: so long a busy machine may delay a ping that is sent at the half."""


async def publish(pair: Pair, bodies: list[bytes], topic: str = TOPIC) -> None:
    """Publish in the protocol that every broker speaks."""
    async with aiomqtt.Client("127.0.0.1", pair.broker.port) as client:
        for body in bodies:
            await client.publish(topic, body, qos=1)


async def test_messages_come_in_order_with_topic_and_time(pair: Pair) -> None:
    async with running(make_intake(pair.protocol, pair.broker.url)) as intake:
        await publish(pair, TEN)
        messages = await take(intake, 10)
        assert payloads(messages) == TEN
        assert {message.topic for message in messages} == {TOPIC}
        assert all(message.packet_id and message.received_us > 1_700_000_000_000_000 for message in messages)
        assert not any(message.duplicate or message.retain for message in messages)
        assert (intake.held, intake.received_total, intake.connects_total) == (10, 10, 1)
        intake.acknowledge(messages)
        assert intake.held == 0


async def test_what_was_not_acknowledged_comes_again_as_a_duplicate(keeping: Pair) -> None:
    async with running(make_intake(keeping.protocol, keeping.broker.url)) as intake:
        await publish(keeping, TEN)
        await take(intake, 10)
    async with running(make_intake(keeping.protocol, keeping.broker.url)) as intake:
        again = await take(intake, 10)
        assert sorted(payloads(again)) == TEN
        assert all(message.duplicate for message in again)


async def test_what_was_acknowledged_never_comes_again(keeping: Pair) -> None:
    async with running(make_intake(keeping.protocol, keeping.broker.url)) as intake:
        await publish(keeping, TEN)
        messages = await take(intake, 10)
        intake.acknowledge(messages[:7])
    async with running(make_intake(keeping.protocol, keeping.broker.url)) as intake:
        rest = await take(intake, 3)
        assert sorted(payloads(rest)) == TEN[7:]
        intake.acknowledge(rest)
        assert await nothing_comes(intake)


async def test_a_handle_of_an_old_connection_acknowledges_nothing(keeping: Pair, proxy_to: ProxyTo) -> None:
    proxy = proxy_to(keeping.broker.port)
    async with running(make_intake(keeping.protocol, f"mqtt://127.0.0.1:{proxy.port}")) as intake:
        await publish(keeping, TEN)
        old = await take(intake, 10)
        proxy.cut()
        await until(lambda: not intake.connected)
        proxy.heal()
        await until(lambda: intake.connected)
        again = await take(intake, 10)
        assert {message.generation for message in again}.isdisjoint({message.generation for message in old})
        intake.acknowledge(old)
        assert intake.held == 10
        # Had the old handles acknowledged anything, less would come a third time.
        proxy.cut()
        await until(lambda: not intake.connected)
        proxy.heal()
        assert sorted(payloads(await take(intake, 10))) == TEN


async def test_acknowledgements_leave_in_the_order_given(
    mosquitto: Broker, proxy_to: ProxyTo, protocol: Protocol
) -> None:
    proxy = proxy_to(mosquitto.port)
    async with running(make_intake(protocol, f"mqtt://127.0.0.1:{proxy.port}")) as intake:
        await publish5(mosquitto.url, [b"%d" % number for number in range(300)])
        messages = await take(intake, 300)
        for start in range(0, 300, 50):
            intake.acknowledge(messages[start : start + 50])
        await until(lambda: len(acknowledged(bytes(proxy.sent))) == 300)
        assert acknowledged(bytes(proxy.sent)) == [message.packet_id for message in messages]


async def test_without_room_a_lost_connection_is_not_renewed(
    mosquitto: Broker, proxy_to: ProxyTo, protocol: Protocol
) -> None:
    """Each new connection brings its first read: with the database away and a link that flaps it would add up."""
    proxy = proxy_to(mosquitto.port)
    url, window = f"mqtt://127.0.0.1:{proxy.port}", {"window_messages": 50}
    intake = make_intake(protocol, url, window=window, keep_alive_s=2)  # nobody reads, so the next ping finds it dead
    async with running(intake):
        await publish5(mosquitto.url, [b"%d" % number for number in range(200)])
        await until(lambda: intake.held >= 50)
        held = intake.held
        proxy.cut()
        await until(lambda: "wait for the database" in intake.trouble)
        proxy.heal()
        await asyncio.sleep(1.5)  # longer than any pause between two attempts
        assert (intake.connects_total, intake.held) == (1, held)
        seen = set[bytes]()
        while len(seen) < 200 or not intake.connected:  # the broker's yes comes behind what it delivers again
            messages = await take(intake, 1) if intake.waiting else []
            seen |= set(payloads(messages))
            intake.acknowledge(messages)
            await asyncio.sleep(0)


def acknowledged(sent: bytes) -> list[int]:
    """Packet ids of the PUBACKs; those of 3.1.1 are the four bytes of a success in 5, its other packets are skipped."""
    start = sent.find(b"\x40\x02")
    packets = Frames().feed(sent[start:]) if start >= 0 else []
    return [packet.packet_id for packet in packets if isinstance(packet, mqtt5.PubAckPacket)]


async def test_the_window_bounds_what_is_held_and_everything_arrives_in_the_end(
    mosquitto: Broker, protocol: Protocol
) -> None:
    """The broker has no limit of its own here and is told of none that would help."""
    window, total = 500, 10_000
    intake = make_intake(protocol, mosquitto.url, window={"window_messages": window}, receive_maximum=65_535)
    bodies = [b"%05d" % number + bytes(2000) for number in range(total)]
    async with running(intake):
        await publish5(mosquitto.url, bodies)
        await until(lambda: intake.held >= window)
        most, numbers = 0, set[bytes]()
        while len(numbers) < total:
            messages = await asyncio.wait_for(intake.take(100), 60)
            most = max(most, intake.held)
            numbers |= {message.payload[:5] for message in messages}
            intake.acknowledge(messages)
            await asyncio.sleep(0)
        assert most < window + 400  # one read more than the window
        assert intake.connects_total == 1


async def test_connections_survive_three_keep_alives_without_an_acknowledgement(
    mosquitto: Broker, tmp_path: Path
) -> None:
    """The database is down: nothing is acknowledged, but the broker hears from us. All at once, to save time."""
    with AmqttBroker(tmp_path) as amqtt:
        pairs = [Pair("5", mosquitto), Pair("3.1.1", mosquitto), Pair("3.1.1", amqtt)]
        await asyncio.gather(*(survive(pair) for pair in pairs), survive_with_a_full_window(mosquitto))


async def survive(pair: Pair) -> None:
    topic = f"alive/{pair.protocol}"
    client_id = f"ingest-{pair.protocol}"
    intake = make_intake(
        pair.protocol, pair.broker.url, filters=[topic], keep_alive_s=KEEP_ALIVE_S, client_id=client_id
    )
    async with running(intake):
        await publish(pair, TEN, topic)
        messages = await take(intake, 10)
        await asyncio.sleep(3 * KEEP_ALIVE_S)
        assert (intake.connected, intake.connects_total) == (True, 1)
        intake.acknowledge(messages)
        await publish(pair, [b"after"], topic)
        assert payloads(await take(intake, 1)) == [b"after"]


async def survive_with_a_full_window(broker: Broker) -> None:
    """Reading is paused longer than the broker may be silent: it hears our pings, we do not hear its answers."""
    window = {"window_messages": 10}
    intake = make_intake(
        "5", broker.url, filters=["full"], window=window, keep_alive_s=KEEP_ALIVE_S, client_id="ingest-full"
    )
    async with running(intake):
        await publish5(broker.url, TEN, "full")
        messages = await take(intake, 10)
        await asyncio.sleep(3 * KEEP_ALIVE_S)
        assert (intake.connected, intake.connects_total) == (True, 1)
        intake.acknowledge(messages)
        await publish5(broker.url, [b"after"], "full")
        assert payloads(await take(intake, 1)) == [b"after"]


async def test_a_restarted_broker_is_found_again_and_subscribed_to_again(pair: Pair) -> None:
    """Neither broker keeps sessions over a restart here."""
    async with running(make_intake(pair.protocol, pair.broker.url)) as intake:
        pair.broker.kill()
        await until(lambda: not intake.connected)
        assert f"127.0.0.1:{pair.broker.port}" in intake.trouble
        pair.broker.start()
        await until(lambda: intake.connected)
        assert intake.trouble == ""
        await publish(pair, TEN)
        assert payloads(await take(intake, 10)) == TEN


async def test_a_frozen_link_is_noticed_and_left(mosquitto: Broker, proxy_to: ProxyTo, protocol: Protocol) -> None:
    proxy = proxy_to(mosquitto.port)
    url = f"mqtt://127.0.0.1:{proxy.port}"
    async with running(make_intake(protocol, url, keep_alive_s=2, connect_timeout_s=2)) as intake:
        proxy.freeze()
        await until(lambda: not intake.connected)
        proxy.cut()
        proxy.heal()
        await until(lambda: intake.connected)
        await publish5(mosquitto.url, TEN)
        assert payloads(await take(intake, 10)) == TEN


async def test_a_payload_of_ten_megabytes_arrives(mosquitto: Broker, protocol: Protocol) -> None:
    body = bytes(range(256)) * 40_000
    async with running(make_intake(protocol, mosquitto.url)) as intake:
        await publish5(mosquitto.url, [body, b"next"])
        messages = await take(intake, 2)
        assert [message.payload == expected for message, expected in zip(messages, (body, b"next"), strict=True)] == [
            True,
            True,
        ]


async def test_qos_0_needs_no_acknowledgement(keeping: Pair) -> None:
    async with running(make_intake(keeping.protocol, keeping.broker.url)) as intake:
        async with aiomqtt.Client("127.0.0.1", keeping.broker.port) as client:
            await client.publish(TOPIC, b"unheard", qos=0)
        messages = await take(intake, 1)
        assert messages[0].packet_id == 0
        intake.acknowledge(messages)
        await publish(keeping, TEN)
        assert payloads(await take(intake, 10)) == TEN
        assert intake.held == 10


async def test_after_a_pause_nothing_more_is_taken_but_acknowledgements_still_count(keeping: Pair) -> None:
    async with running(make_intake(keeping.protocol, keeping.broker.url)) as intake:
        await publish(keeping, TEN)
        messages = await take(intake, 10)
        intake.pause()
        await publish(keeping, [b"late"])
        assert await nothing_comes(intake)
        intake.acknowledge(messages)
    async with running(make_intake(keeping.protocol, keeping.broker.url)) as intake:
        late = await take(intake, 1)
        assert payloads(late) == [b"late"]
        intake.acknowledge(late)
        assert await nothing_comes(intake)


async def test_a_message_that_overtook_a_flood_is_acknowledged_after_it(
    keeping: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, honest = [bytes([number]) * 500_000 for number in range(20)], b"18.4"
    async with running(make_intake(keeping.protocol, keeping.broker.url)) as intake:
        await publish(keeping, large)
        await publish(keeping, [honest], HONEST)
        await until(lambda: intake.held == 21)
        taken = await take(intake, 21)
        assert payloads(taken).index(honest) < 5
        assert [message.payload for message in taken if message.topic == TOPIC] == large
        intake.acknowledge([message for message in taken if message.topic == HONEST])
        assert intake.held == 21
    async with running(make_intake(keeping.protocol, keeping.broker.url)) as intake:
        left = list[int]()
        send_acks = intake._send_acks

        def noted(packet_ids: Sequence[int]) -> None:
            left.extend(packet_ids)
            send_acks(packet_ids)

        monkeypatch.setattr(intake, "_send_acks", noted)
        await until(lambda: intake.held == 21)
        again = await take(intake, 21)
        for message in again:
            intake.acknowledge([message])
        assert left == [message.packet_id for message in sorted(again, key=lambda one: one.received_us)]
        assert intake.held == 0
    async with running(make_intake(keeping.protocol, keeping.broker.url)) as intake:
        assert await nothing_comes(intake)
