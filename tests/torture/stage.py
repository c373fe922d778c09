"""One scenario's world: a database, a broker, breakable links, the service, and a count of every message."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import MappingProxyType

import psutil

from tests.acceptance.fleet import document, register
from tests.fixtures.broker import Broker, BrokerProcess
from tests.fixtures.database import Database, fresh_database, installed
from tests.fixtures.post_office import SENDER, open_office
from tests.fixtures.postgres import Postgres
from tests.fixtures.processes import remove
from tests.fixtures.proxy import Proxy
from tests.fixtures.service import ServiceProcess
from tests.torture.feeder import Feeder, publish
from tests.torture.sent import Sent
from tests.torture.verdict import Verdict, arrived, judge
from tests.torture.watch import Told, Watch
from tests.torture.watching import FailingReceiver, apply_document, judge_watching, watch_document

SETTLE_WITHIN_S = 90.0
IDLE_S = 20.0
"""Nothing under way, nothing new, for so long: what is not there now does not come any more."""

_numbers = itertools.count()

SLOW_MAIL_S = 1.0

FORGIVING_S = 2.0
"""The same where all that is missing may be lost by the broker."""

MakeBroker = Callable[[Path], BrokerProcess]


@dataclass(frozen=True)
class Plan:
    """What a scenario needs to be set up. `postgres`: settings of a server of its own; None takes the shared one."""

    devices: int = 20
    untimed_every: int = 7
    junk_every: int = 50
    settings: Mapping[str, str] = field(default_factory=dict)
    postgres: Mapping[str, str] | None = None
    broker: MakeBroker = Broker
    workers: int = 1
    watched: bool = True
    """Crossings are watched, and told to a receiver that fails and to a slow server of mail."""


class Servers:
    """PostgreSQL servers with fsync on, one for each set of settings, kept from one scenario to the next."""

    # Few enough connections that a scenario can take all of them.
    SHARED = MappingProxyType({"max_connections": "30", "superuser_reserved_connections": "0"})

    def __init__(self, name: str = "plain") -> None:
        self._name = name
        self._running: dict[frozenset[tuple[str, str]], Postgres] = {}

    def get(self, settings: Mapping[str, str] | None) -> Postgres:
        """A running server with these settings, or the shared one."""
        wanted = dict(self.SHARED if settings is None else settings)
        key = frozenset(wanted.items())
        if key not in self._running:
            self._running[key] = Postgres(installed(self._name), fsync=True, settings=wanted)
        self._running[key].start()
        return self._running[key]

    def discard(self) -> None:
        """Stop them and remove their data."""
        while self._running:
            self._running.popitem()[1].discard()


class Service(ServiceProcess):
    """The service with as many workers as a plan says."""

    def __init__(
        self, directory: Path, database_url: str, broker_url: str, settings: Mapping[str, str], workers: int
    ) -> None:
        super().__init__(directory, database_url, broker_url, settings)
        self._command += ["--workers", str(workers)]

    def members(self) -> list[psutil.Process]:
        """The processes of the workers, where there are several."""
        return self.children("ingest.service.workers")


@dataclass
class Stage:
    """What a scenario acts on. The service reaches broker and database through `to_broker` and `to_database`."""

    folder: Path
    chance: Random
    size: int
    times: int
    broker: BrokerProcess
    postgres: Postgres
    database: Database
    to_broker: Proxy
    to_database: Proxy
    service: Service
    sent: Sent
    told: Told
    receiver: FailingReceiver
    watched: bool
    afterwards: ExitStack
    """What is to be undone when the database is gone."""
    recovery_s: float = 0.0
    remarks: list[str] = field(default_factory=list)
    """What was not as it should be."""
    notes: list[str] = field(default_factory=list)
    """What was measured besides."""
    forgivable: set[int] = field(default_factory=set)
    done: int = 0
    """How often the fault was brought about."""

    def publish(self, count: int) -> None:
        """So many new messages, as fast as the broker takes them."""
        publish(self.broker.url, self.sent, count)

    def feeding(self, count: int, per_second: float = 2_000) -> Feeder:
        """`with stage.feeding(...)`: live load in the background."""
        return Feeder(self.broker.url, self.sent, count, per_second)

    def pause(self, shortest_s: float, longest_s: float) -> None:
        """A random while."""
        time.sleep(self.chance.uniform(shortest_s, longest_s))

    def until(self, condition: Callable[[], bool], what: str, within_s: float = 90.0) -> None:
        """Wait for a condition; what does not come in time is part of the verdict."""
        deadline_s = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline_s:
                self.remarks.append(f"not within {within_s:g} s: {what}")
                return
            time.sleep(0.02)

    def expect(self, condition: object, what: str) -> None:
        """Something the operator must have been told, or that must have been so."""
        if not condition:
            self.remarks.append(f"not so: {what}")

    def settle(self) -> None:
        """From the moment of healing until everything is there and nothing is under way; notes the longest."""
        healed_s = last_s = time.monotonic()
        seen, wanted = -1, len(self.sent.acknowledged()) + self.sent.equal
        while time.monotonic() < healed_s + SETTLE_WITHIN_S:
            now_s, there, calm = time.monotonic(), arrived(self.database.url), self._calm()
            if calm and there >= wanted:
                self.recovery_s = max(self.recovery_s, now_s - healed_s)
                return
            if there != seen or not calm:
                seen, last_s = there, now_s
                self.recovery_s = max(self.recovery_s, now_s - healed_s)
            if now_s - last_s > (FORGIVING_S if there >= wanted - len(self.forgivable) else IDLE_S):
                return
            time.sleep(0.05)
        self.remarks.append(f"still not settled after {SETTLE_WITHIN_S:g} s: {self.service.get('/readyz')[1]}")

    def _calm(self) -> bool:
        metrics = self.service.metrics()
        return (
            metrics.get("broker_connected") == 1
            and metrics["intake_held_messages"] == 0
            and metrics["messages_in_flight"] == 0
        )

    def verdict(self) -> Verdict:
        """Count everything; broken identities and what was not told belong to it."""
        time.sleep(0.3)  # anything doubled would come now
        verdict = judge(self.database.url, self.sent, self.forgivable)
        if self.watched and not verdict.lost:
            verdict.wrong += judge_watching(self.database.url, self.receiver)
        verdict.wrong += [f"identity broken: {broken}" for broken in self.told.broken[:3]] + self.remarks
        return verdict


@contextmanager
def staged(plan: Plan, servers: Servers, folder: Path, chance: Random, *, size: int, times: int) -> Iterator[Stage]:
    """Set a stage: everything started, the service ready, nothing published yet."""
    with ExitStack() as stack:
        afterwards = stack.enter_context(ExitStack())
        place = folder / f"stage-{next(_numbers)}"
        (place / "broker").mkdir(parents=True)
        (place / "service").mkdir()
        postgres = servers.get(plan.postgres)
        database = fresh_database(postgres)
        stack.callback(database.drop)
        register(database.url, document(plan.devices))
        broker = plan.broker(place / "broker")
        stack.callback(remove, broker.directory)
        stack.enter_context(broker)
        to_broker, to_database = stack.enter_context(Proxy(broker.port)), stack.enter_context(Proxy(postgres.port))
        url = database.url.replace(f":{postgres.port}/", f":{to_database.port}/")
        receiver, settings = stack.enter_context(FailingReceiver(Random(chance.random()))), dict(plan.settings)
        if plan.watched:
            settings |= _watch(stack, place, database.url, plan.devices, receiver)
        service = Service(place / "service", url, f"mqtt://127.0.0.1:{to_broker.port}", settings, plan.workers)
        stack.callback(lambda: service.kill() if service.started else None)
        service.start()
        watch = stack.enter_context(Watch(service))
        sent = Sent(plan.devices, plan.untimed_every, plan.junk_every)
        yield Stage(
            place, chance, size, times, broker, postgres, database, to_broker, to_database, service, sent, watch.told,
            receiver, plan.watched, afterwards,
        )  # fmt: skip


def _watch(stack: ExitStack, place: Path, url: str, devices: int, receiver: FailingReceiver) -> dict[str, str]:
    """Have the devices watched; returns the settings of the mail server, which takes its time."""
    secret = place / "secret"
    secret.write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    secret.chmod(0o600)
    apply_document(url, watch_document(devices, receiver.url, secret, mail_to="office@city.example.jp"))
    office = stack.enter_context(open_office())
    office.before_answer = lambda: time.sleep(SLOW_MAIL_S)
    return {
        "NOROSHI_MAIL__HOST": "localhost", "NOROSHI_MAIL__PORT": str(office.port), "NOROSHI_MAIL__TLS": "none",
        "NOROSHI_MAIL__SENDER": SENDER,
    }  # fmt: skip
