"""A message with very many refused readings has few rows, exact counts, and nothing of it is lost, on every tier."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from ingest.cli.main import cli
from ingest.decode.common.limits import Limits
from ingest.figures.quarantine import Wanted, quarantine_entries
from ingest.message import Received
from ingest.pipeline import replay
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.interpret import Interpreter
from ingest.pipeline.route import Routes, pattern
from ingest.registry.index import DeviceEntry, Directory
from ingest.rows import MessageRows
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from ingest.validate.quarantine_rows import KEPT
from ingest.validate.values import ClockPolicy
from schemas.quantity import BY_CODE, Quantity
from tests.figures.field import Field
from tests.fixtures.database import Database
from tests.store.rows import SECOND_US, T0_US, one

REFUSED = 1_000
PAYLOAD = orjson.dumps(
    {
        "ts": T0_US // 1000,
        "readings": {"air_temperature": 18.5, "air_humidity": -1} | {f"x{n}": 1 for n in range(REFUSED - 1)},
    }
)
PLAIN = [one for one in BY_CODE.values() if not one.states and one.flag_low <= 1 <= one.flag_high]
LEARNED = {f"x{100 * n}": quantity for n, quantity in enumerate(PLAIN[:8])}
"""What the registry knows later: the first has a row of its own, the others are among those that share one."""


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    Field(database.connect()).device("a")
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    yield writer
    writer.close()
    database.close()


def a_judge(database: Database, catalogue: Mapping[str, Quantity] = BY_CODE) -> Interpreter:
    (number, project) = one(database, "select device_id, project_id from device where code = 'a'")
    device = DeviceEntry(number, project, "tea", "a", True, None, catalogue=catalogue)
    directory = Directory(native={"tea/a": device}, projects={"tea": project})
    routes = Routes([pattern("noroshi/v1/{project}/{device}/up", "native", None)], directory)
    return Interpreter(routes, Limits(), ClockPolicy(), FirstReceipts())


def interpreted(database: Database, payload: bytes = PAYLOAD) -> MessageRows:
    return a_judge(database).interpret(Received("noroshi/v1/tea/a/up", payload, T0_US + SECOND_US))


def account(database: Database) -> Any:
    """Offered, stored, duplicate, in conflict, quarantined, and what is left over."""
    return one(
        database,
        "select readings_offered::int, readings_stored::int, readings_duplicate::int, readings_conflict::int,"
        " readings_quarantined::int, readings_unexplained::int from figure_identity where project = 'tea'",
    )


OPEN = "select coalesce(sum(parts), 0)::int from figure_quarantine_open where project = 'tea'"


def test_the_first_parts_have_a_row_each_and_the_others_one_for_their_reason(
    writer: Writer, database: Database
) -> None:
    outcome = writer.write([interpreted(database)])
    assert (outcome.total.readings_offered, outcome.total.readings_quarantined) == (REFUSED + 1, REFUSED)
    assert one(database, "select count(*)::int, count(payload)::int from quarantine") == (KEPT + 1, 1)
    assert one(database, "select offered::int, refused::int from uplink") == (REFUSED + 1, REFUSED)
    assert account(database) == (REFUSED + 1, 1, 0, 0, REFUSED, 0)
    assert one(database, OPEN) == REFUSED
    assert one(database, "select quarantine_open::int from figure_project_state where project = 'tea'") == REFUSED
    usage = "select quarantined::int from figure_usage_project('tea', '2026-06-01', '2026-07-01', '2026-07-01')"
    assert one(database, usage) == REFUSED
    first = quarantine_entries(database.connect(), Wanted(project="tea"))[0]
    assert (first.parts, first.part_name, first.payload_bytes) == (REFUSED - KEPT, None, len(PAYLOAD))
    assert first.detail.startswith(f"and {REFUSED - KEPT} more; the first of them is x63")


def test_a_redelivery_counts_every_part_as_a_duplicate(writer: Writer, database: Database) -> None:
    message = interpreted(database)
    writer.write([message])
    writer.write([message])
    offered = REFUSED + 1
    assert account(database) == (2 * offered, 1, offered, 0, REFUSED, 0)
    assert one(database, "select count(*)::int from quarantine") == KEPT + 1


def test_a_replay_sees_every_part(writer: Writer, database: Database) -> None:
    writer.write([interpreted(database)])
    again = replay.replay(database.connect(), a_judge(database))
    assert (again.tried, again.refused, again.improved) == (1, 1, 0)
    wiser = a_judge(database, {**BY_CODE, **LEARNED})
    gained = replay.replay(database.connect(), wiser, reason="unknown_quantity")
    assert (gained.tried, gained.improved, gained.readings_stored) == (1, 1, len(LEARNED))
    left = REFUSED - len(LEARNED)
    assert account(database) == (REFUSED + 1, 1 + len(LEARNED), 0, 0, left, 0)
    assert one(database, OPEN) == left
    assert one(database, "select count(*)::int from quarantine where replayed_at is null") == KEPT + 1
    assert one(database, "select count(payload)::int from quarantine") == 1
    assert replay.replay(database.connect(), wiser).improved == 0
    assert account(database) == (REFUSED + 1, 1 + len(LEARNED), 0, 0, left, 0)


def test_a_message_that_was_set_aside_as_a_whole_leaves_its_refused_parts(writer: Writer, database: Database) -> None:
    asleep = Interpreter(Routes((), Directory()), Limits(), ClockPolicy(), FirstReceipts())
    writer.write([asleep.interpret(Received("noroshi/v1/tea/a/up", PAYLOAD, T0_US + SECOND_US))])
    assert replay.replay(database.connect(), a_judge(database)).stored == 1
    assert account(database) == (REFUSED + 1, 1, 0, 0, REFUSED, 0)
    assert one(database, OPEN) == REFUSED


def test_the_commands_say_how_many_share_a_row(writer: Writer, database: Database) -> None:
    writer.write([interpreted(database)])
    listed = CliRunner().invoke(cli, ["quarantine", "list", "--database", database.url])
    assert f"({REFUSED - KEPT} parts)  and {REFUSED - KEPT} more" in listed.output
    number = one(database, "select max(quarantine_id)::int from quarantine")
    shown = CliRunner().invoke(cli, ["quarantine", "show", str(number), "--database", database.url])
    assert f"parts     {REFUSED - KEPT}" in shown.output
    assert f"payload   {len(PAYLOAD)} bytes" in shown.output
    received = "2026-06-15T06:05:01+09:00"  # a clock in Japan, whatever zone the server's session has
    assert f"received  {received}\n" in shown.output
    assert f"  {received}  unknown_quantity" in listed.output
