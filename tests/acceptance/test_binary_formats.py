"""A Sparkplug edge node and a SenML device at a real broker, a real service, and what is then in the database."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import aiomqtt
import orjson
import pytest

from ingest.decode.common.limits import Limits
from ingest.decode.sparkplug import wire as sparkplug_wire
from schemas.device import Device, Network, NetworkKind
from schemas.profile import Profile
from schemas.project import Project
from schemas.registry import RegistryDocument
from tests.acceptance.fleet import Message, one, publish, register, rows
from tests.decode.senml import as_cbor
from tests.decode.sparkplug import DEVICE, FIELDS, NODE, nbirth, payload
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import RunNoroshi, StartService, eventually, identity_holds
from tests.receive.helpers import until

VALUES = "select q.code, channel, value from reading join quantity q using (quantity_id) order by time, code"


def registry(*, with_device: bool = True) -> RegistryDocument:
    devices = (
        Device(code="edge-1", project="farm", network="net", name="中継機", sparkplug_id=NODE),
        Device(code="slope-3", project="farm", network="net", name="傾斜計", sparkplug_id=DEVICE, profile="slope"),
        Device(code="trap-1", project="farm", network="net", name="わな"),
    )
    return RegistryDocument(
        projects=(Project(code="farm", name="実証事業"),),
        networks=(Network(code="net", project="farm", kind=NetworkKind.LOCAL5G, name="ローカル5G"),),
        profiles=(Profile.model_validate({"code": "slope", "fields": FIELDS}),),
        devices=devices if with_device else devices[::2],
    )


def told(event: str, body: bytes) -> Message:
    group, node, device = DEVICE.split("/")
    return f"spBv1.0/{group}/{event}/{node}" + (f"/{device}" if event[0] == "D" else ""), body


def session(start_ms: int, *, bd_seq: int = 0, swapped: bool = False) -> list[Message]:
    """Births of a node and its device; `swapped`: the aliases mean the other metric."""
    names = ["soil/temperature", "tilt/x_mdeg"]
    announced = [
        {"name": name, "alias": alias, "datatype": 10, "is_null": True}
        for alias, name in enumerate(reversed(names) if swapped else names, start=1)
    ]
    return [
        told("NBIRTH", nbirth(bd_seq=bd_seq, at_ms=start_ms)),
        told("DBIRTH", payload(*announced, at_ms=start_ms + 1, seq=1)),
    ]


def data(at_ms: int, seq: int, **values: float) -> Message:
    metrics = [{"alias": int(name[1:]), "double_value": number} for name, number in values.items()]
    return told("DDATA", payload(*metrics, at_ms=at_ms, seq=seq))


async def test_births_and_data_of_an_edge_node_are_stored_and_survive_a_restart(
    database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(database.url, registry())
    service = start_service(database.url, mosquitto.url)
    start_ms = time.time_ns() // 1_000_000 - 600_000
    await publish(mosquitto.url, [*session(start_ms), data(start_ms + 1_000, 2, a1=18.5, a2=-250.0)])
    assert identity_holds(service.wait_settled(3))
    service.restart({})
    await publish(mosquitto.url, [data(start_ms + 2_000, 3, a1=18.75)])
    metrics = service.wait_settled(1)
    assert (metrics["messages_stored"], metrics["messages_quarantined"]) == (1, 0)
    service.kill()
    service.start()
    await publish(mosquitto.url, [data(start_ms + 3_000, 4, a2=-253.0)])
    service.wait_settled(1)
    assert rows(database.url, VALUES) == [
        ("slope_tilt_x", 0, -0.25), ("soil_temperature", 0, 18.5), ("soil_temperature", 0, 18.75),
        ("slope_tilt_x", 0, -0.253),
    ]  # fmt: skip
    assert one(database.url, "select count(*) from sparkplug_session") == 2


async def test_what_waited_while_the_service_was_down_is_read_by_its_own_births(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    """Two sessions of the node, whose aliases are swapped, wait in the broker; the births are among them."""
    register(any_database.url, registry())
    service = start_service(any_database.url, mosquitto.url)
    start_ms = time.time_ns() // 1_000_000 - 600_000
    await publish(mosquitto.url, session(start_ms))
    service.wait_settled(2)
    service.kill()
    await publish(
        mosquitto.url,
        [
            data(start_ms + 1_000, 2, a1=18.5),
            *session(start_ms + 2_000, bd_seq=1, swapped=True),
            data(start_ms + 3_000, 2, a2=19.5),
        ],
    )
    service.start()
    service.wait_settled(4)
    assert rows(any_database.url, VALUES) == [("soil_temperature", 0, 18.5), ("soil_temperature", 0, 19.5)]


@pytest.mark.parametrize("encode", [orjson.dumps, as_cbor], ids=["json", "cbor"])
async def test_a_senml_pack_is_stored(
    any_database: Database, mosquitto: Broker, start_service: StartService, encode: Any
) -> None:
    register(any_database.url, registry())
    service = start_service(any_database.url, mosquitto.url)
    pack = [
        {"bn": "urn:dev:mac:24e124fffe3c4912:", "bt": time.time() - 60, "n": "air_temperature", "u": "Cel", "v": 18.5},
        {"n": "soil/moisture", "u": "/", "v": 0.25},
        {"n": "trap_state", "vs": "armed"},
        {"n": "vendor/thing", "v": 1},
    ]
    await publish(mosquitto.url, [("senml/farm/trap-1", encode(pack)), ("senml/farm/trap-1", b"\x9f\xff")])
    metrics = service.wait_settled(2)
    assert identity_holds(metrics)
    assert (metrics["messages_stored"], metrics["messages_quarantined"]) == (1, 1)
    assert rows(any_database.url, VALUES) == [
        ("air_temperature", 0, 18.5), ("soil_moisture", 0, 25.0), ("trap_state", 0, 0.0),
    ]  # fmt: skip
    kept = rows(any_database.url, "select reason, part_name from quarantine order by part")
    assert kept == [("empty_payload", None), ("unknown_quantity", "urn:dev:mac:24e124fffe3c4912:vendor/thing")]


async def test_an_edge_node_that_is_registered_later_loses_nothing(
    any_database: Database, mosquitto: Broker, start_service: StartService, run_noroshi: RunNoroshi
) -> None:
    register(any_database.url, registry(with_device=False))
    service = start_service(any_database.url, mosquitto.url)
    start_ms = time.time_ns() // 1_000_000 - 600_000
    await publish(mosquitto.url, [*session(start_ms), data(start_ms + 1_000, 2, a1=18.5)])
    service.wait_settled(3)
    register(any_database.url, registry())
    assert "still refused 0" in run_noroshi("quarantine", "replay", "--database", any_database.url).stdout
    assert rows(any_database.url, VALUES) == [("soil_temperature", 0, 18.5)]


async def test_data_that_overtook_its_birth_is_stored_without_anybody_asking(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, registry())
    service = start_service(any_database.url, mosquitto.url)
    start_ms = time.time_ns() // 1_000_000 - 600_000
    node, device = session(start_ms)
    await publish(mosquitto.url, [node, data(start_ms + 1_000, 2, a1=18.5)])
    assert service.wait_settled(2)["quarantined:not_born"] == 1
    await publish(mosquitto.url, [device])
    eventually(lambda: rows(any_database.url, VALUES) == [("soil_temperature", 0, 18.5)], what="it is read again")
    assert (
        one(any_database.url, "select count(*) from quarantine where reason = 'not_born' and replayed_at is null") == 0
    )
    stored = "select sum(stored)::int, sum(quarantined)::int from tally"
    eventually(lambda: one(any_database.url, stored) == (3, 0), what="the account has moved it")


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_a_node_that_cannot_be_read_is_asked_once_where_that_is_allowed(
    any_database: Database, mosquitto: Broker, start_service: StartService, protocol: str
) -> None:
    register(any_database.url, registry())
    start_ms = time.time_ns() // 1_000_000 - 600_000
    allowed = {"NOROSHI_SPARKPLUG__REBIRTH_REQUESTS": "true", "NOROSHI_BROKER__PROTOCOL": protocol}
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as host:
        await host.subscribe("spBv1.0/#")
        service = start_service(any_database.url, mosquitto.url, **allowed)
        await publish(mosquitto.url, [data(start_ms, 2, a1=18.5), data(start_ms + 1_000, 3, a1=18.6)])
        service.wait_settled(2)
        commands = await _commands(host, within_s=30)
        assert [topic for topic, _ in commands] == ["spBv1.0/Hokuto/NCMD/edge-1"]
        (metric,) = sparkplug_wire.parse(commands[0][1], Limits()).metrics
        assert (metric.name, metric.datatype, metric.boolean_value) == (b"Node Control/Rebirth", 11, True)
        await publish(mosquitto.url, session(start_ms + 5_000))
        eventually(lambda: len(rows(any_database.url, VALUES)) == 2, what="what came before is read by the new birth")
        service.restart({})
        await publish(mosquitto.url, [data(start_ms + 6_000, 2, a1=18.7)])
        service.wait_settled(1)
        assert await _commands(host, within_s=3) == [], "a restart asks nobody: what nodes announced is kept"


async def test_nobody_is_asked_by_default(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, registry())
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as host:
        await host.subscribe("spBv1.0/#")
        service = start_service(any_database.url, mosquitto.url)
        await publish(mosquitto.url, [data(time.time_ns() // 1_000_000, 2, a1=18.5)])
        service.wait_settled(1)
        assert await _commands(host, within_s=7) == []


async def _commands(host: aiomqtt.Client, within_s: float) -> list[tuple[str, bytes]]:
    """The first command within the time, and what comes in the second after it."""
    found: list[tuple[str, bytes]] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s) as limit:
            async for message in host.messages:
                if "/NCMD/" in str(message.topic):
                    found.append((str(message.topic), bytes(message.payload)))
                    limit.reschedule(asyncio.get_running_loop().time() + 1)
    return found


async def test_a_node_that_waits_for_a_primary_host_waits_for_the_service(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, registry())
    heard: list[bool] = []
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as node:
        await node.subscribe("spBv1.0/STATE/noroshi", qos=1)
        waiting = asyncio.create_task(_states(node, heard))
        service = start_service(any_database.url, mosquitto.url, NOROSHI_SPARKPLUG__HOST_ID="noroshi")
        await until(lambda: heard == [True])
        await asyncio.to_thread(service.terminate)
        await until(lambda: heard == [True, False])
        await asyncio.to_thread(service.start)
        await until(lambda: heard == [True, False, True])
        service.kill()
        await until(lambda: heard == [True, False, True, False])
        waiting.cancel()


async def _states(node: aiomqtt.Client, heard: list[bool]) -> None:
    async for message in node.messages:
        assert isinstance(message.payload, bytes)
        heard.append(orjson.loads(message.payload)["online"])
