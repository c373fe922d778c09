"""What the broker keeps for the service while it is away. Whoever takes a session has what is in it, or ends it."""

import pytest

from tests.acceptance.fleet import one, register
from tests.fixtures.database import Database
from tests.fixtures.service import StartService, eventually
from tests.security.client import Client
from tests.security.valley import DOCUMENT, GAUGE, INGEST, OTHER_GAUGE, RULES, Valley, up

NAMES = ("noroshi-ingest", "noroshi-ingest-2", "noroshi-ingest-fresh", "noroshi-ingest-host", INGEST, "noroshi", "")
SERVER, GATEWAY = "server:lora", "gateway:gw-yama"
WAITING = 5


def attack(valley: Valley, who: str | None, name: str) -> int | None:
    """Come under this name with a clean start, as it is told to forget all that is kept for it."""
    password = valley.passwords[who] if who else None
    with Client(valley.broker.port, who, password, client_id=name) as attacker:
        return attacker.code


def test_what_waits_for_the_service_survives_everybody_who_has_some_password(
    own_valley: Valley, any_database: Database, start_service: StartService
) -> None:
    register(any_database.url, DOCUMENT)
    login = {"NOROSHI_BROKER__USERNAME": INGEST, "NOROSHI_BROKER__PASSWORD": own_valley.passwords[INGEST]}
    service = start_service(any_database.url, own_valley.broker.url, **login)
    service.terminate()
    with own_valley.client(GAUGE) as device:
        for number in range(WAITING):
            device.publish(up(GAUGE), b'{"ts": %d, "readings": {"river_level": 1.5}}' % (1_790_000_000_000 + number))
    for who in (SERVER, GATEWAY, GAUGE, OTHER_GAUGE, None):
        for name in NAMES:
            assert attack(own_valley, who, name) not in (0, None)
    free = RULES._replace(any_client_id=frozenset({SERVER}))
    own_valley.apply(rules=free)  # one that cannot be given a client id may guess
    for name in NAMES:
        attack(own_valley, SERVER, name)
    service.start()
    eventually(lambda: one(any_database.url, "select count(*) from uplink") == WAITING)


@pytest.mark.parametrize("name", [SERVER, GATEWAY])
@pytest.mark.parametrize("stolen", [GAUGE, OTHER_GAUGE, "SN-0002", "server:other", "gateway:other", "anything", ""])
def test_servers_and_gateways_come_under_their_own_name_only(valley: Valley, name: str, stolen: str) -> None:
    assert attack(valley, name, stolen) not in (0, None)
    assert attack(valley, name, name) == 0


async def test_the_name_of_the_service_is_nowhere_on_the_broker(
    own_valley: Valley, any_database: Database, start_service: StartService
) -> None:
    """Not in what an account may read there, the one of the service included."""
    register(any_database.url, DOCUMENT)
    login = {"NOROSHI_BROKER__USERNAME": INGEST, "NOROSHI_BROKER__PASSWORD": own_valley.passwords[INGEST]}
    service = start_service(any_database.url, own_valley.broker.url, **login)
    name = one(any_database.url, "select client_id from installation")
    shown = service.get("/metrics")[1] + service.get("/readyz")[1] + service.get("/")[1]
    with own_valley.client(INGEST, client_id="watcher") as watcher:
        assert watcher.subscribe("$SYS/broker/#") == 0
        topics = watcher.topics(1.0)
        said = b"".join(bytes(packet.payload) for packet in watcher.heard).decode(errors="replace")
    assert name not in shown + said + " ".join(topics)
