"""An account of the broker, as the registry asks for it."""

from enum import StrEnum
from typing import NamedTuple

from schemas.bilingual import Bilingual
from schemas.project import Code

PUBLISH = "publishClientSend"
RECEIVE = "publishClientReceive"
SUBSCRIBE = "subscribePattern"


class AccountKind(StrEnum):
    """The kind of client an account is for."""

    DEVICE = "device"
    NODE = "node"
    GATEWAY = "gateway"
    SERVER = "server"
    INGESTER = "ingester"
    SIMULATOR = "simulator"

    @property
    def label(self) -> Bilingual:
        """The name of this kind in both languages."""
        return _LABELS[self]

    @property
    def of_the_program(self) -> bool:
        """Whether the account's password is in the settings. All other passwords are made here and shown once."""
        return self in (AccountKind.INGESTER, AccountKind.SIMULATOR)


_LABELS = {
    AccountKind.DEVICE: Bilingual("機器", "device"),
    AccountKind.NODE: Bilingual("Sparkplug ノード", "Sparkplug node"),
    AccountKind.GATEWAY: Bilingual("基地局", "gateway"),
    AccountKind.SERVER: Bilingual("ネットワークサーバー", "network server"),
    AccountKind.INGESTER: Bilingual("取込サービス", "the service"),
    AccountKind.SIMULATOR: Bilingual("模擬の機器", "the simulated field"),
}


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
