"""The fresh lane: what is new comes before what the broker kept, and when the lane is there at all."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import pairwise

from ingest.message import FRESH, Received
from ingest.receive.factory import open_fresh_first
from ingest.receive.fresh_lane import AT_ONCE, LANE_MESSAGES, FreshFirst, Newest
from ingest.receive.lag import SETTLING_S, Lag, newest_own_us
from ingest.receive.mqtt5 import Mqtt5Intake
from ingest.receive.mqtt311 import Mqtt311Intake
from ingest.rows import MessageRows, UplinkRow
from ingest.settings.model import Settings
from schemas.uplink import EventKind
from tests.fixtures.broker import Broker
from tests.fixtures.proxy import ProxyTo
from tests.receive.helpers import now_us, payloads, publish5, until

SECOND_US = 1_000_000
NOW_US = 1_795_000_000 * SECOND_US
TICK_S = 0.25


def settings(url: str, **intake: float) -> Settings:
    broker = {"url": url, "client_id": "noroshi-ingest", "backoff_max_s": 0.5, "keep_alive_s": 5}
    return Settings.model_validate({"broker": broker, "intake": intake})


def make(url: str, **intake: float) -> FreshFirst:
    made = open_fresh_first(settings(url, **intake), now_us=now_us)
    assert isinstance(made, FreshFirst)
    return made


@asynccontextmanager
async def running(intake: FreshFirst) -> AsyncIterator[FreshFirst]:
    task = asyncio.create_task(intake.run())
    try:
        await until(lambda: intake.connected or task.done())
        yield intake
        await asyncio.wait_for(intake.close(), 5)
        await asyncio.wait_for(task, 5)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def kept(url: str, bodies: Sequence[bytes]) -> None:
    """The broker keeps these for the service, which was there once."""
    async with running(make(url)):
        pass
    await publish5(url, bodies)


def bodies(kind: bytes, count: int) -> list[bytes]:
    return [b"%s %d" % (kind, number) for number in range(count)]


async def take_all(intake: FreshFirst, count: int) -> list[Received]:
    taken: list[Received] = []
    async with asyncio.timeout(10):
        while len(taken) < count:
            some = await intake.take(100)
            assert len({message.fresh for message in some}) == 1, "messages of one connection at a time"
            taken += some
    return taken


async def test_what_is_published_after_the_connect_overtakes_what_was_kept(mosquitto: Broker) -> None:
    await kept(mosquitto.url, bodies(b"old", 500))
    async with running(make(mosquitto.url)) as intake:
        await until(lambda: intake.lane_open)
        await publish5(mosquitto.url, bodies(b"new", 3))
        await until(lambda: intake.held == 506)
        first = await intake.take(100)
        assert payloads(first) == bodies(b"new", 3)
        assert all(message.fresh and message.packet_id == 0 for message in first)
        rest = await take_all(intake, 503)
        assert payloads(rest) == bodies(b"old", 500) + bodies(b"new", 3), "the durable copies come in their order"
        assert not any(message.fresh for message in rest)


async def test_only_what_came_by_the_durable_session_is_acknowledged_to_the_broker(mosquitto: Broker) -> None:
    await kept(mosquitto.url, bodies(b"old", 10))
    async with running(make(mosquitto.url)) as intake:
        await until(lambda: intake.lane_open)
        await publish5(mosquitto.url, bodies(b"new", 5))
        messages = await take_all(intake, 20)
        fresh = [message for message in messages if message.fresh]
        durable = [message for message in messages if not message.fresh]
        intake.acknowledge(fresh)
        assert intake.held == 15
        intake.acknowledge(durable[:10])
        assert intake.held == 5
    async with running(make(mosquitto.url)) as intake:
        again = await take_all(intake, 5)
        assert payloads(again) == bodies(b"new", 5), "their durable copies were not acknowledged with the fresh ones"


async def test_a_batch_of_both_is_released_on_both_sides(mosquitto: Broker) -> None:
    await kept(mosquitto.url, bodies(b"old", 10))
    async with running(make(mosquitto.url)) as intake:
        await until(lambda: intake.lane_open)
        await publish5(mosquitto.url, bodies(b"new", 5))
        messages = await take_all(intake, 20)
        intake.acknowledge(sorted(messages, key=lambda message: message.fresh))
        assert intake.held == 0
        await until(lambda: not intake.lane_open)  # the session is dry
        await publish5(mosquitto.url, [b"later"])
        (later,) = await take_all(intake, 1)
        assert not later.fresh
        await asyncio.sleep(3 * TICK_S)
        assert (intake.held, intake.lane_open) == (1, False)


async def test_without_a_session_in_the_broker_there_is_no_lane(mosquitto: Broker) -> None:
    async with running(make(mosquitto.url)) as intake:
        assert not intake.lane_open
        await publish5(mosquitto.url, bodies(b"new", 20))
        messages = await take_all(intake, 20)
        await asyncio.sleep(2 * TICK_S)
        assert (intake.held, any(message.fresh for message in messages)) == (20, False)


async def test_after_a_broken_link_the_lane_stands_before_the_session_does(
    mosquitto: Broker, proxy_to: ProxyTo
) -> None:
    proxy = proxy_to(mosquitto.port)
    async with running(make(f"mqtt://127.0.0.1:{proxy.port}")) as intake:
        proxy.cut()
        await until(lambda: not intake.connected)
        await publish5(mosquitto.url, bodies(b"old", 300))
        proxy.heal()
        await until(lambda: intake.lane_open)
        await publish5(mosquitto.url, [b"new"])
        await until(lambda: intake.held == 302)
        assert payloads(await intake.take(100)) == [b"new"]
        assert intake.connects_total == 2, "the lane is not counted"


@asynccontextmanager
async def room_for_one(port: int) -> AsyncIterator[str]:
    """A door to the broker that lets one connection in at a time."""
    inside: set[asyncio.StreamWriter] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if inside:
            writer.close()
            return
        inside.add(writer)
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, there_writer), pump(there_reader, writer))
        inside.discard(writer)

    server = await asyncio.start_server(enter, "127.0.0.1", 0)
    async with server:
        yield f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for writer in inside:
            writer.close()


async def test_where_there_is_room_for_one_connection_the_durable_one_gets_it(mosquitto: Broker) -> None:
    await kept(mosquitto.url, bodies(b"old", 10))
    async with room_for_one(mosquitto.port) as url, running(make(url)) as intake:
        messages = await take_all(intake, 10)
        assert payloads(messages) == bodies(b"old", 10)
        assert (intake.connected, intake.lane_open) == (True, False)
        await publish5(mosquitto.url, [b"new"])
        assert payloads(await take_all(intake, 1)) == [b"new"]


def test_a_flood_leaves_the_newest_and_never_stops_the_broker() -> None:
    inbox = Newest(LANE_MESSAGES, 2**20)
    many = [Received("t", b"%d" % number, number) for number in range(3 * LANE_MESSAGES)]
    inbox.put(many[:LANE_MESSAGES], sum(len(one.payload) for one in many[:LANE_MESSAGES]))
    inbox.put(many[LANE_MESSAGES:], sum(len(one.payload) for one in many[LANE_MESSAGES:]))
    assert not inbox.above_high_watermark
    assert inbox.held == inbox.waiting == LANE_MESSAGES
    taken = inbox.take_now(10 * LANE_MESSAGES)
    assert taken == many[-LANE_MESSAGES:]
    assert all(message.generation == FRESH for message in taken)
    inbox.put([Received("t", bytes(2**21), 1)], 2**21)
    assert inbox.waiting == 0, "larger than all of it may be"
    inbox.release(taken)
    assert inbox.held == 0


async def test_a_flood_does_not_keep_the_backlog_from_draining(mosquitto: Broker) -> None:
    await kept(mosquitto.url, bodies(b"old", 900))
    async with running(make(mosquitto.url)) as intake:
        await until(lambda: intake.lane_open)
        await publish5(mosquitto.url, bodies(b"new", 400))
        await until(lambda: intake.held == 900 + 800)
        turns = [await intake.take(300) for _ in range(6)]
        assert [turn[0].fresh for turn in turns] == [True, False] * 3
        assert [len(turn) for turn in turns] == [AT_ONCE, 300] * 3


async def test_it_can_be_switched_off_and_belongs_to_mqtt_5(mosquitto: Broker) -> None:
    assert isinstance(open_fresh_first(settings(mosquitto.url, fresh_lag_s=0), now_us=now_us), Mqtt5Intake)
    old = Settings.model_validate({"broker": {"url": mosquitto.url, "protocol": "3.1.1"}})
    assert isinstance(open_fresh_first(old, now_us=now_us), Mqtt311Intake)


def interpreted(
    age_s: float,
    *,
    fresh: bool = False,
    received_us: int = NOW_US,
    kind: EventKind = EventKind.UPLINK,
    own: bool = True,
) -> MessageRows:
    """One stored message whose own time is `age_s` before NOW."""
    time_us = NOW_US - round(age_s * SECOND_US)
    message = Received("t", b"%f" % age_s, received_us, generation=FRESH if fresh else 1)
    row = UplinkRow(
        time_us, received_us, 1, None, None, 1, 1, None, None, None, None, kind, 1, 0, None, None, None, None
    )
    return MessageRows(message, "native", 1, row, [], [], by_receipt=not own)


def tick(lag: Lag, at_s: float, *batch: MessageRows, dry: bool = False) -> bool:
    """What a quarter of a second with this batch in it comes to; ages count from NOW + at_s."""
    if batch:
        lag.committed(batch)
    lag.tick(at_s, NOW_US + round(at_s * SECOND_US), dry=dry)
    return lag.wanted


def test_messages_that_stay_old_while_they_keep_flowing_open_the_lane() -> None:
    lag = Lag(20.0)
    assert not tick(lag, 0.0, interpreted(60))
    assert not tick(lag, 0.25, interpreted(60))
    assert tick(lag, 0.5, interpreted(60))
    assert lag.seconds(NOW_US) == 60


def test_one_honest_clock_among_devices_that_report_late_is_enough() -> None:
    lag = Lag(20.0)
    for number in range(20):
        assert not tick(
            lag,
            number * TICK_S,
            interpreted(3600),
            interpreted(3600),
            interpreted(1 - number * TICK_S),
            interpreted(90),
        )


def test_a_device_that_reports_late_now_and_then_opens_nothing() -> None:
    lag = Lag(20.0)
    for number in range(0, 40, 4):
        assert not tick(lag, number * TICK_S, interpreted(3600))
        assert not tick(lag, (number + 1) * TICK_S, dry=True)
        assert lag.seconds(NOW_US) == 0


def test_a_backfill_a_time_of_receipt_and_the_lane_itself_say_nothing_of_the_lag() -> None:
    silent = [interpreted(3600, kind=EventKind.BACKFILL), interpreted(3600, own=False), interpreted(0, fresh=True)]
    assert newest_own_us(silent) is None
    assert newest_own_us([*silent, interpreted(50), interpreted(40), interpreted(70)]) == NOW_US - 40 * SECOND_US


def test_an_unknown_lag_keeps_the_lane_for_a_moment_only() -> None:
    lag = Lag(20.0)
    lag.connecting(0.0)
    assert tick(lag, 0.25, interpreted(3600, own=False))
    assert not tick(lag, SETTLING_S + 0.5, interpreted(3600, own=False)), "nothing proved that it lags"
    lag.connecting(0.0)
    assert tick(lag, 0.25, interpreted(3600))
    assert tick(lag, 0.9, interpreted(3600))
    assert tick(lag, 30.0, interpreted(3600)), "it lags"
    assert not tick(lag, 30.25, dry=True)


def test_while_the_database_is_away_the_lane_stays() -> None:
    lag = Lag(20.0)
    lag.connecting(0.0)
    assert all(tick(lag, second) for second in range(1, 600))


def test_copies_that_arrive_together_close_the_lane_whatever_the_clocks_of_devices_say() -> None:
    """All devices of this field report an hour late: again and again it looks like a lag, less and less often."""
    lag = Lag(20.0)
    at_s, opened = 0.0, []
    while at_s < 600:
        wanted = lag.wanted
        copies = [interpreted(3600, fresh=True), interpreted(3600)] if wanted else [interpreted(3600)]
        if tick(lag, at_s, *copies) and not wanted:
            opened.append(at_s)
        at_s += TICK_S
    pauses = [later - earlier for earlier, later in pairwise(opened)]
    assert 4 <= len(opened) <= 8
    assert pauses == sorted(pauses)
    assert pauses[-1] > 100


def test_a_copy_that_comes_late_keeps_the_lane_open() -> None:
    lag = Lag(20.0)
    lag.connecting(0.0)
    for number in range(40):
        fresh = interpreted(100 + number, fresh=True)
        late = interpreted(100 + number, received_us=NOW_US + 5 * SECOND_US)
        assert tick(lag, number * TICK_S, fresh, late, interpreted(3600))
