"""A device that goes to another project while something of it is open."""

from datetime import timedelta

import pytest

from ingest.watch.model import Origin
from tests.fixtures.database import Database
from tests.watch.delivery.valley import NOON, Valley

AFTER = NOON + timedelta(minutes=5)


@pytest.fixture
def moved(any_database: Database) -> tuple[Valley, int]:
    """A valley whose gauge stood at a stage and is of another project now; and the number of the earlier one."""
    valley = Valley(any_database)
    valley.keep(valley.event((0, 1)))
    row = valley.connection.execute(
        "insert into project (code, name) values ('other', 'Other') returning project_id"
    ).fetchone()
    assert row is not None
    valley.connection.execute("update device set project_id = %s", row)
    earlier, valley.project_id = valley.project_id, row[0]
    return valley, earlier


def incidents(valley: Valley) -> list[tuple[object, ...]]:
    return valley.connection.execute(
        "select project_id, rank, closed_at from watch_incident order by incident_id"
    ).fetchall()


def test_what_is_measured_there_is_an_incident_of_the_new_project(moved: tuple[Valley, int]) -> None:
    valley, earlier = moved
    valley.keep(valley.event((1, 2), AFTER))
    assert incidents(valley) == [(earlier, 0, AFTER), (valley.project_id, 2, None)]
    for table in ("watch_event", "watch_delivery"):
        mixed = f"select 1 from {table} m join watch_incident i using (incident_id) where m.project_id <> i.project_id"
        assert valley.connection.execute(mixed.encode()).fetchall() == []


def test_that_it_is_over_there_ends_it_and_tells_nobody_of_the_new_project(moved: tuple[Valley, int]) -> None:
    valley, earlier = moved
    valley.keep(valley.event((1, 0), AFTER))
    assert incidents(valley) == [(earlier, 0, AFTER)]
    assert valley.connection.execute("select incident_id from watch_event where rank = 0").fetchall() == [(None,)]


def test_what_came_late_of_the_new_project_is_in_no_incident_of_the_earlier_one(moved: tuple[Valley, int]) -> None:
    valley, _ = moved
    valley.keep(valley.event((1, 2), AFTER, origin=Origin.LATE))
    assert valley.connection.execute("select incident_id from watch_event where rank = 2").fetchall() == [(None,)]
