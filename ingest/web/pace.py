"""How often an address may ask for what anybody may open: a bucket in memory for each, so that nobody can guess on."""

from collections import OrderedDict
from threading import Lock
from time import monotonic

from fastapi import HTTPException, Request

from ingest.runtime.clients import client_of
from ingest.web.noted import client_address

MOST_CLIENTS = 10_000
TOO_OFTEN = 429


class Pace:
    """Lets each client through `most` times, then once in `each_s` seconds. Thread-safe."""

    def __init__(self, most: int, each_s: float) -> None:
        self._most = most
        self._each_s = each_s
        self._lock = Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, client: str, now_s: float) -> float:
        """0 if the client is let through, and then it counts; else after how many seconds to come again."""
        with self._lock:
            level, at_s = self._levels.get(client, (0.0, now_s))
            level = max(0.0, level - (now_s - at_s) / self._each_s)
            full = level + 1 > self._most
            self._levels[client] = (level if full else level + 1, now_s)
            self._levels.move_to_end(client)
            if len(self._levels) > MOST_CLIENTS:
                self._levels.popitem(last=False)
            return (level + 1 - self._most) * self._each_s if full else 0.0

    def require(self, request: Request) -> None:
        """Raise HTTPException (429) for whoever asks too often."""
        wait_s = self.wait_s(client_of(client_address(request)), monotonic())
        if wait_s > 0:
            headers = {"Retry-After": str(int(wait_s) + 1)}
            raise HTTPException(TOO_OFTEN, "Too many requests from your address.", headers=headers)
