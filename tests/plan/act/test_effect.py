"""The effect of a measure, from readings: reckoned by hand, with what it is compared with."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import psycopg
import pytest

from ingest.plan.act.effect import Verdict, effect_of
from ingest.plan.act.effect_words import effect_notes, effect_record, effect_sentence, outwards
from ingest.plan.act.model import Measure
from schemas.japan import JST
from schemas.work import MeasureKind, MeasureState
from tests.figures.field import Field
from tests.fixtures.database import FIRST, Database, Servers, fresh_database

Connection = psycopg.Connection[Any]
DONE_ON = date(2026, 6, 30)
BEFORE, AFTER = DONE_ON - timedelta(days=28), DONE_ON + timedelta(days=1)
NOW = datetime(2026, 9, 1, tzinfo=JST)
SIX_HOURS = 21_600
"""The devices send four times a day, so every day of one device expects 4."""


@pytest.fixture(scope="module")
def empty(servers: Servers) -> Iterator[Database]:
    database = fresh_database(servers.get(FIRST))
    yield database
    database.drop()


@pytest.fixture
def field(empty: Database) -> Iterator[Field]:
    connection = empty.connect(autocommit=False)
    yield Field(connection)
    connection.rollback()
    empty.close()


def days_of(field: Field, device: int, first_day: date, *slots: int) -> None:
    """So many of the four slots of each day have a reading, from the first slot on."""
    rows = [
        (datetime(day.year, day.month, day.day, tzinfo=JST) + timedelta(hours=6 * slot + 1))
        for day, count in ((first_day + timedelta(days=each), count) for each, count in enumerate(slots))
        for slot in range(count)
    ]
    field.uplinks(device, rows)


def weeks(*counts: int) -> list[int]:
    return [count for count in counts for _ in range(7)]


def plain(*values: Fraction | None) -> list[float | None]:
    return [None if value is None else float(value) for value in values]


def measure(field: Field, *devices: int, **more: Any) -> Measure:
    made = Measure(
        1, field.project_id, 1, 2026, MeasureKind.IMPROVEMENT, "アンテナ", "", "佐藤", DONE_ON, (), devices, (),
        "completeness", 0, 0.0, MeasureState.DONE, DONE_ON, 28, "", None, datetime.now(UTC), "sato",
    )  # fmt: skip
    return replace(made, **more)


def two_devices(field: Field) -> tuple[int, int]:
    installed = date(2026, 1, 1)
    return (
        field.device("mended", interval_s=SIX_HOURS, installed_on=installed),
        field.device("other", interval_s=SIX_HOURS, installed_on=installed),
    )


def test_a_case_reckoned_by_hand(field: Field) -> None:
    """Before: weeks of 2, 3, 2, 3 of 4 slots, 70 of 112. After: weeks of 4, 4, 3, 4, 105 of 112. 35 / 112 more.

    Blocks before 50, 75, 50, 75 %, mean 62.5: variance of the mean 4 x 12.5² / 3 / 4 = 52.0833. After 100, 100, 75,
    100, mean 93.75: (3 x 6.25² + 18.75²) / 3 / 4 = 39.0625. Degrees 91.1458² / (52.0833² / 3 + 39.0625² / 3) = 5.88, so
    5 and t = 2.571. Half a width 2.571 x 9.5470 = 24.545: from 6.7 to 55.8 points.
    """
    mended, other = two_devices(field)
    days_of(field, mended, BEFORE, *weeks(2, 3, 2, 3))
    days_of(field, mended, AFTER, *weeks(4, 4, 3, 4))
    days_of(field, other, BEFORE, *[4] * 28)
    days_of(field, other, AFTER, *weeks(4, 4, 4, 3))
    found = effect_of(field.connection, "tea", measure(field, mended), NOW)
    assert found is not None
    assert (found.before.value, found.after.value) == (Fraction(70 * 100, 112), Fraction(105 * 100, 112))
    assert found.change == Fraction(35 * 100, 112)
    assert (found.low, found.high) == pytest.approx((31.25 - 24.545, 31.25 + 24.545), abs=0.01)
    assert [str(bound) for bound in outwards(found) or ()] == ["6.7", "55.8"]
    assert found.verdict is Verdict.BETTER
    assert found.others == Fraction(-7 * 100, 112), "the other device lost 7 of 112 slots"
    assert (found.year_before, found.ended, found.reference_only) == (None, True, False)
    assert (found.before.over, len(found.before.blocks), len(found.after.blocks)) == (28, 4, 4)
    assert effect_sentence(found).ja == ("データ取得率 62.5 → 93.7 % (+31.2 ポイント、95%区間 +6.7 〜 +55.8): 改善した")
    assert any("前年" in note.ja for note in effect_notes(found))


def test_the_day_of_the_measure_counts_on_neither_side(field: Field) -> None:
    mended, _ = two_devices(field)
    days_of(field, mended, BEFORE, *[4] * 28)
    days_of(field, mended, AFTER, *[4] * 28)
    found = effect_of(field.connection, "tea", measure(field, mended), NOW)
    assert found is not None
    assert plain(found.before.value, found.after.value, found.change) == [100, 100, 0], "nothing came on the day itself"
    assert found.verdict is Verdict.UNCLEAR


def test_a_measure_about_everything_has_no_others(field: Field) -> None:
    mended, other = two_devices(field)
    days_of(field, mended, BEFORE, *[2] * 28)
    days_of(field, other, AFTER, *[4] * 28)
    found = effect_of(field.connection, "tea", measure(field), NOW)
    assert found is not None
    assert plain(found.before.value, found.after.value, found.others) == [25, 50, None]


def test_a_network_is_its_devices(field: Field) -> None:
    mended, _ = two_devices(field)
    far = field.device("far", interval_s=SIX_HOURS, network="halow", installed_on=date(2026, 1, 1))
    days_of(field, mended, BEFORE, *[4] * 28)
    days_of(field, far, BEFORE, *[1] * 28)
    row = field.connection.execute("select network_id from network where code = 'halow'").fetchone()
    assert row is not None
    found = effect_of(field.connection, "tea", measure(field, networks=row), NOW)
    assert found is not None
    assert found.before.value == 25
    both = effect_of(field.connection, "tea", measure(field, mended, networks=row), NOW)
    assert both is not None
    assert both.before.value == Fraction(125, 2), "a device, and the devices of a network"


def test_so_far_a_change_is_marked_and_has_no_interval(field: Field) -> None:
    mended, _ = two_devices(field)
    days_of(field, mended, BEFORE, *[2] * 28)
    days_of(field, mended, AFTER, *[4] * 9)
    now = datetime(2026, 7, 10, 12, tzinfo=JST)
    found = effect_of(field.connection, "tea", measure(field, mended), now)
    assert found is not None
    assert [found.after.over, *plain(found.after.value, found.change)] == [9, 100, 50], (
        "the day that lasts does not count"
    )
    assert (found.low, found.verdict) == (None, Verdict.TOO_LITTLE)
    assert found.unsure is not None
    assert (found.ended, found.reference_only) == (False, True)
    assert effect_notes(found)[0].en == "so far: 9 of the 28 days after are over"


def test_before_a_day_is_over_there_is_no_effect(field: Field) -> None:
    mended, _ = two_devices(field)
    days_of(field, mended, BEFORE, *[2] * 28)
    found = effect_of(field.connection, "tea", measure(field, mended), datetime(2026, 6, 30, 18, tzinfo=JST))
    assert found is not None
    assert (found.change, found.verdict) == (None, Verdict.NONE)
    assert found.missing is not None
    assert effect_sentence(found).ja == "データ取得率: ― (実施後の日がまだ終わっていません)"
    assert (effect_record(found) or {})["change"] is None


def test_without_anything_expected_there_is_a_reason_and_no_zero(field: Field) -> None:
    new = field.device("new", interval_s=SIX_HOURS, installed_on=date(2026, 6, 30))
    days_of(field, new, AFTER, *[4] * 28)
    found = effect_of(field.connection, "tea", measure(field, new), NOW)
    assert found is not None
    assert plain(found.before.value, found.after.value, found.change) == [None, 100, None]
    assert found.missing is not None
    assert "実施前の値がありません" in found.missing.ja


def test_nothing_is_said_of_a_measure_that_was_not_done(field: Field) -> None:
    assert effect_of(field.connection, "tea", measure(field, done_on=None), NOW) is None


def test_the_same_days_of_the_year_before_stand_beside_it(field: Field) -> None:
    old = field.device("old", interval_s=SIX_HOURS, installed_on=date(2025, 1, 1))
    days_of(field, old, date(2025, 6, 2), *[4] * 28)
    days_of(field, old, date(2025, 7, 1), *[3] * 28)
    days_of(field, old, BEFORE, *[4] * 28)
    days_of(field, old, AFTER, *[3] * 28)
    found = effect_of(field.connection, "tea", measure(field, old), NOW)
    assert found is not None
    assert plain(found.change, found.year_before) == [-25, -25], "it falls every July"
    assert not any("前年" in note.ja for note in effect_notes(found))
    leap = effect_of(field.connection, "tea", measure(field, old, done_on=date(2028, 2, 29)), NOW)
    assert leap is not None


def test_the_turn_of_the_year_a_season_and_a_planned_stop_are_taken_into_account(field: Field) -> None:
    """Done on 5 January. The season begins on 22 December: 14 days of 28 before. A stop takes 7 of 28 days after.

    2 of 4 slots before, 28 of 56; 3 of 4 after, 63 of 84: 25 points more. Two weeks before say nothing of how sure.
    """
    mended = field.device("mended", interval_s=SIX_HOURS, season=("12-22", "03-31"))
    days_of(field, mended, date(2026, 12, 1), *[4] * 21)
    days_of(field, mended, date(2026, 12, 22), *[2] * 14)
    days_of(field, mended, date(2027, 1, 6), *[3] * 28)
    field.connection.execute(
        "insert into planned_stop (project_id, starts, ends, reason, entered_at, entered_by)"
        " values (%s, '2027-01-20 00:00+09', '2027-01-27 00:00+09', '', '2027-01-19', 'a')",
        (field.project_id,),
    )
    asked = measure(field, mended, done_on=date(2027, 1, 5))
    found = effect_of(field.connection, "tea", asked, datetime(2027, 3, 1, tzinfo=JST))
    assert found is not None
    assert plain(found.before.value, found.after.value, found.change) == [50, 75, 25]
    assert (found.verdict, found.low, found.ended) == (Verdict.TOO_LITTLE, None, True)
    assert [int(block.denominator) for block in found.after.blocks] == [28, 28, 0, 28]
    assert (found.before.completeness, found.after.completeness) == (Fraction(1, 2), Fraction(3, 4))


def test_hours_of_work_a_day_fall(field: Field) -> None:
    mended, _ = two_devices(field)
    for day, minutes in [(BEFORE, 600), (BEFORE + timedelta(10), 240), (AFTER + timedelta(3), 280)]:
        field.connection.execute(
            "insert into work_entry (project_id, kind, starts, minutes, people, entered_by)"
            " values (%s, 'patrol', %s, %s, 2, 'sato')",
            (field.project_id, datetime(day.year, day.month, day.day, 8, tzinfo=JST), minutes),
        )
    found = effect_of(field.connection, "tea", measure(field, figure="work_hours"), NOW)
    assert found is not None
    assert (found.before.value, found.after.value) == (Fraction(28, 28), Fraction(280 * 2, 60 * 28))
    assert (found.series.more_is_better, found.others, found.after.over) == (False, None, 28)
    of_device = effect_of(field.connection, "tea", measure(field, mended, figure="work_hours"), NOW)
    assert of_device is not None
    assert of_device.before.value == 0, "work at no device is none at this one"


def test_the_record_is_plain_json(field: Field) -> None:
    mended, _ = two_devices(field)
    days_of(field, mended, BEFORE, *[2] * 28)
    days_of(field, mended, AFTER, *[4] * 28)
    record = effect_record(effect_of(field.connection, "tea", measure(field, mended), NOW))
    assert record is not None
    assert (record["change"], record["low"], record["high"], record["verdict"]) == (50.0, 50.0, 50.0, "better")
    assert record["before"] == {
        "first_day": "2026-06-02", "until_day": "2026-06-30", "days_over": 28, "blocks": 4, "value": 50.0,
        "completeness": 50.0,
    }  # fmt: skip
    assert effect_record(None) is None
