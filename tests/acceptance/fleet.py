"""A small registry and its messages, for the tests of the whole."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
import psycopg

from ingest.simulator.publisher import Publisher
from ingest.store.registry import registry
from schemas.device import Device, Network, NetworkKind
from schemas.project import Project
from schemas.registry import RegistryDocument
from tests.fixtures.service import ServiceProcess, identity_holds

PROJECT = "farm"
WATCHED_PART = 500
Message = tuple[str, bytes]


def document(devices: int, **more: Any) -> RegistryDocument:
    """`devices` native devices dev-0, dev-1, ... of one project."""
    return RegistryDocument(
        projects=(Project(code=PROJECT, name="実証事業"),),
        networks=(Network(code="net", project=PROJECT, kind=NetworkKind.LPWA, name="LPWA"),),
        devices=tuple(
            Device(code=f"dev-{number}", project=PROJECT, network="net", name=f"機器{number}", **more)
            for number in range(devices)
        ),
    )


def register(url: str, wanted: RegistryDocument) -> None:
    with psycopg.connect(url) as connection:
        registry.apply(connection, registry.plan(connection, wanted))
        connection.commit()


def topic(number: int) -> str:
    return f"noroshi/v1/{PROJECT}/dev-{number}/up"


def native(number: int, devices: int, *, timed: bool = True) -> Message:
    """The `number`-th message; every one is different. Without `timed` it has no time of its own."""
    body: dict[str, Any] = {
        "seq": number,
        "readings": {"air_temperature": number % 40, "air_humidity": 50 + number % 40},
    }
    if timed:
        body["ts"] = time.time_ns() // 1_000_000 - 3_600_000 + number
    return topic(number % devices), orjson.dumps(body)


def natives(count: int, devices: int = 20, *, untimed_every: int = 0) -> Iterator[Message]:
    for number in range(count):
        yield native(number, devices, timed=not (untimed_every and number % untimed_every == 0))


async def publish(broker_url: str, messages: Iterable[Message]) -> int:
    async with Publisher(broker_url, "test-field") as publisher:
        return await publisher.publish_many(messages)


async def publish_watched(service: ServiceProcess, broker_url: str, messages: Sequence[Message]) -> None:
    """Publish, and see all the while whether the account adds up, until everything is settled.

    The load goes on only when it was looked at: a quick service would hardly be seen at work.
    """
    for start in range(0, len(messages), WATCHED_PART):
        publishing = asyncio.create_task(publish(broker_url, messages[start : start + WATCHED_PART]))
        await _look(service)
        await publishing
    while service.settled() < len(messages):
        await _look(service)


async def _look(service: ServiceProcess) -> None:
    metrics = await asyncio.to_thread(service.metrics)
    assert identity_holds(metrics), metrics
    parts = [metrics[f"readings_{name}"] for name in ("stored", "duplicate", "conflict", "quarantined")]
    assert metrics["readings_offered"] == sum(parts)


def rows(url: str, query: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def one(url: str, query: str) -> Any:
    (row,) = rows(url, query)
    return row[0] if len(row) == 1 else row
