"""What travels from the broker into the pipeline, and the one door it comes through."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

FRESH: Final = -1
"""The generation of a message of the fresh lane (see receive/fresh_lane.py).

Its durable copy comes later, and that one is acknowledged."""


class Received:
    """One PUBLISH as it came off the wire, with what is needed to acknowledge it.

    `received_us`: microseconds since 1970 (UTC). `packet_id`: 0 for QoS 0.
    `generation`: number of the connection it came on. Packet ids are reused, so a handle of an
    earlier connection acknowledges nothing: the broker delivers its message again.
    """

    __slots__ = ("duplicate", "generation", "packet_id", "payload", "received_us", "retain", "topic")

    def __init__(
        self,
        topic: str,
        payload: bytes,
        received_us: int,
        packet_id: int = 0,
        generation: int = 0,
        retain: bool = False,  # noqa: FBT001, FBT002  by position it costs a tenth less, and every message needs one
        duplicate: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        self.topic = topic
        self.payload = payload
        self.received_us = received_us
        self.packet_id = packet_id
        self.generation = generation
        self.retain = retain
        self.duplicate = duplicate

    @property
    def fresh(self) -> bool:
        """Whether it came by the fresh lane."""
        return self.generation == FRESH

    def __repr__(self) -> str:
        return f"<Received {self.topic} {len(self.payload)} bytes, packet {self.packet_id}/{self.generation}>"


class Intake(Protocol):
    """A source of messages. `acknowledge` alone tells the broker that a message is stored."""

    @property
    def connected(self) -> bool:
        """Whether the broker answers and our subscriptions stand."""

    @property
    def held(self) -> int:
        """Messages handed out or waiting, not yet acknowledged: what memory is bounded by."""

    @property
    def connects_total(self) -> int:
        """Connections made so far; each one after the first is a reconnect."""

    @property
    def trouble(self) -> str:
        """Why there is no connection, in words for an operator; empty while there is one."""

    async def run(self) -> None:
        """Connect, subscribe, receive, reconnect with back-off; until `close`.

        Raises BrokerRefused when the broker says no for good (credentials, protocol version).
        """

    async def take(self, limit: int) -> list[Received]:
        """Wait until there is at least one message; return up to `limit`.

        In arrival order, unless one sender fills the window: then senders have turns, and the messages of each keep
        their order.
        """

    async def take_in_order(self, limit: int) -> list[Received]:
        """As `take`, but always in arrival order. To be called only before the first `take`."""

    def acknowledge(self, messages: Sequence[Received]) -> None:
        """Release messages that are done, in the order in which they were taken.

        The acknowledgements leave in arrival order: one whose message overtook others waits for theirs. Messages of an
        earlier connection are released without an acknowledgement.
        """

    def publish(self, topic: str, payload: bytes) -> bool:
        """Send a message with QoS 0, if there is a connection; whether it left."""

    def pause(self) -> None:
        """Take no more messages off the wire: the first step of an orderly stop."""

    async def close(self) -> None:
        """Disconnect politely; the broker keeps our session and what we did not acknowledge."""


class Canary(NamedTuple):
    """Messages left in flight in a session beside ours. If they come again under these ids, the broker kept packet ids.

    `broker`: where they are. `token`: how their payloads begin, so that messages of an earlier canary are not taken
    for them. `position`: that of our session (see FirstReceipts) when they were sent; they prove nothing for what was
    received before it.
    """

    broker: str
    token: str
    packet_ids: tuple[int, ...]
    position: int = 0
