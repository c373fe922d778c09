"""Who listens at the broker, as a panel or another system does."""

import time
from collections.abc import Callable
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from schemas.watch_message import EventSaid, WatchHealthSaid, WatchState

STATE = "noroshi/v1/river/watch/g-0/river"
EVENTS = "noroshi/v1/river/watch/events"
HEALTH = "noroshi/v1/river/watch/health"


class Listener:
    """Hears everything of the watch. `last`: topic -> payload; `events`: what is not retained; `health`: in order."""

    def __init__(self, port: int) -> None:
        self.last: dict[str, bytes] = {}
        self.events: list[EventSaid] = []
        self.health: list[WatchHealthSaid] = []
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self.client.on_message = self._take
        self.client.on_connect = lambda client, *_: client.subscribe("noroshi/v1/+/watch/#", qos=1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def _take(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        if message.topic == EVENTS:
            self.events.append(EventSaid.model_validate_json(message.payload))
        elif message.topic == HEALTH:
            self.health.append(WatchHealthSaid.model_validate_json(message.payload))
        else:
            self.last[message.topic] = bytes(message.payload)

    def state(self) -> WatchState | None:
        payload = self.last.get(STATE)
        return WatchState.model_validate_json(payload) if payload else None

    def reasons(self) -> list[str] | None:
        """What was said last of the watch itself; None: nothing."""
        return [each.reason for each in self.health[-1].problems] if self.health else None

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


Listen = Callable[[], Listener]


def until(said: Callable[[], object], seconds: float = 15) -> None:
    until_s = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < until_s
        time.sleep(0.02)
