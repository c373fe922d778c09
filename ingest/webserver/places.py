"""How many connections there may be, in all and from one address, and who leaves when another comes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(eq=False)
class Place:
    """One connection. `waiting`: nothing is being answered on it, so it may be closed for another."""

    client: str
    close: Callable[[], object] = field(default=lambda: None)
    waiting: bool = True


class Places:
    """A newcomer is taken in; if there is no room, an idle connection of whoever has most of them leaves for it.

    So somebody who opens connections and says nothing shuts out nobody, not even behind the same proxy.
    """

    def __init__(self, most: int, most_per_client: int) -> None:
        self._most = most
        self._most_per_client = most_per_client
        self._taken: dict[Place, None] = {}
        """In the order of their coming."""
        self._of: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._taken)

    def enter(self, client: str) -> Place | None:
        """A place for a new connection, perhaps of another that is closed for it; None if there is none."""
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
        """The connection is gone. May be said twice."""
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
        """Of those that have more than the newcomer would have; else its own, else nobody's."""
        for client, count in self._of.most_common():
            if count <= self._of[newcomer] + 1:
                break
            if (found := self._longest_waiting(client)) is not None:
                return found
        return self._longest_waiting(newcomer)
