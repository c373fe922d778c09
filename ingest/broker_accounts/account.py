"""An account of the broker as it should be."""

from enum import StrEnum
from typing import NamedTuple

from schemas.bilingual import Bilingual
from schemas.project import Code

PUBLISH = "publishClientSend"
RECEIVE = "publishClientReceive"
SUBSCRIBE = "subscribePattern"


class AccountKind(StrEnum):
    """Whom an account is for."""

    DEVICE = "device"
    NODE = "node"
    GATEWAY = "gateway"
    SERVER = "server"
    INGESTER = "ingester"
    SIMULATOR = "simulator"

    @property
    def label_ja(self) -> str:
        """What a clerk calls it."""
        return _LABELS_JA[self]

    @property
    def said(self) -> Bilingual:
        """The same in both languages."""
        return Bilingual(self.label_ja, _ENGLISH.get(self, str(self)))

    @property
    def of_the_program(self) -> bool:
        """Its password stands in the settings; all others are made here and told once."""
        return self in (AccountKind.INGESTER, AccountKind.SIMULATOR)


_LABELS_JA = {
    AccountKind.DEVICE: "機器",
    AccountKind.NODE: "Sparkplug ノード",
    AccountKind.GATEWAY: "基地局",
    AccountKind.SERVER: "ネットワークサーバー",
    AccountKind.INGESTER: "取込サービス",
    AccountKind.SIMULATOR: "模擬の機器",
}


_ENGLISH = {
    AccountKind.NODE: "Sparkplug node",
    AccountKind.SERVER: "network server",
    AccountKind.INGESTER: "the service",
    AccountKind.SIMULATOR: "the simulated field",
}


class Rule(NamedTuple):
    """One thing an account may do; what no rule allows is refused."""

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
        """Where it may publish."""
        return [rule.topic for rule in self.rules if rule.what == PUBLISH]


def publishing(topics: list[str]) -> tuple[Rule, ...]:
    """May publish there and hear nothing."""
    return tuple(Rule(PUBLISH, topic) for topic in dict.fromkeys(topics))


def hearing(filters: list[str]) -> tuple[Rule, ...]:
    """May subscribe to these and is sent what matches."""
    return tuple(Rule(what, topic) for topic in dict.fromkeys(filters) for what in (SUBSCRIBE, RECEIVE))
