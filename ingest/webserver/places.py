"""Limits the connections, in all and from one address, and decides which one is closed for a new one."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(eq=False)
class Place:
    """The place of one connection. `waiting`: no request is being answered, so it may be closed for another."""

    client: str
    close: Callable[[], object] = field(default=lambda: None)
    waiting: bool = True


class Places:
    """The places of all connections. Without a free place, an idle connection of the client with most is closed.

    So a client that opens connections and sends nothing shuts out nobody, not even behind the same proxy.
    """

    def __init__(self, most: int, most_per_client: int) -> None:
        self._most = most
        self._most_per_client = most_per_client
        self._taken: dict[Place, None] = {}
        """The places in the order in which they were taken."""
        self._of: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._taken)

    def enter(self, client: str) -> Place | None:
        """A place for a new connection, for which an idle one may be closed; None if no place can be had."""
        leaves: Place | None = None
        if self._of[client] >= self._most_per_client:
            leaves = self._longest_waiting(client)
        elif len(self._taken) >= self._most:
            leaves = self._of_the_greediest(client)
        else:
            return self._take(client)
        if leaves is None:
            return None
        self.leave(leaves)
        leaves.close()
        return self._take(client)

    def leave(self, place: Place) -> None:
        """Free the place of a connection that is gone. A second call does nothing."""
        if place in self._taken:
            del self._taken[place]
            self._of[place.client] -= 1
            if not self._of[place.client]:
                del self._of[place.client]

    def _take(self, client: str) -> Place:
        place = Place(client)
        self._taken[place] = None
        self._of[client] += 1
        return place

    def _longest_waiting(self, client: str) -> Place | None:
        return next((place for place in self._taken if place.waiting and place.client == client), None)

    def _of_the_greediest(self, newcomer: str) -> Place | None:
        """An idle place of a client with more than the newcomer would have; else of its own; else None."""
        for client, count in self._of.most_common():
            if count <= self._of[newcomer] + 1:
                break
            if (found := self._longest_waiting(client)) is not None:
                return found
        return self._longest_waiting(newcomer)
