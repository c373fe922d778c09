"""Real device examples and bad input, through a real broker and the real service into a real database."""

import time
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from schemas.device import Device, Network, NetworkKind
from schemas.project import Project
from schemas.quantity import CATALOGUE
from schemas.registry import RegistryDocument
from schemas.rejection import RejectionReason as R
from tests.acceptance.fleet import Message, document, native, one, publish, register, rows, topic
from tests.decode.envelopes import (
    chirpstack_topic,
    chirpstack_up,
    examples,
    things_stack_topic,
    things_stack_up,
)
from tests.decode.expected_examples import EXPECTED
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import RunNoroshi, StartService, identity_holds

CODES = {quantity.id: quantity.code for quantity in CATALOGUE}
NOW = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.120Z")


def lorawan_document() -> RegistryDocument:
    """Each example twice: as a device of ChirpStack and as one of The Things Stack."""
    return RegistryDocument(
        projects=(Project(code="fields", name="実例"),),
        networks=(Network(code="lora", project="fields", kind=NetworkKind.LPWA, name="LoRaWAN"),),
        devices=tuple(
            Device(
                code=f"{server}-{number}", project="fields", network="lora", name=f"{server} {number}",
                profile=EXPECTED[number].profile,
                dev_eui=eui(number) if server == "cs" else None,
                things_stack_id=f"farm-east/tts-{number}" if server == "tts" else None,
            )
            for number in EXPECTED for server in ("cs", "tts")
        ),
    )  # fmt: skip


def eui(number: int) -> str:
    return f"24e124713c49{number:04x}"


def wrapped() -> list[Message]:
    cs = [(chirpstack_topic(eui(n).upper()), chirpstack_up(e, eui(n), time=NOW)) for n, e in examples().items()]
    tts = [(things_stack_topic(f"tts-{n}"), things_stack_up(e, f"tts-{n}", time=NOW)) for n, e in examples().items()]
    return cs + tts


async def test_the_real_examples_arrive_with_their_quantities_units_flags_and_reasons(
    database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(database.url, lorawan_document())
    service = start_service(database.url, mosquitto.url)
    await publish(mosquitto.url, wrapped())
    metrics = service.wait_settled(2 * len(EXPECTED))
    assert identity_holds(metrics)
    values: dict[str, dict[tuple[str, int], float]] = {}
    for code, quantity_id, channel, value in rows(
        database.url, "select d.code, quantity_id, channel, value from reading join device d using (device_id)"
    ):
        values.setdefault(code, {})[CODES[quantity_id], channel] = value
    reasons: dict[str, list[tuple[int, str]]] = {}
    for code, part, reason in rows(
        database.url, "select d.code, part, reason from quarantine join device d using (device_id) order by part"
    ):
        reasons.setdefault(code, []).append((part, reason))
    for number, expected in EXPECTED.items():
        for server in ("cs", "tts"):
            name = f"{server}-{number}"
            assert values.get(name, {}) == pytest.approx(expected.values, rel=1e-9), name
            whole = [(0, expected.message.value)] if expected.message else []
            parts = [(part, reason.value) for part, reason in enumerate(expected.reasons, start=1)]
            assert reasons.get(name, []) == whole + parts, name


BAD: list[tuple[str, Message, R]] = [
    ("unknown device", (topic(99), b'{"readings": {}}'), R.UNKNOWN_DEVICE),
    ("not JSON", (topic(0), b"temp=18.4"), R.NOT_JSON),
    ("wrong types", (topic(0), b'{"readings": "none"}'), R.WRONG_SHAPE),
    ("10 MB", (topic(0), b"[" + b" " * 10_000_000 + b"]"), R.TOO_LARGE),
    ("deeply nested", (topic(0), b"[" * 200 + b"]" * 200), R.TOO_DEEP),
    ("empty", (topic(0), b""), R.EMPTY_PAYLOAD),
    ("not UTF-8", (topic(0), b'{"readings": {"\xff": 1}}'), R.NOT_UTF8),
    ("too old", (topic(0), b'{"ts": "2019-04-01T00:00:00+09:00", "readings": {"air_temperature": 1}}'), R.TIME_TOO_OLD),
    ("no offset", (topic(0), b'{"ts": "2026-11-24T09:00:00", "readings": {"air_temperature": 1}}'), R.INVALID_TIME),
    ("unknown event", (chirpstack_topic(eui(1), "surprise"), b"{}"), R.UNKNOWN_DEVICE),
]


async def test_bad_messages_end_in_quarantine_with_their_bytes_and_stop_nothing(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(2))
    service = start_service(any_database.url, mosquitto.url)
    mixed: list[Message] = []
    for number, (_, bad, _) in enumerate(BAD):
        mixed += [native(number, 2), bad]
    await publish(mosquitto.url, mixed)
    metrics = service.wait_settled(len(mixed))
    assert identity_holds(metrics)
    assert (metrics["messages_stored"], metrics["messages_quarantined"]) == (len(BAD), len(BAD))
    kept = rows(any_database.url, "select topic, payload, reason from quarantine")
    assert sorted(kept) == sorted((bad[0], bad[1], reason.value) for _, bad, reason in BAD)
    for _, _, reason in BAD:
        assert metrics[f"quarantined:{reason.value}"] > 0


async def test_half_good_messages_keep_their_good_half(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(1))
    service = start_service(any_database.url, mosquitto.url)
    now_ms = time.time_ns() // 1_000_000
    array: list[Any] = [
        {"ts": now_ms - 1_000, "readings": {"air_temperature": 18.4, "nonsense": 1, "air_humidity": "c\u0000"}},
        "no object",
        {"ts": now_ms, "readings": {"air_temperature": 999, "air_humidity": 61}},
    ]
    await publish(mosquitto.url, [(topic(0), orjson.dumps(array))])
    metrics = service.wait_settled(1)
    assert (metrics["messages_stored"], metrics["readings_stored"], metrics["readings_quarantined"]) == (1, 2, 4)
    assert one(any_database.url, "select kind, offered, refused from uplink") == (4, 6, 4)
    kept = rows(any_database.url, "select part, reason, part_name, payload is not null from quarantine order by part")
    assert sorted(row[1:3] for row in kept) == sorted(
        [
            ("wrong_shape", "[1]"), ("unknown_quantity", "nonsense"),
            ("not_a_number", "air_humidity"), ("out_of_range", "air_temperature"),
        ]
    )  # fmt: skip
    assert [row[3] for row in kept] == [True, False, False, False], "the bytes are kept once"


async def test_a_backfill_sent_three_times_with_half_of_it_stored_already_is_stored_once(
    database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(database.url, document(1))
    service = start_service(database.url, mosquitto.url)
    now_ms = time.time_ns() // 1_000_000
    elements = [{"ts": now_ms - n * 60_000, "readings": {"air_temperature": n % 30}} for n in range(500)]
    await publish(mosquitto.url, [(topic(0), orjson.dumps(elements[:250]))])
    await publish(mosquitto.url, [(topic(0), orjson.dumps(elements))] * 3)
    metrics = service.wait_settled(4)
    assert (metrics["messages_stored"], metrics["messages_duplicate"]) == (2, 2)
    assert one(database.url, "select count(*) from reading") == 500
    assert metrics["readings_conflict"] == 0
    assert metrics["readings_offered"] == 250 + 3 * 500


async def test_a_changed_registry_is_taken_over_within_seconds_and_quarantine_can_be_replayed(
    database: Database, mosquitto: Broker, start_service: StartService, run_noroshi: RunNoroshi
) -> None:
    register(database.url, document(1))
    service = start_service(database.url, mosquitto.url)
    await publish(mosquitto.url, [native(n, 3) for n in range(9)])
    service.wait_settled(9)
    assert one(database.url, "select count(*) from quarantine where reason = 'unknown_device'") == 6
    register(database.url, document(3))
    deadline = time.monotonic() + 5
    while service.metrics()["registry_devices"] != 3:
        assert time.monotonic() < deadline, "the registry was not taken over"
        time.sleep(0.05)
    await publish(mosquitto.url, [native(n, 3) for n in range(9, 12)])
    service.wait_settled(12)
    assert service.metrics()["messages_quarantined"] == 6, "no new device is unknown any more"
    assert "tried 6: stored 6" in run_noroshi("quarantine", "replay", "--database", database.url).stdout
    assert one(database.url, "select count(distinct counter) from uplink") == 12
    assert one(database.url, "select count(*) from reading") == 24
    assert one(database.url, "select sum(stored)::int, sum(duplicate)::int, sum(quarantined)::int from tally") == (
        12,
        0,
        0,
    )
    assert one(database.url, "select sum(readings_offered)::int, sum(readings_stored)::int from tally") == (24, 24)
    assert "tried 0" in run_noroshi("quarantine", "replay", "--database", database.url).stdout
