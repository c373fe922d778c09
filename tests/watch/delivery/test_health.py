"""Whether an absent state at the broker means calm: said there, by a watch that dies, is behind or reads badly."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from ingest.settings.broker import BrokerSettings
from ingest.store.status.listening import LISTENING
from ingest.watch.deeds.by_mqtt import acknowledge_by_mqtt
from ingest.watch.delivery.database.health import read_health
from ingest.watch.delivery.model import Way
from ingest.watch.delivery.senders import health
from ingest.watch.delivery.senders.mqtt import MqttSender
from ingest.watch.problems import Reason
from tests.figures.watch_rows import WatchRows
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.watch.delivery.conftest import Sending, wait_until
from tests.watch.delivery.listener import HEALTH, Listen, until
from tests.watch.delivery.receiver import Receiver
from tests.watch.delivery.valley import Valley

FAILING: dict[str, str] = {}
"""What does not work in the process of the watch."""


@pytest.fixture
def valley(any_database: Database) -> Valley:
    """One gauge, and a watcher that looks."""
    valley = Valley(any_database)
    WatchRows(valley.connection, "river").alive()
    return valley


@pytest.fixture
def sender(mosquitto: Broker, monkeypatch: pytest.MonkeyPatch) -> Iterator[MqttSender]:
    monkeypatch.setattr(health, "EVERY_S", 0.2)
    FAILING.clear()
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    found = MqttSender(BrokerSettings(url=url), "watch", acknowledge_by_mqtt, failing=lambda: FAILING)
    found.start()
    yield found
    found.stop()


def deaf(valley: Valley) -> None:
    valley.connection.execute(
        "insert into watch_progress (name, done_until) values (%s, now() - interval '1 minute')", (LISTENING,)
    )


def unasked(valley: Valley) -> None:
    valley.connection.execute("delete from watch_document")


CASES: dict[Reason, tuple[Callable[[Valley], object], Callable[[Valley], object]]] = {
    Reason.INTAKE: (deaf, lambda valley: valley.connection.execute("update watch_progress set done_until = now()")),
    Reason.STOPPED: (
        lambda valley: WatchRows(valley.connection, "river").alive(ago_s=60),
        lambda valley: WatchRows(valley.connection, "river").alive(),
    ),
    Reason.LATE: (
        lambda valley: WatchRows(valley.connection, "river").waits(ago_s=20),
        lambda valley: valley.connection.execute("delete from watch_note"),
    ),
    Reason.FAILS: (lambda _: FAILING.update(silence="it failed", documents="x"), lambda _: FAILING.pop("silence")),
    Reason.UNREAD: (
        lambda valley: valley.apply(rules=[{"code": "r", "moon": "full"}]), lambda valley: valley.apply(rules=[]),
    ),
    Reason.NONE: (unasked, Valley.apply),
}  # fmt: skip


@pytest.mark.parametrize("reason", Reason)
def test_what_is_wrong_is_said_and_that_it_is_over(
    valley: Valley, listen: Listen, sending: Sending, sender: MqttSender, reason: Reason
) -> None:
    begin, end = CASES[reason]
    here = listen()
    sending(valley, more={Way.MQTT: sender})
    until(lambda: here.reasons() == [])
    begin(valley)
    until(lambda: here.reasons() == [reason])
    newcomer = listen()
    until(lambda: newcomer.health)  # it is retained
    (problem,) = newcomer.health[-1].problems
    assert (problem.text_ja, problem.text_en) == tuple(reason.text)
    assert problem.places == (("rules[0]",) if reason is Reason.UNREAD else ())
    assert abs(datetime.now(UTC) - newcomer.health[-1].at) < timedelta(seconds=5)
    end(valley)
    until(lambda: here.reasons() == [])


def test_a_watch_that_ends_says_so_and_its_time_goes_on(
    valley: Valley, listen: Listen, sending: Sending, sender: MqttSender
) -> None:
    here = listen()
    sending(valley, more={Way.MQTT: sender})
    until(lambda: here.reasons() == [])
    before = here.health[-1].at
    sender.stop()
    until(lambda: here.reasons() == [Reason.STOPPED])
    assert before <= here.health[-1].at <= datetime.now(UTC) + timedelta(seconds=1)


def test_what_is_not_at_the_broker_yet_is_late(valley: Valley) -> None:
    def reasons() -> list[Reason]:
        return [each.reason for each in read_health(valley.connection, fails=False).problems["river"]]

    valley.keep(valley.event((0, 2)), now=datetime.now(UTC))
    assert reasons() == []
    valley.connection.execute("update watch_delivery set queued_at = now() - interval '11 seconds'")
    assert reasons() == [Reason.LATE]
    valley.connection.execute("update watch_delivery set delivered_at = now() where kind <> 'mqtt'")
    assert reasons() == [Reason.LATE]
    valley.connection.execute("update watch_delivery set delivered_at = now()")
    assert reasons() == []


def test_nothing_is_said_where_the_states_cannot_be(
    valley: Valley, mosquitto: Broker, listen: Listen, sending: Sending, sender: MqttSender
) -> None:
    """Else a state that was never published would be taken for calm."""
    mosquitto.stop()
    rules = mosquitto.directory / "rules.acl"
    rules.write_text(f"topic read #\ntopic readwrite {HEALTH}\n")
    rules.chmod(0o600)
    mosquitto.config.append(f"acl_file {rules}")
    mosquitto.start()
    valley.keep(valley.event((0, 2)), now=datetime.now(UTC))
    here = listen()
    sending(valley, more={Way.MQTT: sender}, now=lambda: datetime.now(UTC))
    wait_until(valley, "kind = 'mqtt' and failed_en like '%does not let us publish%'")
    time.sleep(2)
    assert here.health == []


def test_a_broker_that_does_not_answer_delays_nobody(
    valley: Valley, mosquitto: Broker, listen: Listen, sending: Sending, sender: MqttSender, hook: Receiver
) -> None:
    valley.apply(
        channels=[{"code": "hook", "kind": "webhook", "url": hook.url, "plain_http": True}], notify=[{"to": ["hook"]}],
        escalation=[],
    )  # fmt: skip
    here = listen()
    sending(valley, more={Way.MQTT: sender}, now=lambda: datetime.now(UTC))
    until(lambda: here.reasons() == [])
    os.kill(mosquitto.pid, signal.SIGSTOP)
    try:
        time.sleep(1)
        began_s = time.monotonic()
        valley.keep(valley.event((0, 2)), now=datetime.now(UTC))
        hook.wait_for(1, seconds=10)
        assert time.monotonic() - began_s < 2
    finally:
        os.kill(mosquitto.pid, signal.SIGCONT)
    said = len(here.health)
    until(lambda: len(here.health) > said, 30)


def test_a_broker_that_forgot_is_told_anew(
    valley: Valley, mosquitto: Broker, listen: Listen, sending: Sending, sender: MqttSender
) -> None:
    here = listen()
    sending(valley, more={Way.MQTT: sender})
    until(lambda: here.reasons() == [])
    mosquitto.stop()
    mosquitto.start()
    again = listen()
    until(lambda: again.reasons() == [])


def test_it_has_its_own_pace(valley: Valley) -> None:
    """Each ten seconds once, whatever the ticks."""
    said: list[str] = []
    publisher = SimpleNamespace(is_connected=True, publish=lambda topic, *_, **__: said.append(topic))
    here = health.HealthAtBroker(publisher, dict)  # type: ignore[arg-type]
    for _ in range(20):
        here.tick(valley.connection, 1)
        time.sleep(0.01)
    assert said == [HEALTH]
    here.tick(valley.connection, 2)
    until(lambda: len(said) == 2)
