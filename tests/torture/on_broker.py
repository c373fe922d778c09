"""Faults of the broker: killed with and without warning, one that does not keep to the receive maximum."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.deploy.forky import FORKY
from tests.fixtures.broker import Broker, BrokerProcess
from tests.torture.rude_broker import RudeBroker
from tests.torture.stage import Plan, Stage

FLUSH_S = 1.0


def killed(stage: Stage) -> None:
    """kill -9 of the broker under load, and a new start.

    What it acknowledged to the field after its last save, and had not delivered yet, it loses by itself.
    """
    # A session that was never saved is forgotten (see `killed_young`): wait until it is.
    since_s = time.time()
    stage.until(lambda: _saves(stage, since_s), "the session of the service is saved")
    with stage.feeding(stage.size, per_second=1_500):
        for _ in range(stage.times):
            stage.pause(0.8, 2)
            stage.broker.kill()
            stage.pause(0.2, 0.5)  # the field notes the last acknowledgements it got
            stage.forgivable |= stage.sent.after(last_save_s(stage.broker))
            stage.broker.start()
            stage.done += 1
            stage.until(lambda: stage.service.metrics().get("broker_connected") == 1, "the broker is found again")
    stage.settle()
    stage.expect(stage.told.broker_was_away, "broker_connected said 0")
    stage.expect(stage.told.reason("mqtt://"), f"readyz named the broker: {stage.told.reasons}")


def _saves(stage: Stage, since_s: float) -> bool:
    """Whether the broker has saved since then; it is given something to save, for else it may do nothing."""
    stage.publish(1)
    return last_save_s(stage.broker) > since_s


def killed_young(stage: Stage) -> None:
    """kill -9 before the session of the service was ever saved: what is published before it is back finds nobody."""
    stage.to_broker.cut()
    stage.broker.kill()
    stage.expect(last_save_s(stage.broker) == 0, "nothing was saved yet, else this shows nothing")
    stage.broker.start()
    stage.publish(stage.size // 2)
    stage.forgivable |= stage.sent.acknowledged()
    stage.to_broker.heal()
    stage.done += 1
    stage.until(lambda: stage.service.metrics().get("broker_connected") == 1, "the broker is found again")
    stage.publish(stage.size - stage.size // 2)
    stage.settle()


def killed_while_away(stage: Stage) -> None:
    """The broker dies while it keeps messages for an absent service; then nothing it has saved may be missing."""
    stage.service.terminate()
    for _ in range(stage.times):
        stage.publish(stage.size // stage.times)
        stage.pause(0, 1.5)
        stage.broker.kill()
        stage.forgivable |= stage.sent.after(last_save_s(stage.broker))
        stage.broker.start()
        stage.done += 1
    stage.service.start()
    stage.settle()


def stopped(stage: Stage) -> None:
    """An orderly stop of the broker, as an update does it: it may lose nothing at all."""
    with stage.feeding(stage.size):
        for _ in range(stage.times):
            stage.pause(0.2, 0.6)
            stage.broker.stop()
            stage.pause(0, 0.3)
            stage.broker.start()
            stage.done += 1
    stage.settle()


def last_save_s(broker: BrokerProcess) -> float:
    """When the broker last made its sessions durable: whatever it acknowledged before is in the file.

    Mosquitto 2.0 writes a snapshot and renames it, and does nothing else meanwhile. The SQLite of 2.1 commits every
    `flush_period` seconds, and the operating system keeps what a killed process wrote: one period back is safe.
    """
    if isinstance(broker, Broker21):
        files = [path.stat().st_mtime for path in broker.directory.glob("mosquitto.sqlite3*")]
        return max(files, default=0.0) - FLUSH_S
    snapshot = broker.directory / "mosquitto.db"
    return snapshot.stat().st_mtime if snapshot.exists() else 0.0


class Broker21(BrokerProcess):
    """Mosquitto 2.1 with persist-sqlite, from a root of newer Debian programs."""

    def __init__(self, directory: Path) -> None:
        self._plugin = next(FORKY.glob("usr/lib/**/mosquitto_persist_sqlite.so"), None)
        if self._plugin is None or os.geteuid() != 0:
            pytest.skip("no Mosquitto 2.1 is on this machine; Debian forky has it (tests/deploy/forky.py says how)")
        del directory  # inside its root it sees only what lies there
        super().__init__(Path(mkdtemp(prefix="noroshi-mosquitto-", dir=FORKY / "tmp")))

    def command(self) -> Sequence[str]:
        """Mosquitto inside its root, durable as deploy/mosquitto/mosquitto.conf says it."""
        assert self._plugin is not None  # else there is no such broker
        home = Path("/") / self.directory.relative_to(FORKY)
        (self.directory / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nuser root\nset_tcp_nodelay true\n"
            f"max_queued_messages 0\nmax_inflight_messages 0\npersistence_location {home}\n"
            f"plugin /{self._plugin.relative_to(FORKY)}\nplugin_opt_flush_period {FLUSH_S:g}\n"
        )
        return ["chroot", str(FORKY), "mosquitto", "-c", str(home / "mosquitto.conf")]


def keeping(directory: Path) -> BrokerProcess:
    """Mosquitto 2.0, saving every second."""
    return Broker(directory, persistence=True)


def rarely_keeping(directory: Path) -> BrokerProcess:
    """Mosquitto 2.0 as it comes: the first save is half an hour away."""
    return Broker(directory, config=["persistence true", f"persistence_location {directory}/"])


# A broker that forgets an acknowledgement delivers again under another packet id: what has no time of its own
# would be a new measurement. So here everything has one, and the figures say how much came twice.
PLAN_2_0 = Plan(broker=keeping, untimed_every=0, junk_every=0)
PLAN_YOUNG = Plan(broker=rarely_keeping, untimed_every=0, junk_every=0)
PLAN_2_1 = Plan(broker=Broker21, untimed_every=0, junk_every=0)
PLAN_RUDE = Plan(
    broker=RudeBroker,
    settings={
        "NOROSHI_BROKER__RECEIVE_MAXIMUM": "50",
        "NOROSHI_INTAKE__WINDOW_MESSAGES": "1000",
        "NOROSHI_INTAKE__BATCH_MESSAGES": "200",
    },
)


def overrun(stage: Stage) -> None:
    """A broker that sends all it has, whatever the receive maximum says, and again after each broken link."""
    rude = stage.broker
    assert isinstance(rude, RudeBroker)  # the plan says so
    stage.postgres.stop()
    numbers = stage.sent.reserve(stage.size)
    rude.send([stage.sent.message(number) for number in numbers])
    stage.sent.note(numbers, acknowledged=True)
    stage.until(lambda: stage.service.metrics().get("intake_held_messages", 0) >= 1000, "the window fills")
    stage.pause(0.3, 0.6)
    held = stage.told.held
    stage.postgres.start()
    for _ in range(stage.times):
        stage.pause(0, 0.2)
        stage.to_broker.cut()
        stage.to_broker.heal()
        stage.done += 1
    stage.settle()
    stage.expect(held < 1000 + 3_000, f"held stays within the window and one read: {held:.0f}")
    stage.until(lambda: not rude.unacknowledged, "the broker has every acknowledgement")
    stage.expect(rude.in_order, "acknowledgements came in the order of the messages")
