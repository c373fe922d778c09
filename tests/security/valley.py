"""A small registry with every way of speaking, and a shipped broker that knows its accounts."""

import asyncio
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from pydantic import SecretStr

from ingest.broker_accounts.account import Account
from ingest.broker_accounts.changes import ChangeSet, Passwords, compare
from ingest.broker_accounts.control import Control
from ingest.broker_accounts.wanted import Rules, ingester, wanted
from ingest.settings.broker import BrokerSettings
from ingest.settings.routes import DEFAULT_ROUTES
from schemas.device import Device, Gateway, Network, NetworkKind
from schemas.project import Project
from schemas.registry import RegistryDocument
from tests.deploy.shipped import ADMIN, ShippedBroker
from tests.security.client import Client

EUI = "0e4e4f524f000001"
OTHER_EUI = "0e4e4f524f000002"
INGEST, INGEST_PASSWORD = "noroshi-ingest", "secret of the service"
RULES = Rules(DEFAULT_ROUTES)

GAUGE, OTHER_GAUGE, PLC = "river/gauge-1", "river/gauge-2", "river/plc"


def up(name: str) -> str:
    return f"noroshi/v1/{name}/up"


def gauge(code: str, **more: object) -> Device:
    return Device.model_validate(
        {"code": code, "project": "river", "network": "halow", "name": f"水位計 {code}", **more}
    )


DOCUMENT = RegistryDocument(
    projects=(Project(code="farm", name="農業"), Project(code="river", name="防災")),
    networks=(
        Network(code="lora", project="farm", kind=NetworkKind.LPWA, name="農業 LPWA"),
        Network(code="halow", project="river", kind=NetworkKind.HALOW, name="防災 HaLow"),
    ),
    gateways=(Gateway(code="gw-yama", network="lora", name="山の基地局", gateway_id="24e124fffef12345"),),
    devices=(
        gauge("gauge-1", latitude=35.6701, longitude=138.573),
        gauge("gauge-2", client_id="SN-0002"),
        gauge("plc", sparkplug_id="plant/plc-1"),
        Device(code="paddy-1", project="farm", network="lora", name="水田", dev_eui=EUI),
    ),
)


def carry_out(
    broker: ShippedBroker,
    document: RegistryDocument,
    *,
    rules: Rules = RULES,
    rotate: AbstractSet[str] = frozenset(),
    only: int | None = None,
) -> ChangeSet:
    """Bring the broker to this registry. `only`: be interrupted after so many commands."""
    accounts = (ingester(INGEST, rules), *wanted(document, rules).accounts)
    return asyncio.run(_carry_out(broker.url, accounts, rotate, only))


async def _carry_out(url: str, accounts: Sequence[Account], rotate: AbstractSet[str], only: int | None) -> ChangeSet:
    settings = BrokerSettings(url=url, username="noroshi-admin", password=SecretStr(ADMIN))
    async with Control(settings) as control:
        present = await control.present()
        given = {} if INGEST in present.clients else {INGEST: INGEST_PASSWORD}
        passwords = Passwords(given, iter_of("secret-%d").__next__)
        plan = compare(present, accounts, passwords, rotate=rotate)
        await control.carry_out(plan.commands if only is None else plan.commands[:only])
    return plan


class iter_of:  # noqa: N801  reads as a function
    """secret-1, secret-2, ... never the same twice in one run of the tests."""

    count = 0

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def __next__(self) -> str:
        iter_of.count += 1
        return self.pattern % iter_of.count


class Valley:
    """The broker, and who has which password."""

    def __init__(self, broker: ShippedBroker) -> None:
        self.broker = broker
        self.passwords: dict[str, str] = {INGEST: INGEST_PASSWORD, "noroshi-admin": ADMIN}
        self.client_ids: dict[str, str | None] = {}

    def apply(self, document: RegistryDocument = DOCUMENT, **more: object) -> ChangeSet:
        plan = carry_out(self.broker, document, **more)  # type: ignore[arg-type]
        self.remember(plan)
        return plan

    def remember(self, plan: ChangeSet) -> None:
        for step in plan.steps:
            if step.account is not None:
                self.client_ids[step.username] = step.account.client_id
                if step.password:
                    self.passwords[step.username] = step.password

    def client(self, name: str, *, client_id: str | None = None, **more: object) -> Client:
        """Connected as this account, under its own client id unless told otherwise."""
        known = self.client_ids.get(name) or f"{name}-test"
        options: Mapping[str, object] = {"client_id": known if client_id is None else client_id, **more}
        return Client(self.broker.port, name, self.passwords[name], **options)  # type: ignore[arg-type]
