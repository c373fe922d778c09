"""An account of the broker, as the registry asks for it."""

from typing import NamedTuple

from schemas.labelled import Labelled
from schemas.project import Code

PUBLISH = "publishClientSend"
RECEIVE = "publishClientReceive"
SUBSCRIBE = "subscribePattern"


class AccountKind(Labelled):
    """The kind of client an account is for."""

    DEVICE = "device", "機器", "device"
    NODE = "node", "Sparkplug ノード", "Sparkplug node"
    GATEWAY = "gateway", "基地局", "gateway"
    SERVER = "server", "ネットワークサーバー", "network server"
    INGESTER = "ingester", "取込サービス", "the service"
    PANEL = "panel", "監視の表示盤", "panel of the watch"
    SIMULATOR = "simulator", "模擬の機器", "the simulated field"

    @property
    def of_the_program(self) -> bool:
        """Whether the account's password is in the settings. All other passwords are made here and shown once."""
        return self in (AccountKind.INGESTER, AccountKind.SIMULATOR)


class Rule(NamedTuple):
    """One permission of an account. The broker refuses whatever no rule allows."""

    what: str
    topic: str


class Account(NamedTuple):
    """One account. `client_id`: the only MQTT client id it may use, None for any."""

    username: str
    kind: AccountKind
    code: Code
    place: str
    rules: tuple[Rule, ...]
    client_id: str | None = None
    enabled: bool = True

    @property
    def topics(self) -> list[str]:
        """The topics to which the account may publish."""
        return [rule.topic for rule in self.rules if rule.what == PUBLISH]


def publishing(topics: list[str]) -> tuple[Rule, ...]:
    """Rules to publish to these topics, and nothing else."""
    return tuple(Rule(PUBLISH, topic) for topic in dict.fromkeys(topics))


def hearing(filters: list[str]) -> tuple[Rule, ...]:
    """Rules to subscribe to these filters and to receive what matches."""
    return tuple(Rule(what, topic) for topic in dict.fromkeys(filters) for what in (SUBSCRIBE, RECEIVE))
