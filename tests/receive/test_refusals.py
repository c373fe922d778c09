"""When the broker says no: which noes end the service, and whether their words help."""

import asyncio
import gc
import ssl
from collections.abc import Iterator
from pathlib import Path

import mqtt5
import pytest
import trustme

from ingest.errors import BrokerRefused, SettingsRefused
from ingest.mqtt.address import address_of
from ingest.mqtt.tls import tls_context
from ingest.settings.broker import BrokerSettings
from ingest.simulator.publisher import Publisher
from tests.fixtures.broker import AmqttBroker, Broker
from tests.receive.helpers import (
    TOPIC,
    AnyIntake,
    Protocol,
    make_intake,
    payloads,
    publish5,
    running,
    take,
    until,
)


async def trouble_of(intake: AnyIntake) -> str:
    """What an intake says that never gets a connection."""
    task = asyncio.create_task(intake.run())
    await until(lambda: not intake.trouble.startswith("not connected") or task.done())
    await intake.close()
    await task
    return intake.trouble


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Broker]:
    """A broker that wants a password with characters that a URL cannot carry as they are."""
    broker = Broker(tmp_path)
    broker.require_password("ingest", "p@ss/wort")
    with broker:
        yield broker


async def test_a_wrong_password_is_refused_and_the_setting_named(guarded: Broker, protocol: Protocol) -> None:
    intake = make_intake(protocol, guarded.url, username="ingest", password="wrong")
    with pytest.raises(BrokerRefused, match=r"'ingest': check broker\.username and broker\.password"):
        await intake.run()
    assert "broker.password" in intake.trouble
    assert "wrong" not in intake.trouble


async def test_credentials_may_stand_in_the_url(guarded: Broker, protocol: Protocol) -> None:
    url = f"mqtt://ingest:p%40ss%2Fwort@127.0.0.1:{guarded.port}"
    async with running(make_intake(protocol, url)) as intake:
        await publish5(url, [b"1"])
        assert payloads(await take(intake, 1)) == [b"1"]
        assert "wort" not in intake.trouble


async def test_credentials_in_settings_win_over_the_url(guarded: Broker, protocol: Protocol) -> None:
    url = f"mqtt://somebody:else@127.0.0.1:{guarded.port}"
    async with running(make_intake(protocol, url, username="ingest", password="p@ss/wort")):
        pass


async def test_a_refused_topic_filter_is_named(tmp_path: Path, protocol: Protocol) -> None:
    broker = Broker(tmp_path)
    broker.refuse_subscription("secret/#")
    with broker:
        intake = make_intake(protocol, broker.url, filters=("noroshi/v1/+/+/up", "secret/#"))
        with pytest.raises(BrokerRefused, match=r"subscription to secret/#"):
            await intake.run()


async def test_readings_do_not_wait_for_topics_of_downlinks_that_are_refused(
    tmp_path: Path, protocol: Protocol
) -> None:  # fmt: skip
    """The access list of the broker is from before these topics."""
    broker = Broker(tmp_path)
    broker.refuse_subscription("+/gateway/+/command/down")
    with broker:
        filters = ("gateway/+/event/ack", "+/gateway/+/command/down", "noroshi/v1/+/+/up")
        async with running(make_intake(protocol, broker.url, filters=filters)) as intake:
            await publish5(broker.url, [b"1"])
            assert payloads(await take(intake, 1)) == [b"1"]


async def test_a_broker_that_is_not_there_is_tried_again_for_ever(mosquitto: Broker, protocol: Protocol) -> None:
    mosquitto.stop()
    intake = make_intake(protocol, mosquitto.url)
    task = asyncio.create_task(intake.run())
    await until(lambda: "nothing listens there" in intake.trouble)
    assert "broker.url" in intake.trouble
    mosquitto.start()
    await until(lambda: intake.connected)
    await intake.close()
    await task


async def test_an_unknown_host_name_is_said_to_be_one(protocol: Protocol) -> None:
    assert "cannot be resolved" in await trouble_of(make_intake(protocol, "mqtt://broker.invalid"))


async def test_a_silent_port_is_given_up_after_the_time_out(protocol: Protocol) -> None:
    server = await asyncio.start_server(lambda _reader, writer: writers.append(writer), "127.0.0.1", 0)
    writers: list[asyncio.StreamWriter] = []
    port = server.sockets[0].getsockname()[1]
    try:
        assert "CONNECT within 0.5 s" in await trouble_of(
            make_intake(protocol, f"mqtt://127.0.0.1:{port}", connect_timeout_s=0.5)
        )
    finally:
        server.close()
        for writer in writers:
            writer.close()


async def test_a_broker_of_3_1_1_is_told_from_its_answer() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"\x20\x02\x00\x01")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(BrokerRefused, match=r'broker\.protocol = "3\.1\.1"'):
        await make_intake("5", f"mqtt://127.0.0.1:{port}").run()
    server.close()


async def test_amqtt_cannot_read_mqtt_5_and_the_trouble_says_what_to_set(tmp_path: Path) -> None:
    with AmqttBroker(tmp_path) as broker:
        trouble = await trouble_of(make_intake("5", broker.url, connect_timeout_s=1))
    assert 'broker.protocol = "3.1.1"' in trouble


async def test_the_one_whose_session_was_taken_over_backs_off_long() -> None:
    """A broker that says so, as the standard wants it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(mqtt5.ConnAckPacket().write())
        await reader.read(1000)
        writer.write(mqtt5.SubAckPacket(1, [mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE]).write())
        writer.write(mqtt5.DisconnectPacket(reason_code=mqtt5.DisconnectReasonCode.SESSION_TAKEN_OVER).write())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    intake = make_intake("5", url, backoff_max_s=30.0, jitter=lambda: 0.0)
    task = asyncio.create_task(intake.run())
    await until(lambda: "session taken over" in intake.trouble)
    assert "broker.client_id" in intake.trouble
    await asyncio.sleep(0.5)
    assert intake.connects_total <= 1
    await intake.close()
    await task
    server.close()


async def test_two_programs_with_one_client_id_learn_of_each_other(mosquitto: Broker) -> None:
    """Mosquitto 2.0 closes without a word, newer ones say why."""
    first, second = (make_intake("5", mosquitto.url, jitter=lambda: 1.0) for _ in range(2))
    async with running(first), running(second):
        await until(lambda: not first.connected)
        assert "broker.client_id" in first.trouble


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the codec's own, on its way out
async def test_a_topic_that_is_not_utf_8_costs_the_connection_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Brokers refuse such a topic; if one did not, the codec fails in a way that is no Exception."""
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.read(1000)
        writer.write(mqtt5.ConnAckPacket().write())
        await reader.read(1000)
        writer.write(b"\x32\x07\x00\x01\xff\x00\x01\x00x")
        await reader.read(1000)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    intake = make_intake("5", f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    task = asyncio.create_task(intake.run())
    await until(lambda: connections > 1)
    assert "broke" in intake.trouble
    assert (intake.held, task.done()) == (0, False)
    assert "data_received" in caplog.text
    await intake.close()
    await task
    server.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def encrypted(tmp_path: Path, authority: trustme.CA) -> Iterator[Broker]:
    """A broker behind TLS that asks for a client certificate too."""
    server = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server.private_key_pem.write_to_path(str(tmp_path / "server.key"))
    server.cert_chain_pems[0].write_to_path(str(tmp_path / "server.pem"))
    client = authority.issue_cert("ingest")
    client.private_key_pem.write_to_path(str(tmp_path / "client.key"))
    client.cert_chain_pems[0].write_to_path(str(tmp_path / "client.pem"))
    config = [
        f"cafile {tmp_path}/ca.pem",
        f"certfile {tmp_path}/server.pem",
        f"keyfile {tmp_path}/server.key",
    ]
    with Broker(tmp_path, config=config) as broker:
        yield broker


def tls_url(broker: Broker) -> str:
    return f"mqtts://127.0.0.1:{broker.port}"


async def test_messages_pass_through_tls(encrypted: Broker, protocol: Protocol) -> None:
    """Large ones too: what TLS has decrypted already wakes no selector."""
    ca_file = encrypted.directory / "ca.pem"
    bodies = [bytes([number]) * 100_000 for number in range(50)]
    async with running(make_intake(protocol, tls_url(encrypted), ca_file=ca_file)) as intake:
        async with Publisher(tls_url(encrypted), "test-field", ca_file=ca_file) as publisher:
            assert await publisher.publish_many((TOPIC, body) for body in bodies) == 50
        messages = await take(intake, 50)
        assert payloads(messages) == bodies
        intake.acknowledge(messages)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # paho leaves its socket to the garbage collector
async def test_a_certificate_of_another_authority_is_refused(
    encrypted: Broker, tmp_path: Path, protocol: Protocol
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    trouble = await trouble_of(make_intake(protocol, tls_url(encrypted), ca_file=tmp_path / "other.pem"))
    assert "is not trusted" in trouble
    assert "broker.ca_file" in trouble
    gc.collect()  # here, where the warning is expected


async def test_a_client_certificate_is_shown(encrypted: Broker, protocol: Protocol) -> None:
    encrypted.stop()
    encrypted.config.append("require_certificate true")
    encrypted.start()
    folder = encrypted.directory
    async with running(
        make_intake(
            protocol,
            tls_url(encrypted),
            ca_file=folder / "ca.pem",
            cert_file=folder / "client.pem",
            key_file=folder / "client.key",
        )
    ):
        pass


async def test_a_missing_ca_file_is_a_wrong_setting(protocol: Protocol, tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match=r"broker\.ca_file"):
        await make_intake(protocol, "mqtts://127.0.0.1:1", ca_file=tmp_path / "missing.pem").run()


def test_old_tls_is_not_spoken(tmp_path: Path, authority: trustme.CA) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    broker = BrokerSettings(url="mqtts://broker.example", ca_file=tmp_path / "ca.pem")
    context = tls_context(broker, address_of(broker))
    assert context is not None
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
