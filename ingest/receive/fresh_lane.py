"""Now first: after an outage, what is published from now on does not wait behind what the broker kept for us.

The durable session delivers its queue in order. While it lags, a second connection (the fresh lane) with a session
of its own, which the broker forgets with the connection, brings only what is published meanwhile. Every message of
the lane comes by the durable session too, later: there it is a duplicate by its key. So the lane may lose anything
at any time; it asks for QoS 0, acknowledges nothing, and keeps only the newest messages when there are too many.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence

import mqtt5
import structlog

from ingest.errors import BrokerRefused
from ingest.message import FRESH, Received
from ingest.mqtt.connection import first_of
from ingest.receive.buffer import Inbox
from ingest.receive.lag import Lag
from ingest.receive.mqtt5 import Mqtt5Intake
from ingest.receive.turns import MESSAGE_BYTES
from ingest.rows import MessageRows
from ingest.settings.broker import BrokerSettings
from ingest.settings.model import IntakeSettings

TICK_S = 0.25
DRY_AFTER_TICKS = 2
LANE_MESSAGES = 1_000
LANE_BYTES = 8 * 2**20
AT_ONCE = 50
"""Most messages of the lane before the durable session has its turn: a flood must not stop the drain."""
LANE_FIRST_S = 0.5
"""How long the durable session waits for the lane to stand, so that nothing is published in between."""


class Newest(Inbox):
    """An inbox that is never full: when too much is held, messages not taken yet are dropped, the oldest first."""

    @property
    def above_high_watermark(self) -> bool:
        """False: a lane that may lose anything must not make the broker wait."""
        return False

    def put(self, messages: Sequence[Received], payload_bytes: int) -> None:
        """Take in what one read brought, as messages of the lane."""
        for message in messages:
            message.generation = FRESH
        super().put(messages, payload_bytes)
        if self._too_much:
            self._thin_out()
        while self._waiting and self._too_much:
            self.release((self._waiting.popleft(),))

    def take_now(self, limit: int) -> list[Received]:
        """Up to `limit` messages in arrival order, or an empty list. They are few: turns are not needed."""
        return self._take_first(limit)

    @property
    def _too_much(self) -> bool:
        return self.held > self._window_messages or self._held_bytes > self._window_bytes

    def _thin_out(self) -> None:
        """Drop the oldest messages of a sender that fills more than half of the lane, to make room for the others."""
        filled = Counter[str]()
        for message in self._waiting:
            filled[message.topic] += len(message.payload) + MESSAGE_BYTES
        topic, most = filled.most_common(1)[0] if filled else ("", 0)
        if 2 * most > filled.total():
            everything, self._waiting = self._waiting, deque()
            for message in everything:
                if message.topic == topic and self._too_much:
                    self.release((message,))
                else:
                    self._waiting.append(message)


class FreshLane(Mqtt5Intake):
    """The second connection: clean start, no session afterwards, QoS 0, the same filters."""

    _clean_start = True
    _qos = mqtt5.QoS.AT_MOST_ONCE

    def __init__(
        self,
        broker: BrokerSettings,
        intake: IntakeSettings,
        filters: Sequence[str],
        inbox: Newest,
        *,
        now_us: Callable[[], int],
    ) -> None:
        own = broker.model_copy(update={"client_id": f"{broker.client_id_in_use}-fresh", "session_expiry_s": 0})
        log = structlog.get_logger("ingest.receive").bind(lane="fresh")
        super().__init__(own, intake, filters, now_us=now_us, log=log)
        self._inbox = inbox
        self.stood: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def _standing(self) -> None:
        super()._standing()
        if not self.stood.done():
            self.stood.set_result(None)


class FreshFirst:
    """An Intake (see message.py): the durable session, and the fresh lane before it while it lags."""

    def __init__(
        self,
        durable: Mqtt5Intake,
        make_lane: Callable[[Newest], FreshLane],
        *,
        old_s: float,
        now_us: Callable[[], int],
    ) -> None:
        self._durable = durable
        self._make_lane = make_lane
        self._now_us = now_us
        self._lag = Lag(old_s)
        self._fresh = Newest(LANE_MESSAGES, LANE_BYTES, arrived=durable.arrived)
        self._arrived = durable.arrived
        self._durables_turn = False
        self._lane: FreshLane | None = None
        self._lane_runs: asyncio.Task[None] | None = None
        self._refused = ""
        self._paused = False
        self._connects_before = -1
        self._lane_follows = False
        self._held_back = False
        self._session_kept = True
        durable.before_connect = self._before_connect
        durable.new_session = self._no_queue

    @property
    def durable(self) -> Mqtt5Intake:
        """The durable session, which loses nothing."""
        return self._durable

    @property
    def connected(self) -> bool:
        """Whether the durable session stands; without the lane nothing is missing, only late."""
        return self._durable.connected

    @property
    def held(self) -> int:
        """Messages of both connections handed out or waiting."""
        return self._durable.held + self._fresh.held

    @property
    def connects_total(self) -> int:
        """Connections of the durable session; the lane comes and goes by design."""
        return self._durable.connects_total

    @property
    def trouble(self) -> str:
        """Why the durable session does not stand; empty while it does."""
        return self._durable.trouble

    @property
    def lane_open(self) -> bool:
        """Whether the fresh lane stands."""
        return self._lane is not None and self._lane.connected

    def hold_lane(self) -> None:
        """Open no lane until `free_lane`: what may have killed an earlier life must not come by it unseen."""
        self._held_back = True

    def free_lane(self) -> None:
        """From now on the lane opens when it is wanted; at once if the session that stands had a queue for us."""
        self._held_back = False
        if self._session_kept:
            self._lag.connecting(asyncio.get_running_loop().time())

    def lag_s(self) -> float:
        """How old the newest measurement is that the durable session brought; 0 while its queue is empty."""
        return self._lag.seconds(self._now_us())

    def committed(self, batch: Sequence[MessageRows]) -> None:
        """Learn the lag from a committed batch. To be called for each one."""
        self._lag.committed(batch)

    async def take(self, limit: int) -> list[Received]:
        """Wait for a message; return messages of one connection, the lane's first."""
        while True:
            if not (self._durables_turn and self._durable.waiting):
                taken = self._fresh.take_now(min(limit, AT_ONCE))
                if taken:
                    self._durables_turn = True
                    return taken
            self._durables_turn = False
            taken = self._durable.take_now(limit)
            if taken:
                return taken
            if not self._fresh.waiting:
                self._arrived.clear()
                await self._arrived.wait()

    async def take_in_order(self, limit: int) -> list[Received]:
        """Take from the durable session alone; after `hold_lane` there is nothing else."""
        return await self._durable.take_in_order(limit)

    def acknowledge(self, messages: Sequence[Received]) -> None:
        """Acknowledge messages of the durable session, and release those of the lane: they need no acknowledgement."""
        if self._fresh.held:
            ours = [message for message in messages if message.fresh]
            if ours:
                self._fresh.release(ours)
                messages = [message for message in messages if not message.fresh]
        self._durable.acknowledge(messages)

    def publish(self, topic: str, payload: bytes) -> bool:
        """Send a message by the durable session; whether it left."""
        return self._durable.publish(topic, payload)

    def pause(self) -> None:
        """Take no more messages off either wire, and open no lane any more."""
        self._paused = True
        self._durable.pause()
        if self._lane is not None:
            self._lane.pause()

    async def run(self) -> None:
        """Run the durable session until `close`, and the lane while it is wanted. Raises BrokerRefused."""
        durable = asyncio.create_task(self._durable.run(), name="durable session")
        watch = asyncio.create_task(self._watch(), name="fresh lane")
        try:
            await asyncio.wait({durable, watch}, return_when=asyncio.FIRST_COMPLETED)
            for task in (durable, watch):
                if task.done():
                    task.result()
        finally:
            durable.cancel()
            watch.cancel()
            await asyncio.gather(durable, watch, return_exceptions=True)
            await self._close_lane()

    async def close(self) -> None:
        """Disconnect the lane and the durable session."""
        self._paused = True
        await self._close_lane()
        await self._durable.close()

    async def _watch(self) -> None:
        """Look at the lag a few times a second, and open or close the lane."""
        durable, loop = self._durable, asyncio.get_running_loop()
        quiet_ticks = received = 0
        while True:
            quiet = durable.held == 0 and durable.received_total == received
            received = durable.received_total
            if self._lane_follows and durable.connected:
                self._lane_follows = False
                self._lag.connecting(loop.time())
            quiet_ticks = quiet_ticks + 1 if quiet else 0
            self._lag.tick(loop.time(), self._now_us(), dry=quiet_ticks >= DRY_AFTER_TICKS)
            if self._lag.wanted and self._lane is None and not (self._paused or self._held_back or self._refused):
                self._open_lane()
            elif self._lane is not None and not self._lag.wanted:
                await self._close_lane()
            await asyncio.sleep(TICK_S)

    async def _before_connect(self) -> None:
        """Open the lane before the durable session connects, so that no message is published in between.

        Not so if the lane stood last time and the session did not: the broker may let in only one of the two.
        """
        self._session_kept = True
        if self._paused or self._held_back:
            return
        crowded_out = self._lane_follows or (self._lane is not None and self._lane.stood.done())
        self._lane_follows = crowded_out and self._connects_before == self._durable.connects_total
        self._connects_before = self._durable.connects_total
        self._refused = ""
        self._lag.nothing_kept()
        await self._close_lane()  # a lane that pauses between two attempts would stand too late
        if not self._lane_follows:
            self._lag.connecting(asyncio.get_running_loop().time())
            lane, runs = self._open_lane()
            await first_of(lane.stood, runs, timeout_s=LANE_FIRST_S)

    async def _no_queue(self) -> None:
        """Close the lane: the broker kept no queue to overtake, and every message would come twice."""
        self._lane_follows = self._session_kept = False
        self._lag.nothing_kept()
        await self._close_lane()

    def _open_lane(self) -> tuple[FreshLane, asyncio.Task[None]]:
        self._lane = self._make_lane(self._fresh)
        self._lane_runs = asyncio.create_task(self._run_lane(self._lane), name="fresh lane's connection")
        return self._lane, self._lane_runs

    async def _run_lane(self, lane: FreshLane) -> None:
        """Run the lane. If the broker refuses it (its access rules may name our client id), only the order is lost."""
        try:
            await lane.run()
        except BrokerRefused as error:
            self._refused = str(error)
            structlog.get_logger("ingest.receive").warning("fresh_lane_refused", trouble=self._refused)

    async def _close_lane(self) -> None:
        lane, runs = self._lane, self._lane_runs
        self._lane = self._lane_runs = None
        if lane is None or runs is None:
            return
        try:
            if not runs.done():
                await lane.close()
        finally:
            runs.cancel()
            await asyncio.gather(runs, return_exceptions=True)
