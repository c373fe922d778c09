"""States and events at the broker. A state is retained while something is open, and empty when it is over.

The broker may have lost its retained messages, or keep some of what ended while we were away: after each connection the
states are made anew from what is open, and a state whenever somebody takes what is in it. How the watch stands is said
only where they are: an absent state would be calm.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from threading import Event as Stop
from threading import Lock, Thread

import structlog

from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.mqtt.publisher import Heard, Publisher
from ingest.settings.broker import BrokerSettings
from ingest.store.database import Database
from ingest.watch.deeds.by_mqtt import AckRefusal
from ingest.watch.delivery.database.states import read_acknowledged, read_states, read_states_beside
from ingest.watch.delivery.message import Message, event_said
from ingest.watch.delivery.model import Fate, Outcome
from ingest.watch.delivery.prepare import Send
from ingest.watch.delivery.senders.health import Failing, HealthAtBroker
from ingest.watch.delivery.senders.states import ANSWER_S, StatesAtBroker
from schemas.project import CODE_PATTERN
from schemas.watch_message import WatchState

log = structlog.get_logger()

STATES = "noroshi/v1/+/watch/+/+"
"""Our own topics. What is retained there when we connect may have to be cleared; afterwards we know it ourselves."""
ACKS = "noroshi/v1/+/watch/ack"
EVENTS = "noroshi/v1/{project}/watch/events"
SETTLES_S = 1.0
"""So long after a connection the retained messages have come."""
AGAIN_AFTER_S = 60.0
MOST_ACKS = 1_000

_CODE = CODE_PATTERN.strip("^$")
_STATE = re.compile(rf"noroshi/v1/{_CODE}/watch/[^/]+/[a-z_]+")
_ACK = re.compile(rf"noroshi/v1/{_CODE}/watch/ack")

Acknowledge = Callable[[Database, str, bytes], object]
"""Takes an acknowledgement that came by the broker: topic and payload."""


class MqttSender:
    """One connection for all projects. `acknowledge`: what is done with acknowledgements. `refused`: by reason."""

    def __init__(
        self, broker: BrokerSettings, client_id: str, acknowledge: Acknowledge, refused: Counter[str] | None = None,
        failing: Failing = dict,
    ) -> None:  # fmt: skip
        self._publisher = Publisher(broker, client_id, (ACKS, STATES), self._heard)
        self._acknowledge = acknowledge
        self._refused: Counter[str] = Counter() if refused is None else refused
        self._lock = Lock()
        self._retained: set[str] = set()
        self._acks: list[Heard] = []
        self._lost = 0
        """Acknowledgements that came while as many waited as may."""
        self._connection_seen = 0
        self._connected_s = 0.0
        self._rebuilt = 0
        self._stated = 0
        """The connection after which all states were published."""
        self._taken: dict[int, int] = {}
        """Up to which rank the incidents of the published states were taken."""
        self._states = StatesAtBroker(self._publisher)
        self._health = HealthAtBroker(self._publisher, failing)

    def start(self) -> None:
        """Begin to connect."""
        self._publisher.start()

    def stop(self) -> None:
        """Say that nobody watches, and disconnect."""
        self._health.end()
        self._publisher.stop()

    def prepare(self, connection: Database, messages: Sequence[Message]) -> list[Send | Outcome]:
        """The events for who listens, and the states of their things as they are now. A drill changes no state."""
        number = self._states.number()
        incidents = [each.delivery.incident_id for each in messages]
        about = [each for each in incidents if each is not None]
        # Only the states of their things: many may be open.
        whole = len(about) < len(incidents)
        states = read_states(connection) if whole else read_states_beside(connection, about)
        return [self._sending(each, states.get(each.delivery.target), number) for each in messages]

    def _sending(self, message: Message, state: WatchState | None, number: int) -> Send:
        payload = b"" if state is None else state.model_dump_json().encode()
        topic = message.delivery.target
        events = [event_said(fact).model_dump_json().encode() for fact in message.facts]
        project, drill = message.project, message.is_drill

        def send(_stop: Stop) -> Outcome:
            try:
                if not drill:
                    self._states.publish(topic, payload, number)
                for event in events:
                    self._publisher.publish(EVENTS.format(project=project), event, retain=False, timeout_s=ANSWER_S)
            except (BrokerUnavailable, BrokerRefused) as error:
                return Outcome(Fate.LATER, why=error.said, of_receiver=True)
            return Outcome(Fate.DELIVERED, "PUBACK")

        return send

    def tick(self, connection: Database) -> None:
        """Take acknowledgements that came, and make the states anew after a new connection."""
        with self._lock:
            acks, self._acks = self._acks, []
            lost, self._lost = self._lost, 0
        for ack in acks:
            answer = self._acknowledge(connection, ack.topic, ack.payload)
            if isinstance(answer, AckRefusal):
                self._refused[answer.value] += 1
                log.warning("watch_ack_refused", topic=ack.topic, reason=answer.value)
        if lost:
            self._refused[AckRefusal.FLOOD.value] += lost
            log.warning("watch_acks_lost", lost=lost, most=MOST_ACKS)
        number = self._publisher.connections
        if number != self._connection_seen:
            self._connection_seen, self._connected_s = number, time.monotonic()
        due = number != self._rebuilt and time.monotonic() - self._connected_s >= SETTLES_S
        if due and self._publisher.is_connected:
            self._rebuild(connection, number)
        if self._stated == number and self._publisher.is_connected:
            self._tell_taken(connection, number)
            self._health.tick(connection, number)

    def _rebuild(self, connection: Database, number: int) -> None:
        """Read what is open now; publish it in a thread, for a broker that does not answer must delay nobody."""
        read = self._states.number()
        self._taken = read_acknowledged(connection)
        states = read_states(connection)
        with self._lock:
            stale = {topic for topic in self._retained if _STATE.fullmatch(topic)} - set(states)
        payloads = {topic: state.model_dump_json().encode() for topic, state in states.items()}
        self._rebuilt = number
        self._publisher.hear_no_more(STATES)  # each state would come back to us
        args = (payloads | dict.fromkeys(stale, b""), read, number)
        Thread(target=self._publish, args=args, name="states", daemon=True).start()

    def _tell_taken(self, connection: Database, number: int) -> None:
        """Publish anew the states of what somebody took since the last look: no event says so."""
        read = self._states.number()
        taken, before = read_acknowledged(connection), self._taken
        self._taken = taken
        changed = [incident for incident, rank in taken.items() if before.get(incident) != rank]
        if changed:
            states = read_states_beside(connection, changed)
            payloads = {topic: state.model_dump_json().encode() for topic, state in states.items()}
            Thread(target=self._publish, args=(payloads, read, number), name="states", daemon=True).start()

    def _publish(self, payloads: dict[str, bytes], read: int, number: int) -> None:
        """`read`: the number of the look at the database; `number`: of the connection."""
        try:
            for topic, payload in payloads.items():
                self._states.publish(topic, payload, read)
        except (BrokerUnavailable, BrokerRefused) as error:
            log.warning("watch_states_not_published", error=error.said.en)
            self._connected_s, self._rebuilt = time.monotonic() + AGAIN_AFTER_S, -1
            return
        self._stated = number
        cleared = sum(not payload for payload in payloads.values())
        log.info("watch_states_published", open=len(payloads) - cleared, cleared=cleared)

    def _heard(self, heard: Heard) -> None:
        """Called in the thread of the client."""
        with self._lock:
            if _ACK.fullmatch(heard.topic):
                if not heard.retained and len(self._acks) < MOST_ACKS:
                    self._acks.append(heard)
                elif not heard.retained:
                    self._lost += 1
            elif heard.payload:
                self._retained.add(heard.topic)
            else:
                self._retained.discard(heard.topic)
