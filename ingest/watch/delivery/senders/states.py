"""Publishes states in the order in which they were read, whichever thread has them: an older one never comes last."""

from itertools import count
from threading import Lock

from ingest.mqtt.publisher import Publisher

ANSWER_S = 10.0


class StatesAtBroker:
    """The retained states of one connection. Threads share it."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._numbers = count(1)
        self._lock = Lock()
        self._locks: dict[str, Lock] = {}
        self._published: dict[str, int] = {}

    def number(self) -> int:
        """A number for a state that is read after this call."""
        return next(self._numbers)

    def publish(self, topic: str, payload: bytes, number: int) -> None:
        """Publish a state, empty where nothing is open, unless a newer one is there. Blocking.

        Raises BrokerUnavailable, BrokerRefused.
        """
        with self._lock:
            own = self._locks.setdefault(topic, Lock())
        with own:
            if self._published.get(topic, 0) <= number:
                self._publisher.publish(topic, payload, retain=True, timeout_s=ANSWER_S)
                self._published[topic] = number
