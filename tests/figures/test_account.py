"""The identity, the quarantine and the pace, on every tier."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from ingest.figures.account import (
    identity,
    identity_of_month,
    identity_since,
    quarantine_open,
    readings_per_minute,
)
from tests.figures.field import Field, jst

HOUR = timedelta(hours=1)


def test_what_was_received_is_stored_duplicate_or_quarantined(field: Field) -> None:
    hour = jst(2026, 11, 5, 9)
    field.tally(hour, stored=10, duplicate=2, quarantined=1, readings_offered=44, readings_stored=40, payload_bytes=900)
    field.tally(hour, writer="second", stored=5, readings_offered=20, readings_stored=15, readings_duplicate=5)
    field.tally(hour + HOUR, stored=1, readings_conflict=1, readings_quarantined=3, readings_offered=4)
    field.tally(hour, project=0, quarantined=7)

    everything = identity(field.connection)
    assert (everything.received, everything.stored, everything.duplicate, everything.quarantined) == (26, 16, 2, 8)
    tea = identity(field.connection, "tea")
    assert (tea.received, tea.readings_offered, tea.readings_stored, tea.payload_bytes) == (19, 68, 55, 900)
    assert tea.readings_unexplained == 4  # the first line of this test does not add up, and it shows
    assert [identity_since(field.connection, "tea", hour + n * HOUR).received for n in range(3)] == [19, 1, 0]


def test_a_month_of_the_identity_begins_at_midnight_in_japan(field: Field) -> None:
    field.tally(datetime(2026, 10, 31, 14, tzinfo=UTC), stored=1)
    field.tally(datetime(2026, 10, 31, 15, tzinfo=UTC), stored=20)
    field.tally(datetime(2026, 11, 30, 14, tzinfo=UTC), stored=300)
    field.tally(datetime(2026, 11, 30, 15, tzinfo=UTC), stored=4000)
    months = [identity_of_month(field.connection, date(2026, month, 1), "tea") for month in (10, 11, 12)]
    assert [row.stored for row in months] == [1, 320, 4000]
    assert identity_of_month(field.connection, date(2020, 1, 1), "tea").received == 0


def test_the_open_quarantine_is_counted_by_reason(field: Field) -> None:
    now = datetime.now(UTC)
    field.quarantined(now - 30 * HOUR, "not_json", part=0, project=field.project_id)
    field.quarantined(now - 2 * HOUR, "not_json", part=0)
    field.quarantined(now - HOUR, "out_of_range", part=1, project=field.project_id)
    field.quarantined(now - HOUR, "out_of_range", part=2, project=field.project_id)
    field.quarantined(now - HOUR, "out_of_range", part=3, project=field.project_id)
    field.quarantined(now - HOUR, "sentinel", replayed_at=now)

    wide, junk = quarantine_open(field.connection)
    assert (wide.reason, wide.parts, wide.messages, wide.readings) == ("out_of_range", 3, 0, 3)
    assert (junk.reason, junk.parts, junk.messages, junk.parts_24h) == ("not_json", 2, 2, 1)
    assert (junk.oldest_at, junk.newest_at) == (now - 30 * HOUR, now - 2 * HOUR)
    assert [row.parts for row in quarantine_open(field.connection, "tea")] == [3, 1]


def test_the_last_sixty_minutes_have_no_gap_and_count_by_receipt(field: Field) -> None:
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    device = field.device("a")
    seven_ago = minute - timedelta(minutes=7)
    field.uplink(device, seven_ago + timedelta(seconds=5), {"air_temperature": 1, "soil_moisture": 1}, refused=3)
    field.uplink(device, minute - timedelta(minutes=50), received_at=seven_ago)
    field.uplink(device, minute - timedelta(minutes=70), received_at=minute - timedelta(minutes=65))
    rows = readings_per_minute(field.connection)
    assert len(rows) == 60
    assert {later.minute - row.minute for row, later in pairwise(rows)} == {timedelta(minutes=1)}
    assert [(row.minute, row.messages, row.readings) for row in rows if row.messages] == [(seven_ago, 2, 3)]
    assert readings_per_minute(field.connection, "rice") == []
