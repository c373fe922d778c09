"""One batch, one transaction, on every tier."""

import math
from collections.abc import Callable, Iterator

import pytest

from ingest.account import Account
from ingest.errors import StoreUnavailable
from ingest.pipeline.allowance import Allowances, Allowed
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer, take_over
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from tests.fixtures.database import Database
from tests.store.rows import SECOND_US, T0_US, junk, message, one, reading

Count = Callable[[str], int]


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    yield writer
    writer.close()


@pytest.fixture
def count(database: Database) -> Count:
    connection = database.connect()

    def rows(table: str) -> int:
        found = connection.execute(f"select count(*) from {table}").fetchone()
        assert found is not None
        return int(found[0])

    return rows


def test_a_batch_of_new_messages_is_stored_and_counted(writer: Writer, count: Count) -> None:
    outcome = writer.write(
        [message(reading(), reading(quantity_id=21, value=60)), message(reading(device_id=2), device_id=2)]
    )
    assert outcome.total == Account(
        stored=2, readings_offered=3, readings_stored=3, payload_bytes=outcome.total.payload_bytes
    )
    assert (count("uplink"), count("reading"), count("quarantine")) == (2, 3, 0)


def test_every_column_arrives_as_it_was_given(writer: Writer, database: Database) -> None:
    given = message((T0_US, 18.25, 1, 20, 3, int(Quality.RANGE)), refused=1)
    writer.write([given])
    stored = database.connect().execute("select * from uplink").fetchone()
    assert stored is not None
    uplink = given.uplink
    assert uplink is not None
    assert stored[0].timestamp() * 1e6 == uplink.time_us
    assert stored[2:] == (
        uplink.message_id, 42, None, 1, uplink.payload_bytes, None, -98.0, 6.5, None, 0, 2, 1,
        None, None, None, {"mcs": 2},
    )  # fmt: skip
    assert one(database, "select value, device_id, quantity_id, channel, quality from reading") == (18.25, 1, 20, 3, 1)
    kept = one(database, "select part, reason, part_name, part_value, payload, project_id from quarantine")
    assert kept == (1, "out_of_range", "air_temperature", 999, given.message.payload, 7)


def test_the_same_batch_again_is_a_duplicate_and_stores_nothing(writer: Writer, count: Count) -> None:
    batch = [message(reading(), refused=1), message(reading(device_id=2), device_id=2), junk()]
    writer.write(batch)
    outcome = writer.write(batch)
    total = outcome.total
    assert (total.stored, total.duplicate, total.quarantined) == (0, 3, 0)
    assert (total.readings_offered, total.readings_duplicate, total.readings_stored) == (3, 3, 0)
    assert (count("uplink"), count("reading"), count("quarantine")) == (2, 2, 2)


def test_a_batch_that_is_half_stored_already_stores_the_other_half(writer: Writer, count: Count) -> None:
    old = [message(reading(at_us=T0_US + n * SECOND_US), at_us=T0_US + n * SECOND_US) for n in range(10)]
    writer.write(old[:5])
    total = writer.write(old).total
    assert (total.stored, total.duplicate, total.readings_stored, total.readings_duplicate) == (5, 5, 5, 5)
    assert (count("uplink"), count("reading")) == (10, 10)


def test_the_same_message_twice_in_one_batch_is_stored_once(writer: Writer, count: Count) -> None:
    total = writer.write([message(reading()), message(reading()), junk(), junk()]).total
    assert (total.stored, total.quarantined, total.duplicate) == (1, 1, 2)
    assert (count("uplink"), count("reading"), count("quarantine")) == (1, 1, 1)


def test_another_value_for_the_same_time_is_a_conflict_and_the_first_value_stays(
    writer: Writer, database: Database, count: Count
) -> None:
    writer.write([message(reading(value=18.5))])
    total = writer.write([message(reading(value=19.0), reading(quantity_id=21, value=50))]).total
    assert (total.stored, total.readings_offered, total.readings_stored, total.readings_conflict) == (1, 2, 1, 1)
    assert one(database, "select value from reading where quantity_id = 20") == 18.5
    assert one(database, "select value from reading_conflict") == 19.0
    writer.write([message(reading(value=19.0), reading(quantity_id=21, value=50))])
    assert count("reading_conflict") == 1, "the same conflict again is recorded once"


def test_what_is_stored_under_its_own_time_is_a_duplicate_when_our_clock_no_longer_believes_that_time(
    writer: Writer, count: Count
) -> None:
    """The service's clock stepped between two deliveries: too old now, or ahead and so under the time of receipt."""
    body, other = b"one", b"two"
    writer.write([message(reading(), payload=body), message(reading(device_id=2), device_id=2, payload=other)])
    too_old = junk(body)
    too_old.quarantined[0] = too_old.quarantined[0]._replace(device_id=1, reason=RejectionReason.TIME_TOO_OLD)
    later_us = T0_US + 3_600 * SECOND_US
    ahead = message(reading(later_us, device_id=2), at_us=later_us, device_id=2, payload=other, by_receipt=True)
    new = message(reading(later_us, device_id=3), at_us=later_us, device_id=3, payload=other, by_receipt=True)
    for one_of_them in (too_old, ahead, new):
        one_of_them.claimed_us = T0_US
    total = writer.write([too_old, ahead, new]).total
    assert (total.stored, total.duplicate, total.quarantined) == (1, 2, 0)
    assert (total.readings_offered, total.readings_stored, total.readings_duplicate) == (2, 1, 1)
    assert (count("uplink"), count("reading"), count("quarantine")) == (3, 3, 0)


def test_and_so_it_is_when_both_deliveries_are_in_one_batch(writer: Writer, count: Count) -> None:
    later_us = T0_US + 3_600 * SECOND_US
    ahead = message(reading(later_us), at_us=later_us, payload=b"one", by_receipt=True)
    ahead.claimed_us = T0_US
    total = writer.write([ahead, message(reading(), payload=b"one")]).total
    assert (total.stored, total.duplicate, count("uplink")) == (1, 1, 1)


def test_two_values_for_one_time_in_one_batch_are_a_conflict(writer: Writer, database: Database) -> None:
    total = writer.write([message(reading(value=1)), message(reading(value=2), payload=b"other")]).total
    assert (total.stored, total.readings_stored, total.readings_conflict, total.readings_duplicate) == (2, 1, 1, 0)
    assert one(database, "select value from reading") == 1


def test_one_reading_the_database_refuses_hurts_no_other(writer: Writer, database: Database, count: Count) -> None:
    database.connect().execute("alter table reading_packed add constraint no_thirteen check (amount <> 13 * per)")
    batch = [message(reading(device_id=n, value=n), device_id=n) for n in range(1, 50)]
    outcome = writer.write(batch)
    total = outcome.total
    assert (total.stored, total.duplicate, total.quarantined) == (49, 0, 0)
    assert (total.readings_stored, total.readings_quarantined, total.readings_offered) == (48, 1, 49)
    assert outcome.splits > 0
    assert (count("uplink"), count("reading"), count("quarantine")) == (49, 48, 1)
    assert one(database, "select reason, part_name, part_value, device_id from quarantine") == (
        "database_refused", "air_temperature", 13, 13,
    )  # fmt: skip
    assert one(database, "select refused from uplink where device_id = 13") == 1


def test_a_refused_reading_of_a_project_s_own_quantity_keeps_its_name(writer: Writer, database: Database) -> None:
    connection = database.connect()
    connection.execute("insert into project (code, name) values ('p', 'P')")
    connection.execute(
        """
        insert into quantity (code, unit, unit_ja, kind, label_ja, label_en, reject_low, reject_high, flag_low,
                              flag_high, of_project_id)
        select 'well_level', 'm', 'm', 'gauge', '井戸水位', '', -100, 10, -100, 10, project_id from project
        """
    )
    connection.execute("alter table reading_packed add constraint no_thirteen check (amount <> 13 * per)")
    total = writer.write([message(reading(value=13, quantity_id=10_000), reading(value=4.5, quantity_id=10_000))]).total
    assert (total.readings_stored, total.readings_quarantined) == (1, 1)
    assert one(database, "select part_name, part_value from quarantine") == ("well_level", 13)
    assert one(database, "select quantity_id, value from reading") == (10_000, 4.5)


def test_a_message_the_database_refuses_is_kept_with_its_bytes(
    writer: Writer, database: Database, count: Count
) -> None:
    database.connect().execute("alter table uplink_packed add constraint no_device_3 check (device_id <> 3)")
    total = writer.write([message(reading(device_id=n), device_id=n) for n in (1, 2, 3, 4)]).total
    assert (total.stored, total.quarantined) == (3, 1)
    assert (count("uplink"), count("reading")) == (3, 3)
    assert one(database, "select reason, part from quarantine") == ("database_refused", 0)


def test_a_number_that_fits_no_column_is_set_aside_and_stops_nothing(writer: Writer, count: Count) -> None:
    monster = message((T0_US, 1.0, 1, 20, 99_999, None))
    total = writer.write([message(reading(device_id=2), device_id=2), monster]).total
    assert (total.stored, total.readings_stored, total.readings_quarantined) == (2, 1, 1)
    assert (count("uplink"), count("reading"), count("quarantine")) == (2, 1, 1)


def test_text_no_column_takes_is_kept_in_a_form_it_does(writer: Writer, database: Database) -> None:
    writer.write([junk(b"\x00\x01", detail="a\x00b\ud800c")])
    assert one(database, "select detail, payload from quarantine") == ("a\ufffdb?c", b"\x00\x01")


def test_the_account_in_the_database_is_the_account_of_the_batches(writer: Writer, database: Database) -> None:
    writer.write([message(reading(), refused=1), junk()])
    writer.write([message(reading(), refused=1), junk(b"other")])
    row = one(
        database,
        "select sum(stored), sum(duplicate), sum(quarantined), sum(readings_offered), sum(readings_stored),"
        " sum(readings_duplicate), sum(readings_conflict), sum(readings_quarantined) from tally",
    )
    assert tuple(map(int, row)) == (1, 1, 2, 4, 1, 2, 0, 1)


def test_first_receipts_are_found_again_after_a_crash(writer: Writer, database: Database) -> None:
    writer.write(
        [message(reading(), packet_id=5, by_receipt=True), junk(packet_id=6), message(at_us=T0_US + 1, packet_id=7)]
    )
    known, _ = take_over(database.connect(), "test")
    assert sorted(known) == [5, 6]
    assert known[6][1] == T0_US
    successor = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    successor.write([junk(b"later", at_us=T0_US + 9, packet_id=6)])
    successor.close()
    assert take_over(database.connect(), "test")[0][6][1] == T0_US + 9, "a packet id names the newest message"


def test_a_backfill_over_several_chunks_is_stored_once(writer: Writer, count: Count) -> None:
    weeks = [reading(at_us=T0_US - n * 7 * 86_400 * SECOND_US) for n in range(12)]
    writer.write([message(*weeks)])
    total = writer.write([message(*weeks, reading(at_us=T0_US + SECOND_US))]).total
    assert (total.readings_stored, total.readings_duplicate) == (1, 12)
    assert count("reading") == 13


def test_values_keep_every_bit(writer: Writer, database: Database) -> None:
    values = [0.1, -0.0, 1e-300, math.pi, 123456789.123456789]
    writer.write([message(*(reading(at_us=T0_US + n, value=value) for n, value in enumerate(values)))])
    stored = [row[0] for row in database.connect().execute("select value from reading order by time").fetchall()]
    assert stored == values


def test_the_careful_way_commits_nothing_before_its_account(writer: Writer, database: Database, count: Count) -> None:
    """What is stored without its account and its notes is counted never, and stored again after a crash."""
    writer.write([message(reading())])
    database.connect().execute("alter table tally rename to tally_elsewhere")
    with pytest.raises(StoreUnavailable):
        writer.write([message(reading()), message(reading(device_id=2), device_id=2), junk(packet_id=3)])
    assert (count("uplink"), count("reading"), count("quarantine"), count("delivery")) == (1, 1, 0, 1)


@pytest.mark.parametrize("again", [False, True])
def test_messages_that_one_row_sums_up_are_all_counted_as_quarantined(
    writer: Writer,
    count: Count,
    database: Database,
    again: bool,  # noqa: FBT001  the two ways into the tables
) -> None:
    batch = [junk(b"%d" % number, T0_US + number) for number in range(20)]
    Allowances(Allowed(1, 1, 600)).limit(batch)
    if again:  # something of the batch is there already: the careful way
        writer.write([junk(b"0", T0_US)])
    outcome = writer.write(batch)
    assert outcome.total.quarantined + outcome.total.duplicate == 20
    assert outcome.total.duplicate == int(again)
    assert count("quarantine") == 3  # one whole, one head, one sum
    assert one(database, "select max((part_value->>'messages')::int) from quarantine where payload is null") == 18
    assert one(database, "select sum(quarantined) from tally") == 20
