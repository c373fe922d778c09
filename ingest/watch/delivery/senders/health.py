"""Says at the broker how the watch stands: what is retained there stays when nobody watches any more.

It has its own pace, and a thread for the broker, so that no message waits for it. Who dies says nothing: readers take
what is older than 60 s for unknown.
"""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Thread

import structlog

from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.mqtt.publisher import Publisher
from ingest.store.database import Database
from ingest.watch.delivery.database.health import HealthNow, read_health
from ingest.watch.problems import Problem, Reason
from ingest.watch.talk import DOCUMENTS
from schemas.watch_message import WatchHealthSaid, WatchProblem

log = structlog.get_logger()

TOPIC = "noroshi/v1/{project}/watch/health"
EVERY_S = 10.0
ANSWER_S = 10.0
LAST_WORD_S = 1.0
"""Who ends has so long to say it: the process has to be gone soon."""

Failing = Callable[[], Mapping[str, str]]
"""What does not work in this process, and why; as `Heartbeat.failing`."""


class HealthAtBroker:
    """Publishes how the watch stands, of all projects, over the connection of another."""

    def __init__(self, publisher: Publisher, failing: Failing) -> None:
        self._publisher = publisher
        self._failing = failing
        self._connection_told = 0
        self._read_s = 0.0
        self._last: HealthNow | None = None
        self._thread: Thread | None = None
        self._trouble = ""

    def tick(self, connection: Database, connection_number: int) -> None:
        """Say it if it is time, or if the broker is another one; not while it still has to answer."""
        if self._thread is not None and self._thread.is_alive():
            return
        if connection_number == self._connection_told and time.monotonic() - self._read_s < EVERY_S:
            return
        self._connection_told, self._read_s = connection_number, time.monotonic()
        self._last = read_health(connection, fails=bool(self._failing().keys() - {DOCUMENTS}))
        self._thread = Thread(target=self._publish, args=(_said(self._last), ANSWER_S), name="health", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Say that nobody watches: who takes over says more within seconds. It takes `LAST_WORD_S` at most."""
        if self._last is None or not self._publisher.is_connected:
            return
        if self._thread is not None:
            self._thread.join(LAST_WORD_S / 2)
        at = self._last.at + timedelta(seconds=time.monotonic() - self._read_s)
        stopped = HealthNow(at, dict.fromkeys(self._last.problems, (Problem(Reason.STOPPED),)))
        self._publish(_said(stopped), LAST_WORD_S / 2)

    def _publish(self, payloads: dict[str, bytes], within_s: float) -> None:
        until_s = time.monotonic() + within_s
        try:
            for topic, payload in payloads.items():
                left_s = max(until_s - time.monotonic(), 0.0)
                self._publisher.publish(topic, payload, retain=True, timeout_s=left_s)
        except (BrokerUnavailable, BrokerRefused) as error:
            if error.said.en != self._trouble:
                log.warning("watch_health_not_published", error=error.said.en)
            self._trouble = error.said.en
        else:
            self._trouble = ""


def _said(health: HealthNow) -> dict[str, bytes]:
    """Topic -> payload."""
    return {
        TOPIC.format(project=project): WatchHealthSaid(
            project=project,
            at=health.at,
            problems=tuple(
                WatchProblem(
                    reason=each.reason.value, text_ja=each.text.ja, text_en=each.text.en, places=each.places
                )
                for each in problems
            ),
        ).model_dump_json().encode()
        for project, problems in health.problems.items()
    }  # fmt: skip
