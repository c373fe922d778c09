"""What the operator was told while something was broken, and what the service took meanwhile."""

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import orjson
import psutil

from tests.fixtures.service import ServiceProcess, identity_holds

EVERY_S = 0.1


@dataclass
class Told:
    """The extremes of what `/metrics` and `/readyz` said, and of the memory used."""

    oldest_unacknowledged_s: float = 0.0
    store_failures: float = 0.0
    batch_splits: float = 0.0
    held: float = 0.0
    store_was_away: bool = False
    broker_was_away: bool = False
    reasons: set[str] = field(default_factory=set)
    rss_mib: float = 0.0
    looks: int = 0
    broken: list[str] = field(default_factory=list)

    def reason(self, *words: str) -> bool:
        """Whether one of the reasons in /readyz held all these words."""
        return any(all(word in reason for word in words) for reason in self.reasons)


class Watch:
    """Looks at a service ten times a second from a thread of its own, whether it lives or not."""

    def __init__(self, service: ServiceProcess) -> None:
        self.told = Told()
        self._service = service
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(EVERY_S):
            self._look()

    def _look(self) -> None:
        told = self.told
        metrics = self._service.metrics()
        if "messages_received" not in metrics:
            return  # not started yet, or killed
        told.looks += 1
        if not identity_holds(metrics):
            told.broken.append(str({name: value for name, value in metrics.items() if name.startswith("messages_")}))
        told.oldest_unacknowledged_s = max(told.oldest_unacknowledged_s, metrics["oldest_unacknowledged_seconds"])
        told.store_failures = max(told.store_failures, metrics["store_failures"])
        told.batch_splits = max(told.batch_splits, metrics["batch_splits"])
        told.held = max(told.held, metrics["intake_held_messages"])
        told.store_was_away |= metrics["store_available"] == 0
        told.broker_was_away |= metrics["broker_connected"] == 0
        status, text = self._service.get("/readyz")
        if status == 503:
            told.reasons |= set(orjson.loads(text)["reasons"])
        with suppress(psutil.NoSuchProcess, AssertionError):
            rss = psutil.Process(self._service.process.pid).memory_info().rss
            told.rss_mib = max(told.rss_mib, rss / 2**20)
