"""A primary host says that it listens, takes it back when it does not, and is not talked out of it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ingest.errors import SettingsRefused
from ingest.settings.broker import BrokerSettings
from ingest.settings.model import load
from ingest.sparkplug import host_state
from ingest.sparkplug.host_state import HostState, State, read, written
from tests.fixtures.broker import Broker
from tests.receive.helpers import until

TOPIC = "spBv1.0/STATE/noroshi"
LATER_MS = 3_600_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Node:
    """An edge node that waits for us: what it hears on our topic, in order."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.heard: list[tuple[bool | None, int, bool]] = []

    async def listen(self) -> None:
        async for message in self.client.messages:
            said = read(bytes(message.payload))
            self.heard.append((said.online, said.at_ms, bool(message.retain)))

    async def says(self, payload: bytes) -> None:
        await self.client.publish(TOPIC, payload, qos=1, retain=True)

    @property
    def online(self) -> bool | None:
        return self.heard[-1][0] if self.heard else None


@asynccontextmanager
async def node(broker: Broker) -> AsyncIterator[Node]:
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        waiting = Node(client)
        await client.subscribe(TOPIC, qos=1)
        listening = asyncio.create_task(waiting.listen())
        try:
            yield waiting
        finally:
            listening.cancel()


@asynccontextmanager
async def host(
    broker: Broker, *, listening: Callable[[], bool] = lambda: True, clock: Callable[[], int] = now_ms, **more: Any
) -> AsyncIterator[tuple[HostState, asyncio.Task[None]]]:
    settings = BrokerSettings(url=broker.url, client_id="noroshi-test", backoff_max_s=0.2, **more)
    state = HostState(settings, "noroshi", listening=listening, now_ms=clock)
    task = asyncio.create_task(state.run())
    try:
        yield state, task
        await state.close()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_a_state_is_the_json_of_sparkplug_3() -> None:
    assert json.loads(written(State(online=True, at_ms=1_781_471_100_000))) == {
        "online": True,
        "timestamp": 1_781_471_100_000,
    }


@given(st.booleans(), st.integers(0, 2**53 - 1))
def test_what_one_host_writes_another_reads(online: bool, at_ms: int) -> None:  # noqa: FBT001
    assert read(written(State(online, at_ms))) == (online, at_ms)


@given(st.binary() | st.sampled_from([b"", b"ONLINE", b"[]", b'{"online":1}', b'{"online":true,"timestamp":-1}']))
def test_what_is_no_state_is_read_as_none(payload: bytes) -> None:
    assert read(payload).at_ms == 0


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        ({"sparkplug": {"host_id": "a/b"}}, "one level of a topic"),
        ({"sparkplug": {"host_id": ""}}, "one level of a topic"),
        ({"sparkplug": {"host_id": "town"}, "broker": {"protocol": "3.1.1"}}, 'needs broker.protocol = "5"'),
        (
            {"sparkplug": {"host_id": "town"}, "routes": [{"topic": "a/{project}/{device}", "decoder": "native"}]},
            "no route hears Sparkplug",
        ),
    ],
)
def test_a_host_id_that_cannot_work_is_refused_at_the_start(settings: dict[str, Any], hint: str) -> None:
    with pytest.raises(SettingsRefused, match=hint):
        load(settings)


def test_nothing_is_said_unless_somebody_asks_for_it() -> None:
    assert load({}).sparkplug.host_id is None
    assert load({"sparkplug": {"host_id": "町役場"}}).sparkplug.host_id == "町役場"


async def test_online_has_the_time_of_the_will_and_is_retained(mosquitto: Broker) -> None:
    before_ms = now_ms()
    async with host(mosquitto):
        await asyncio.sleep(0.3)
        async with node(mosquitto) as late:
            await until(lambda: len(late.heard) == 1)
            online, at_ms, retained = late.heard[0]
            assert (online, retained) == (True, True)
            assert before_ms <= at_ms <= now_ms()


async def test_the_will_of_a_host_that_vanished_carries_the_time_it_said_to_be_online(mosquitto: Broker) -> None:
    async with node(mosquitto) as waiting, host(mosquitto) as (_, task):
        await until(lambda: waiting.online is True)
        task.cancel()  # as a process that is killed: nothing is said any more
        await until(lambda: waiting.online is False)
        assert [at_ms for _, at_ms, _ in waiting.heard] == [waiting.heard[0][1]] * 2


async def test_who_leaves_says_so_first_with_the_time_of_leaving(mosquitto: Broker) -> None:
    async with node(mosquitto) as waiting, host(mosquitto) as (state, _):
        await until(lambda: waiting.online is True)
        await asyncio.sleep(0.01)
        await state.close()
        await until(lambda: waiting.online is False)
        assert [online for online, _, _ in waiting.heard] == [True, False]
        assert waiting.heard[1][1] > waiting.heard[0][1]


async def test_nobody_is_told_that_we_listen_while_the_intake_does_not(mosquitto: Broker) -> None:
    stands = asyncio.Event()
    async with node(mosquitto) as waiting, host(mosquitto, listening=stands.is_set):
        await asyncio.sleep(3 * host_state.POLL_S)
        assert waiting.heard == []
        stands.set()
        await until(lambda: waiting.online is True)
        stands.clear()
        await until(lambda: waiting.online is False)
        stands.set()
        await until(lambda: waiting.online is True)


@pytest.mark.parametrize("payload", [b"", b"OFFLINE", written(State(online=False, at_ms=1))])
async def test_a_late_will_is_answered_with_the_same_time_as_before(mosquitto: Broker, payload: bytes) -> None:
    async with node(mosquitto) as waiting, host(mosquitto):
        await until(lambda: waiting.online is True)
        await waiting.says(payload)
        await until(lambda: len(waiting.heard) == 3)
        assert waiting.heard[2][:2] == waiting.heard[0][:2]


async def test_a_later_word_is_overruled_by_a_later_session(mosquitto: Broker) -> None:
    """Else nodes would believe it for as long as its time lies ahead of ours."""
    ahead_ms = now_ms() + LATER_MS
    async with node(mosquitto) as waiting, host(mosquitto):
        await until(lambda: waiting.online is True)
        await waiting.says(written(State(online=False, at_ms=ahead_ms)))
        await until(lambda: waiting.heard[-1][:2] == (True, ahead_ms))


async def test_what_stood_there_before_is_replaced_once(mosquitto: Broker) -> None:
    async with node(mosquitto) as waiting:
        for _ in range(2):
            async with host(mosquitto):
                await until(lambda: waiting.online is True)
                await asyncio.sleep(0.3)
            await until(lambda: waiting.online is False)
        assert [online for online, _, _ in waiting.heard] == [True, False, True, False]


async def test_a_host_whose_clock_was_set_back_is_believed(mosquitto: Broker) -> None:
    async with node(mosquitto) as waiting:
        async with host(mosquitto, clock=lambda: now_ms() + LATER_MS):
            await until(lambda: waiting.online is True)
        said = len(waiting.heard)
        async with host(mosquitto):
            await until(lambda: len(waiting.heard) > said and waiting.online is True)
            await until(lambda: waiting.heard[-1][1] >= waiting.heard[said - 1][1])


async def test_a_second_program_with_our_id_is_named_and_not_quarrelled_with(mosquitto: Broker) -> None:
    with capture_logs() as logs:
        async with node(mosquitto) as waiting, host(mosquitto):
            await until(lambda: waiting.online is True)
            await waiting.says(written(State(online=True, at_ms=now_ms() + LATER_MS)))
            await until(lambda: any("a second program" in str(line.get("trouble")) for line in logs))
            await asyncio.sleep(0.3)
            assert len(waiting.heard) == 2


async def test_a_broker_that_comes_back_is_told_again(mosquitto: Broker) -> None:
    async with host(mosquitto):
        async with node(mosquitto) as waiting:
            await until(lambda: waiting.online is True)
        mosquitto.kill()
        mosquitto.start()
        async with node(mosquitto) as waiting:
            await until(lambda: waiting.online is True)


@pytest.mark.parametrize("refused", ["speak", "listen"])
async def test_a_broker_that_does_not_allow_it_is_named_with_what_to_do(tmp_path: Path, refused: str) -> None:
    broker = Broker(tmp_path)
    if refused == "speak":
        rules = tmp_path / "rules"
        rules.write_text(f"topic read {TOPIC}\n")
        broker.config = [f"acl_file {rules}"]
    else:
        broker.refuse_subscription(TOPIC)
    with capture_logs() as logs, broker:
        async with host(broker):
            await until(lambda: any(line["event"] == "sparkplug_host_state" for line in logs))
    (trouble,) = {line["trouble"] for line in logs if line["event"] == "sparkplug_host_state"}
    assert "does not let us speak and listen" in trouble
    assert f"`noroshi broker apply`, give our user the right to {TOPIC}" in trouble
