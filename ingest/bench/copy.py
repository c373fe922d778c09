"""The yardstick of the bench: plain COPY of the same rows, without a broker and without decoding."""

import time
from collections.abc import Sequence

from ingest.message import Received
from ingest.pipeline.build import build_interpreter
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.rows import MessageRows
from ingest.settings.model import Settings
from ingest.store.batch.pack import pack_readings, pack_uplinks
from ingest.store.batch.statements import COPY_READINGS, COPY_UPLINKS
from ingest.store.database import connect
from ingest.store.registry.registry import load_directory

Packed = tuple[bytes, bytes]


def rows_per_second(settings: Settings, messages: Sequence[tuple[str, bytes]], received_us: int) -> float:
    """Rows (uplinks and readings) a second, packed beforehand, over one connection, a transaction for each batch."""
    with connect(settings.database) as connection:
        interpreter = build_interpreter(settings, load_directory(connection), FirstReceipts())
    size = settings.intake.batch_messages
    batches = [messages[start : start + size] for start in range(0, len(messages), size)]
    interpreted = [
        [interpreter.interpret(Received(topic, payload, received_us)) for topic, payload in batch] for batch in batches
    ]
    rows = sum(1 + len(message.readings) for batch in interpreted for message in batch)
    packed = [_pack(batch) for batch in interpreted]
    del interpreted
    started = time.perf_counter()
    _copy(settings, packed)
    return rows / (time.perf_counter() - started)


def _pack(batch: Sequence[MessageRows]) -> Packed:
    return (
        pack_uplinks(message.uplink for message in batch if message.uplink is not None),
        pack_readings(row for message in batch for row in message.readings),
    )


def _copy(settings: Settings, batches: Sequence[Packed]) -> None:
    with connect(settings.database) as connection, connection.cursor() as cursor:
        for uplinks, readings in batches:
            with cursor.copy(COPY_UPLINKS) as copy:
                copy.write(uplinks)
            with cursor.copy(COPY_READINGS) as copy:
                copy.write(readings)
            connection.commit()
