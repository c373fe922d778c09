"""Publishes messages of our own, and hears a few topics, over a connection apart from the intake. MQTT 5 and 3.1.1."""

import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import structlog
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.mqtt.address import address_of
from ingest.mqtt.tls import tls_context
from ingest.settings.broker import BrokerSettings
from schemas.bilingual import Bilingual

log = structlog.get_logger()

CONNECT_TRY_S = 1
SEND_AT_ONCE = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
"""An option of the socket: small packets do not wait for the acknowledgement of those before them."""
LOOK_EVERY_S = 0.2
"""So often it is looked whether the connection still stands while an answer is waited for."""


class Heard(NamedTuple):
    """A message that came. `retained`: it stood at the broker before we subscribed."""

    topic: str
    payload: bytes
    retained: bool


class Publisher:
    """Connects by itself, again and again.

    `filters`: what is heard after each connection. `on_heard` is called in a thread of the client.
    """

    def __init__(
        self, broker: BrokerSettings, client_id: str, filters: Sequence[str], on_heard: Callable[[Heard], None]
    ) -> None:
        self._broker = broker
        self._address = address_of(broker)
        self._filters = list(filters)
        self._on_heard = on_heard
        self._refused: dict[int, ReasonCode] = {}
        self._trouble = ""
        self.connections = 0
        """How often a connection was made; a higher number is a new one."""
        version = paho.MQTTv5 if broker.protocol == "5" else paho.MQTTv311
        clean = None if broker.protocol == "5" else True
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=version, clean_session=clean
        )  # fmt: skip
        self._client.on_socket_open = _send_at_once
        self._client.on_connect = self._connected
        self._client.on_connect_fail = self._not_connected
        self._client.on_message = self._message
        self._client.on_publish = self._published

    def start(self) -> None:
        """Begin to connect. Raises SettingsRefused for files of the settings that cannot be used."""
        address, client = self._address, self._client
        if address.username is not None:
            client.username_pw_set(address.username, address.password)
        context = tls_context(self._broker, address)
        if context is not None:
            client.tls_set_context(context)
        client.connect_timeout = self._broker.connect_timeout_s
        client.reconnect_delay_set(CONNECT_TRY_S, max(CONNECT_TRY_S, int(self._broker.backoff_max_s)))
        client.connect_async(address.host, address.port, keepalive=self._broker.keep_alive_s)
        client.loop_start()

    def stop(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there."""
        return bool(self._client.is_connected())

    def hear_no_more(self, topic_filter: str) -> None:
        """End this subscription until the next connection. Does not wait for the broker."""
        self._client.unsubscribe(topic_filter)

    def publish(self, topic: str, payload: bytes, *, retain: bool, timeout_s: float) -> None:
        """Publish with QoS 1 and wait until the broker has it.

        Raises BrokerUnavailable while there is no connection or no answer, BrokerRefused where it does not let us.
        """
        if not self.is_connected:
            raise BrokerUnavailable(_no_connection(str(self._address)))
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        if info.rc not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_NO_CONN):
            raise BrokerUnavailable(_no_connection(str(self._address)))
        until_s = time.monotonic() + timeout_s
        while not info.is_published() and self.is_connected and (left_s := until_s - time.monotonic()) > 0:
            info.wait_for_publish(min(left_s, LOOK_EVERY_S))
        if not info.is_published():
            raise BrokerUnavailable(
                Bilingual(
                    f"{self._address} が時間内に受け取りを返しません", f"{self._address} did not acknowledge in time"
                )
            )
        refused = self._refused.pop(info.mid, None)
        if refused is not None:
            raise BrokerRefused(
                Bilingual(
                    f"{self._address} は {topic} への送信を許しません({refused})。"
                    "noroshi broker apply を実行してください",
                    f"{self._address} does not let us publish on {topic} ({refused}): run `noroshi broker apply`",
                )
            )

    def _connected(
        self, client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._say(f"{self._address} refuses the connection: {reason}")
            return
        self._trouble = ""
        self.connections += 1
        for each in self._filters:
            client.subscribe(each, qos=1)

    def _not_connected(self, _client: paho.Client, _data: Any) -> None:
        self._say(f"{self._address} cannot be reached")

    def _say(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.warning("mqtt_publisher", trouble=trouble)
        self._trouble = trouble

    def _message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        self._on_heard(Heard(message.topic, bytes(message.payload), bool(message.retain)))

    def _published(
        self, _client: paho.Client, _data: Any, mid: int, reason: ReasonCode, _properties: Properties
    ) -> None:
        if reason.is_failure:
            self._refused[mid] = reason


def _send_at_once(_client: paho.Client, _data: Any, opened: Any) -> None:
    opened.setsockopt(*SEND_AT_ONCE)


def _no_connection(address: str) -> Bilingual:
    return Bilingual(f"{address} につながっていません", f"there is no connection to {address}")
