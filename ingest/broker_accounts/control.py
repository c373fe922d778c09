"""Sends commands to the broker's dynamic security plugin over its own topic."""

import asyncio
import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import mqtt5

from ingest.broker_accounts.present import GROUP, Present, client_of, denies, rules_of
from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.mqtt.address import Address, address_of
from ingest.mqtt.connection import FIRST_FAILURE, Connection, all_granted, connect, first_of, subscribe
from ingest.mqtt.tls import tls_context
from ingest.settings.broker import BrokerSettings
from schemas.bilingual import Bilingual

TOPIC = "$CONTROL/dynamic-security/v1"
RESPONSE = f"{TOPIC}/response"
COMMANDS_AT_ONCE = 50
PAGE = 200
ANSWER_WITHIN_S = 30.0

Message = Mapping[str, Any]


class _ControlSession(Connection):
    """Collects the answers of the plugin."""

    def __init__(self, packet: mqtt5.ConnectPacket, address: Address) -> None:
        super().__init__(packet, address)
        self.answers: asyncio.Queue[list[Message]] = asyncio.Queue()

    def on_packets(self, packets: list[mqtt5.Packet]) -> None:
        """Collect the answers among the packets. A message that is no JSON is ignored."""
        for packet in packets:
            if isinstance(packet, mqtt5.PublishPacket):
                with suppress(ValueError, KeyError, TypeError):
                    self.answers.put_nowait(json.loads(packet.payload)["responses"])
            elif not isinstance(packet, mqtt5.PubAckPacket):
                self.control(packet)
            elif packet.reason_code.value >= FIRST_FAILURE:
                self.drop(_no_administrator(self.address))


class Control:
    """`async with Control(broker) as control:` one connection with the rights to administer accounts."""

    def __init__(self, broker: BrokerSettings) -> None:
        self._broker = broker
        self._address = address_of(broker)
        self._session: _ControlSession | None = None

    async def __aenter__(self) -> Self:
        context = tls_context(self._broker, self._address)
        try:
            self._session = await connect(self._make, self._address, context, self._broker.connect_timeout_s)
        except BrokerRefused as error:
            raise _no_administrator(self._address) from error
        only_this = mqtt5.TopicFilter(RESPONSE, max_qos=mqtt5.QoS.AT_MOST_ONCE)
        answer = await subscribe(self._session, [only_this], 1, timeout_s=self._broker.connect_timeout_s)
        if not all_granted(answer):
            self._session.transport.abort()
            raise _no_administrator(self._address)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.leave(for_good=True)

    async def present(self) -> Present:
        """All accounts and roles of the broker, and its default access."""
        clients = [client_of(each) for each in await self._list("listClients", "clients")]
        roles = {each["rolename"]: rules_of(each) for each in await self._list("listRoles", "roles")}
        groups = [each["groupname"] for each in await self._list("listGroups", "groups")]
        (defaults,) = await self.carry_out([{"command": "getDefaultACLAccess"}])
        return Present(
            {client.username: client for client in clients}, roles, GROUP in groups, denies(defaults["data"]["acls"])
        )

    async def carry_out(self, commands: Sequence[Message]) -> list[Message]:
        """Send commands and return their answers in order. Raises BrokerRefused, whose message never has a password."""
        found: list[Message] = []
        for start in range(0, len(commands), COMMANDS_AT_ONCE):
            found += await self._exchange(commands[start : start + COMMANDS_AT_ONCE])
        return found

    async def _list(self, command: str, key: str) -> list[Message]:
        """All pages of one list."""
        found: list[Message] = []
        while True:
            asked = {"command": command, "verbose": True, "count": PAGE, "offset": len(found)}
            (said,) = await self.carry_out([asked])
            page = said["data"][key]
            found += page
            if not page or len(found) >= said["data"]["totalCount"]:
                return found

    async def _exchange(self, commands: Sequence[Message]) -> list[Message]:
        session = self._session
        assert session is not None  # inside `async with`
        mark = secrets.token_hex(8)
        marked = [{**command, "correlationData": mark} for command in commands]
        payload = json.dumps({"commands": marked}, ensure_ascii=False).encode()
        session.transport.write(mqtt5.PublishPacket(TOPIC, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=2).write())
        answers: list[Message] = []
        while len(answers) < len(commands):
            answers += [each for each in await self._answer(session) if each.get("correlationData") == mark]
        for command, answer in zip(commands, answers, strict=True):
            if "error" in answer:
                who = command.get("username") or command.get("rolename") or ""
                what, why = f"{command['command']} {who}", answer["error"]
                raise BrokerRefused(
                    Bilingual(
                        f"{self._address} が {what} を断りました: {why}", f"{self._address} refuses {what}: {why}"
                    )
                )
        return answers

    async def _answer(self, session: _ControlSession) -> list[Message]:
        waiting = asyncio.ensure_future(session.answers.get())
        try:
            await first_of(waiting, session.lost, timeout_s=ANSWER_WITHIN_S)
            if waiting.done():
                return waiting.result()
            if session.lost.done():
                raise session.lost.result()
            raise BrokerUnavailable(
                Bilingual(
                    f"{self._address} が {TOPIC} に答えません。mosquitto_dynamic_security が読み込まれているか"
                    "確かめてください",
                    f"{self._address} does not answer on {TOPIC}: is the plugin mosquitto_dynamic_security loaded?",
                )
            )
        finally:
            waiting.cancel()

    def _make(self) -> _ControlSession:
        return _ControlSession(_packet(self._broker, self._address), self._address)


async def accepts(broker: BrokerSettings) -> bool:
    """Whether the broker accepts these credentials. Raises BrokerUnavailable."""
    address = address_of(broker)
    try:
        session = await connect(
            lambda: _ControlSession(_packet(broker, address), address),
            address,
            tls_context(broker, address),
            broker.connect_timeout_s,
        )
    except BrokerRefused:
        return False
    await session.leave(for_good=True)
    return True


def _packet(broker: BrokerSettings, address: Address) -> mqtt5.ConnectPacket:
    """A connect packet with a client id of its own, so that it takes over nobody else's session."""
    return mqtt5.ConnectPacket(
        f"noroshi-access-{secrets.token_hex(6)}",
        username=address.username,
        password=address.password_bytes,
        clean_start=True,
        keep_alive=broker.keep_alive_s,
    )


def _no_administrator(address: Address) -> BrokerRefused:
    return BrokerRefused(
        Bilingual(
            f"{address} は {address.username!r} に口座の管理を許しません。access.username と access.password、"
            "mosquitto_dynamic_security が読み込まれているかを確かめてください",
            f"{address} does not let {address.username!r} administer accounts: check access.username and"
            " access.password, and that the plugin mosquitto_dynamic_security is loaded",
        )
    )
