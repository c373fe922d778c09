"""Which stage a level has reached, since when, and what is missing to the next one, on every tier."""

from datetime import datetime, timedelta

import pytest

from tests.figures.field import Field
from tests.figures.test_water import Row, ask, now

FOUR = (("水防団待機水位", 1.0, None), ("氾濫注意水位", 2.0, 2), ("避難判断水位", 3.0, 3), ("氾濫危険水位", 4.0, 4))


def river(field: Field, code: str = "river") -> int:
    """A gauge with the four stages of the law at 1, 2, 3 and 4 m."""
    gauge = field.device(code, interval_s=600)
    for rank, (name, level_m, ref_level) in enumerate(FOUR, start=1):
        field.stage(gauge, rank, name, level_m, official=True, ref_level=ref_level, source="県")
    return gauge


def levels(field: Field, gauge: int, *values: float, step_min: int = 10) -> datetime:
    """The values in their order, the last one now; returns the time of the first."""
    first = now(field) - timedelta(minutes=step_min * (len(values) - 1))
    for number, value in enumerate(values):
        field.reading(gauge, first + timedelta(minutes=step_min * number), "river_level", value)
    return first


def stages_now(field: Field) -> list[Row]:
    return ask(field, "select * from figure_stage_now(array['tea'], %s) order by rank desc, title", now(field))


def changes(field: Field, since: datetime) -> list[tuple[int, str]]:
    rows = ask(
        field, "select * from figure_stage_change(array['tea'], null, %s, %s)", since, now(field) + timedelta(seconds=1)
    )
    return [(row["rank"], row["word"]) for row in rows]


def test_a_level_has_its_stage_since_when_and_what_is_missing_to_the_next(field: Field) -> None:
    first = levels(field, river(field), 0.5, 1.2, 0.9, 2.1, 3.5, 2.4, 2.6)
    (row,) = stages_now(field)
    assert (row["rank"], row["name"], row["ref_level"], row["official"]) == (2, "氾濫注意水位", 2, True)
    assert row["reached_at"] == first + timedelta(minutes=30)
    assert (row["next_name"], row["next_level_m"]) == ("避難判断水位", 3.0)
    assert row["to_next_m"] == pytest.approx(0.4)
    assert row["rise_1h"] == pytest.approx(2.6 - 0.5)
    assert row["silent"] is False


def test_a_stage_is_reached_at_its_level_and_not_a_millimetre_before(field: Field) -> None:
    gauge = river(field)
    levels(field, gauge, 0.999, 1.0)
    (row,) = stages_now(field)
    assert (row["rank"], row["reached_at"]) == (1, now(field))


def test_below_all_stages_there_is_none_but_the_first_is_the_next(field: Field) -> None:
    levels(field, river(field), 0.2)
    (row,) = stages_now(field)
    assert (row["rank"], row["name"], row["reached_at"], row["next_name"]) == (0, None, None, "水防団待機水位")


def test_above_the_highest_stage_there_is_no_next_one(field: Field) -> None:
    levels(field, river(field), 1, 4.5)
    (row,) = stages_now(field)
    assert (row["rank"], row["next_name"], row["to_next_m"]) == (4, None, None)


def test_a_level_that_was_never_below_has_no_beginning_of_its_stage(field: Field) -> None:
    levels(field, river(field), 2.5, 2.6)
    (row,) = stages_now(field)
    assert (row["rank"], row["reached_at"]) == (2, None)


def test_a_gauge_that_fell_silent_keeps_its_last_stage_and_says_so(field: Field) -> None:
    field.reading(river(field), now(field) - timedelta(hours=20), "river_level", 3.1)
    (row,) = stages_now(field)
    assert (row["rank"], row["silent"], row["rise_1h"]) == (3, True, None)


def test_a_level_without_stages_is_not_among_them(field: Field) -> None:
    levels(field, field.device("other", interval_s=600), 3)
    assert stages_now(field) == []


def test_what_does_not_count_reaches_no_stage(field: Field) -> None:
    gauge = river(field)
    levels(field, gauge, 1.2, 9.0)
    field.connection.execute(
        "insert into correction (kind, device_id, starts, who, why) values ('annul', %s, %s, '係', '流木')",
        (gauge, now(field)),
    )
    (row,) = stages_now(field)
    assert (row["rank"], row["value"]) == (1, 1.2)


def test_the_stages_are_those_of_the_time_of_measurement(field: Field) -> None:
    gauge = field.device("river", interval_s=600)
    half_an_hour_ago = now(field) - timedelta(minutes=30)
    field.stage(gauge, 1, "市設定基準1", 1.0, valid_to=half_an_hour_ago)
    field.stage(gauge, 1, "市設定基準1", 2.0, valid_from=half_an_hour_ago)
    first = levels(field, gauge, 0.5, 1.5, 1.5, 1.5, 1.5, 2.5)
    (row,) = stages_now(field)
    assert (row["rank"], row["level_m"], row["reached_at"]) == (1, 2.0, now(field))
    assert changes(field, first) == [
        (1, "市設定基準1に到達"), (0, "市設定基準1を下回る"), (1, "市設定基準1に到達"),
    ]  # fmt: skip


def test_a_stage_that_did_not_hold_yet_was_not_reached(field: Field) -> None:
    gauge = field.device("river", interval_s=600)
    field.stage(gauge, 1, "市設定基準1", 1.0, valid_from=now(field) - timedelta(minutes=30))
    first = levels(field, gauge, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5)
    assert changes(field, first) == [(1, "市設定基準1に到達")]


def test_every_change_of_the_stage_is_told_in_words_that_nobody_takes_for_an_announcement(field: Field) -> None:
    first = levels(field, river(field), 0.5, 1.2, 1.3, 3.4, 1.5, 0.4)
    assert changes(field, first) == [
        (1, "水防団待機水位に到達"),
        (3, "避難判断水位に到達(参考: 警戒レベル3の目安)"),
        (1, "避難判断水位を下回る(いま 水防団待機水位)"),
        (0, "水防団待機水位を下回る"),
    ]


def test_a_change_just_after_the_beginning_of_a_period_is_known_from_the_measurement_before(field: Field) -> None:
    levels(field, river(field), 0.5, 1.2)
    assert changes(field, now(field)) == [(1, "水防団待機水位に到達")]
    assert changes(field, now(field) + timedelta(microseconds=1)) == []


def test_stages_are_reached_in_the_chronology_too(field: Field) -> None:
    levels(field, river(field), 0.5, 2.2)
    rows = ask(
        field, "select * from figure_chronology(array['tea'], %s, %s)", now(field) - timedelta(hours=1),
        now(field) + timedelta(seconds=1),
    )  # fmt: skip
    assert [(row["what"], row["word"], row["value"]) for row in rows] == [
        ("基準水位", "氾濫注意水位に到達(参考: 警戒レベル2の目安)", 2.2)
    ]


def test_lines_are_drawn_for_the_levels_that_stand_highest(field: Field) -> None:
    levels(field, river(field, "low"), 0.5)
    levels(field, river(field, "high"), 3.2)
    since = now(field) - timedelta(hours=24)
    query = "select * from figure_stage_lines(array['tea'], null, array['river_level'], %s, %s, 1)"
    rows = ask(field, query, since, now(field))
    assert {row["device"] for row in rows} == {"high"}
    assert [(row["time"], row["level_m"]) for row in rows if row["rank"] == 4] == [(since, 4.0), (now(field), 4.0)]
    assert rows[0]["title"] == "機器 high 水防団待機水位"


def test_probes_of_one_device_have_stages_of_their_own(field: Field) -> None:
    gauge = river(field)
    field.stage(gauge, 1, "市設定基準1", 0.5, channel=1)
    field.reading(gauge, now(field), "river_level", 0.7)
    field.reading(gauge, now(field), "river_level", 0.7, channel=1)
    assert [(row["channel"], row["rank"]) for row in stages_now(field)] == [(1, 1), (0, 0)]


@pytest.mark.parametrize("remark", [1, 16, 32, 33])
def test_a_flagged_value_reaches_no_stage(field: Field, remark: int) -> None:
    gauge = river(field)
    first = now(field) - timedelta(minutes=10)
    field.reading(gauge, first, "river_level", 0.5)
    field.reading(gauge, now(field), "river_level", 9.0, quality=remark)
    (row,) = stages_now(field)
    assert (row["rank"], row["value"], row["measured_at"]) == (0, 0.5, first)
    assert changes(field, first) == []


def test_a_remark_about_the_clock_hides_no_flood(field: Field) -> None:
    field.reading(river(field), now(field), "river_level", 4.5, quality=2)
    (row,) = stages_now(field)
    assert (row["rank"], row["value"]) == (4, 4.5)
