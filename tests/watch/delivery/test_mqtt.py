"""States and events at a real broker."""

import json
import time
from collections import Counter
from datetime import timedelta

import pytest

from ingest.settings.broker import BrokerSettings
from ingest.watch.deeds.by_mqtt import acknowledge_by_mqtt
from ingest.watch.delivery.model import Way
from ingest.watch.delivery.senders.mqtt import MqttSender
from ingest.watch.model import Kind, Origin
from tests.fixtures.broker import Broker
from tests.watch.delivery.conftest import Sending, wait_until
from tests.watch.delivery.listener import EVENTS, STATE, Listen, until
from tests.watch.delivery.valley import NOON, Valley


def test_a_state_stands_while_it_lasts_and_events_pass(
    valley: Valley, listen: Listen, sending: Sending, sender: MqttSender
) -> None:
    valley.apply(notify=[])
    here = listen()
    sending(valley, more={Way.MQTT: sender})
    valley.keep(valley.event((0, 2)))
    until(here.state)
    state = here.state()
    assert state is not None
    assert (state.rank, state.incidents[0].name.ja, state.incidents[0].value) == (2, "市設定基準2", 1.23)
    until(lambda: len(here.events) == 1)
    assert listen().events == []  # they are not retained
    valley.keep(valley.event((2, 0), NOON + timedelta(minutes=1)))
    until(lambda: here.last[STATE] == b"")
    until(lambda: [event.rank for event in here.events] == [2, 0])
    newcomer = listen()
    time.sleep(0.3)
    assert newcomer.last == {}


def test_a_drill_is_an_event_and_no_state(valley: Valley, listen: Listen, sending: Sending, sender: MqttSender) -> None:
    here = listen()
    sending(valley, more={Way.MQTT: sender})
    valley.keep(valley.event((0, 2), origin=Origin.DRILL, details={"drill": 7}))
    until(lambda: here.events)
    assert here.events[0].drill
    assert here.last == {}


def test_after_a_connection_the_states_are_made_anew(
    valley: Valley, mosquitto: Broker, listen: Listen, sending: Sending, sender: MqttSender
) -> None:
    stray = "noroshi/v1/river/watch/g-9/river"
    first = listen()
    first.client.publish(stray, b"{}", qos=1, retain=True).wait_for_publish(5)
    sending(valley, more={Way.MQTT: sender})
    valley.keep(valley.event((0, 2)))
    until(first.state)
    until(lambda: first.last.get(stray) == b"")
    mosquitto.stop()  # it keeps nothing
    mosquitto.start()
    again = listen()
    until(again.state)


def test_an_acknowledgement_that_comes_by_the_broker_is_taken(
    valley: Valley, listen: Listen, sending: Sending, sender: MqttSender
) -> None:
    here = listen()
    sending(valley, more={Way.MQTT: sender})
    (stored,) = valley.keep(valley.event((0, 2)))
    until(here.state)
    ack = json.dumps({"incident": stored.incident_id, "rank": 2, "by": "control room"})
    here.client.publish("noroshi/v1/river/watch/ack", ack, qos=1)
    wait_until(valley, "exists (select from watch_incident where acknowledged_rank = 2)")


def test_a_state_says_that_somebody_took_it(
    valley: Valley, listen: Listen, sending: Sending, sender: MqttSender
) -> None:
    here = listen()
    sending(valley, more={Way.MQTT: sender})
    valley.keep(valley.event((0, 2)), valley.event((0, 1), rule="rise", kind=Kind.QUALITY, hazard=None))
    until(lambda: len(here.last) == 2)
    others = {topic: payload for topic, payload in here.last.items() if topic != STATE}
    valley.connection.execute("update watch_incident set acknowledged_rank = 1 where kind = 'stage'")
    until(lambda: (state := here.state()) and state.incidents[0].acknowledged_rank == 1)
    valley.connection.execute("update watch_incident set acknowledged_rank = 2 where kind = 'stage'")
    until(lambda: (state := here.state()) and state.incidents[0].acknowledged_rank == 2)
    valley.keep(valley.event((2, 0), NOON + timedelta(minutes=1)))
    until(lambda: here.last[STATE] == b"")
    time.sleep(1.5)
    assert here.last == others | {STATE: b""}


def test_an_older_state_never_comes_after_a_newer_one(listen: Listen, sender: MqttSender) -> None:
    here, states = listen(), sender._states
    until(lambda: sender._publisher.is_connected)
    older, newer = states.number(), states.number()
    states.publish(STATE, b"", newer)
    states.publish(STATE, b"{}", older)
    states.publish(EVENTS + "/end", b"{}", newer)
    until(lambda: EVENTS + "/end" in here.last)
    assert here.last.get(STATE) != b"{}"


def test_acknowledgements_that_are_not_taken_are_counted_by_reason(
    valley: Valley, mosquitto: Broker, listen: Listen, sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.watch.delivery.senders.mqtt.MOST_ACKS", 2)
    refused: Counter[str] = Counter()
    broker = BrokerSettings(url=f"mqtt://127.0.0.1:{mosquitto.port}")
    counting = MqttSender(broker, "watch", acknowledge_by_mqtt, refused)
    counting.start()
    here = listen()
    here.client.publish(STATE, b"{}", qos=1, retain=True).wait_for_publish(5)
    until(lambda: STATE in counting._retained)  # both subscriptions stand
    for payload in (b"[]", b"{}", b"", b""):  # before anybody takes them: two wait, two are too many
        here.client.publish("noroshi/v1/river/watch/ack", payload, qos=1).wait_for_publish(5)
    until(lambda: counting._lost == 2)
    sending(valley, more={Way.MQTT: counting})
    until(lambda: refused == {"json": 1, "fields": 1, "flood": 2})
    here.client.publish("noroshi/v1/river/watch/ack", json.dumps({"incident": 99, "rank": 1, "by": "x"}), qos=1)
    until(lambda: refused["incident"] == 1)
    counting.stop()


def test_where_the_broker_forbids_it_the_row_says_so(valley: Valley, mosquitto: Broker, sending: Sending) -> None:
    mosquitto.stop()
    rules = mosquitto.directory / "rules.acl"
    rules.write_text("topic read #\n")
    rules.chmod(0o600)
    mosquitto.config.append(f"acl_file {rules}")
    mosquitto.start()
    forbidden = MqttSender(BrokerSettings(url=f"mqtt://127.0.0.1:{mosquitto.port}"), "watch", acknowledge_by_mqtt)
    forbidden.start()
    sending(valley, more={Way.MQTT: forbidden})
    valley.keep(valley.event((0, 2)))
    wait_until(valley, "kind = 'mqtt' and failed_en like '%does not let us publish%noroshi broker apply%'")
    forbidden.stop()
