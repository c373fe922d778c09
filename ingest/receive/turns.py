"""Turns: where one sender's messages fill the inbox, those of another do not wait behind all of them.

Deficit round robin: each sender that waits has a queue of its own, and a turn brings it as many bytes as any other.
The order within a queue is that of arrival. What is taken out of the order of arrival is acknowledged in it all the
same: a message that is done waits here until all that arrived before it are done too.
"""

from collections import deque
from collections.abc import Callable, Sequence

from ingest.message import Received
from ingest.settings.routes import Route

TURN_BYTES = 16 * 2**10
"""What a turn brings. A message that is larger waits for as many turns as it needs."""
MESSAGE_BYTES = 256
"""What a message costs besides its payload."""


class Turns:
    """Messages that wait in turns, and those taken from here that are not acknowledged yet."""

    def __init__(self, sender_of: Callable[[str], str]) -> None:
        self._sender_of = sender_of
        self._queues: dict[str, deque[Received]] = {}
        self._credits: dict[str, int] = {}
        self._next = deque[str]()
        self._arrived = deque[Received]()
        self._unfinished = set[int]()
        """Identities of those in `_arrived` that are not acknowledged yet."""
        self._waiting = 0
        self.generation = 0
        """Number of the connection on which what waits came."""

    def __len__(self) -> int:
        return self._waiting

    @property
    def pending(self) -> bool:
        """Whether a message that passed here is not released yet."""
        return bool(self._arrived)

    def admit(self, arrived: deque[Received]) -> None:
        """Take over what arrived, up to the first message of a later connection: that overtakes none of this one."""
        queues, order, unfinished = self._queues, self._arrived, self._unfinished
        if not self._waiting and arrived:
            self.generation = arrived[0].generation
        while arrived and arrived[0].generation == self.generation:
            message = arrived.popleft()
            order.append(message)
            unfinished.add(id(message))
            sender = self._sender_of(message.topic)
            queue = queues.get(sender)
            if queue is None:
                queues[sender] = deque((message,))
                self._credits[sender] = 0
                self._next.append(sender)
            else:
                queue.append(message)
            self._waiting += 1

    def take(self, limit: int, most_bytes: int) -> list[Received]:
        """Up to `limit` messages, and no more once `most_bytes` of payload are taken: at least one if any waits."""
        taken = list[Received]()
        bytes_left = most_bytes
        while self._next and len(taken) < limit and bytes_left > 0:
            turn = self._turn(self._next.popleft(), limit - len(taken), bytes_left)
            bytes_left -= sum([len(message.payload) for message in turn])
            taken += turn
        self._waiting -= len(taken)
        return taken

    def _turn(self, sender: str, limit: int, most_bytes: int) -> list[Received]:
        """What one sender may bring in one turn; after it all the others have theirs."""
        queue, credit = self._queues[sender], self._credits[sender] + TURN_BYTES
        turn = list[Received]()
        while queue and len(turn) < limit and most_bytes > 0:
            cost = len(queue[0].payload) + MESSAGE_BYTES
            if cost > credit:
                break
            credit -= cost
            most_bytes -= cost
            turn.append(queue.popleft())
        if queue:
            self._credits[sender] = credit
            self._next.append(sender)
        else:
            del self._queues[sender], self._credits[sender]
        return turn

    def in_order(self, done: Sequence[Received]) -> list[Received]:
        """What may be acknowledged now that these are done, in the order of arrival; the rest waits."""
        order, unfinished = self._arrived, self._unfinished
        released = list[Received]()
        for message in done:
            if id(message) in unfinished:  # it is alive in `_arrived`, so no other has its identity
                unfinished.remove(id(message))
            else:  # it was taken before turns began, or after they ended
                released.append(message)
        while order and id(order[0]) not in unfinished:
            released.append(order.popleft())
        return released


def whole_topic(topic: str) -> str:
    """Each topic is a sender of its own."""
    return topic


def senders(ordered: Sequence[Route]) -> Callable[[str], str]:
    """A function from topic to sender. On these routes it is the node: its messages need their order across topics."""
    patterns = [route.topic.split("/") for route in ordered]
    prefixes = tuple({_literal_head(route.topic) for route in ordered})

    def sender_of(topic: str) -> str:
        if topic.startswith(prefixes):
            levels = topic.split("/")
            for pattern in patterns:
                if _matches(pattern, levels):
                    named = dict(zip(pattern, levels, strict=True))
                    return f"\0{named.get('{group}', '')}/{named.get('{node}', '')}"  # no topic has a NUL in it
        return topic

    return sender_of if patterns else whole_topic


def _literal_head(topic: str) -> str:
    return topic.split("{", 1)[0].split("+", 1)[0]


def _matches(pattern: Sequence[str], levels: Sequence[str]) -> bool:
    return len(pattern) == len(levels) and all(
        wanted == "+" or wanted.startswith("{") or wanted == level
        for wanted, level in zip(pattern, levels, strict=True)
    )
