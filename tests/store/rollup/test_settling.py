"""Beside the ingestion: an hour that still fills is left alone for a while, and what is late costs little to note."""

from datetime import timedelta

import pytest

from ingest.store.rollup import rollup
from tests.store.rollup.conftest import Rollups
from tests.store.rollup.test_closing import DAY, HOUR, START, agree, series


@pytest.fixture
def closed(rollups: Rollups) -> Rollups:
    """The sums of one device are closed; the other one has not come yet."""
    rollups.write(series(rollups.devices[0], 100))
    rollups.keep(START + 5 * DAY)
    assert rollups.due() == 0
    return rollups


def late(rollups: Rollups) -> None:
    rollups.write(series(rollups.devices[1], 100))


def age(rollups: Rollups, by: timedelta) -> None:
    for table in ("rollup_late", "rollup_due"):
        rollups.connection.execute(f"update {table} set noted_at = noted_at - %s".encode(), (by,))


def gently(rollups: Rollups) -> int:
    return rollup.refresh_all(rollups.connection, gently=True)


def test_an_hour_that_still_fills_waits_and_is_read_right_meanwhile(closed: Rollups) -> None:
    before = series(closed.devices[0], 100)
    late(closed)
    due = closed.due()
    assert due > 0
    assert gently(closed) == 0
    assert closed.due() == due
    agree(closed, before + series(closed.devices[1], 100))
    age(closed, rollup.QUIET)
    assert gently(closed) >= due
    assert closed.due() == 0
    agree(closed, before + series(closed.devices[1], 100))


def test_an_hour_that_never_comes_to_rest_is_computed_all_the_same(closed: Rollups) -> None:
    late(closed)
    assert gently(closed) == 0  # and now it is no longer as the writer noted it
    age(closed, rollup.PATIENCE)
    closed.connection.execute("insert into rollup_late (devices, hours) select array[device_id], array[hour] from ("
                              "select device_id, (extract(epoch from hour) / 3600)::int as hour from rollup_due"
                              ") again")  # fmt: skip
    assert gently(closed) > 0
    assert closed.due() == 0


def test_one_hour_still_filling_does_not_hold_up_another(closed: Rollups) -> None:
    late(closed)
    age(closed, rollup.QUIET)
    closed.ask(f"select rollup_touch({closed.devices[0]}, '{START}', '{START + HOUR}')")
    assert gently(closed) > 0
    assert closed.due() > 0
    assert all(device == closed.devices[0] for (device,) in closed.ask("select device_id from rollup_due"))


def test_a_batch_is_noted_in_one_row(closed: Rollups) -> None:
    late(closed)
    [(batches, units)] = closed.ask("select count(*), sum(cardinality(devices)) from rollup_late")
    assert batches == 1
    assert units == closed.due() > 1


def test_by_hand_nothing_waits(closed: Rollups) -> None:
    late(closed)
    closed.keep(START + 5 * DAY)
    assert closed.due() == 0
