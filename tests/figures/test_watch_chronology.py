"""The chronology of the watch: who was told of what and when, who took it, and that a crossing appears once."""

from dataclasses import asdict
from datetime import datetime, timedelta

import pytest

from ingest.figures.watch_record import watch_chronology, watch_observed, whole_chronology
from tests.figures.field import Field, jst
from tests.figures.test_stages import levels, river
from tests.figures.test_water import Row, ask, now
from tests.figures.watched import Watched, minutes

FLOOD = jst(2026, 9, 12, 21, 10)
EVENING = jst(2026, 9, 12, 20, 10)


@pytest.fixture
def watched(field: Field) -> Watched:
    watch = Watched(field.connection, field.project_id)
    watch.document(FLOOD - timedelta(days=30))
    return watch


def chronology(field: Field, *, drills: bool = False, start: datetime = EVENING) -> list[Row]:
    rows = watch_chronology(field.connection, "tea", start, start + timedelta(days=1), drills=drills)
    return [asdict(row) for row in rows]


def observed(field: Field, start: datetime) -> list[str]:
    return [row.word for row in watch_observed(field.connection, "tea", start, start + timedelta(days=1))]


def test_a_flood_has_its_stages_who_was_told_who_took_it_and_what_the_city_did(field: Field, watched: Watched) -> None:
    gauge = field.device("river", name="田川橋")
    flood = watched.incident(gauge, FLOOD)
    first = watched.event(flood, gauge, FLOOD, 0, 1, value=1.62, ref_level=2)
    watched.delivery(flood, first, FLOOD + timedelta(seconds=3))
    watched.delivery(flood, first, FLOOD + timedelta(seconds=1), kind="mqtt", channel="mqtt", recipient="")
    watched.event(flood, gauge, FLOOD + minutes(25), 1, 2, value=2.31)
    watched.event(flood, gauge, FLOOD + minutes(300), 2, 0, value=1.1)
    watched.action(flood, "acknowledge", FLOOD + minutes(4), rank=1)
    watched.action(flood, "note", FLOOD + minutes(28), note="現地を確認、土のうを準備")
    rose, higher, over = chronology(field)
    assert (rose["title"], rose["value"], rose["unit"], rose["word"]) == (
        "田川橋", 1.62, "m", "基準1に到達(参考: 警戒レベル2の目安)",
    )  # fmt: skip
    assert (rose["told"], rose["told_at"], rose["delay_s"]) == ("MQTT、田中", FLOOD + timedelta(seconds=3), 3)
    assert (rose["taken_by"], rose["taken_at"], rose["since_before"]) == ("鈴木", FLOOD + minutes(4), None)
    assert (higher["since_before"], higher["taken_by"]) == (minutes(25), None)  # only the first stage was taken
    assert higher["untold"] == "知らせる相手が決められていません"
    assert [row["response"] for row in (rose, higher, over)] == [
        None, "09/12 21:38 現地を確認、土のうを準備(鈴木)", None,
    ]  # fmt: skip
    assert (over["word"], over["since_before"]) == ("すべての基準の外に戻る", minutes(275))


def test_who_takes_a_stage_has_taken_those_below_it(field: Field, watched: Watched) -> None:
    gauge = field.device("river")
    flood = watched.incident(gauge, FLOOD)
    watched.event(flood, gauge, FLOOD, 0, 1)
    watched.event(flood, gauge, FLOOD + minutes(10), 1, 2)
    watched.action(flood, "acknowledge", FLOOD + minutes(12), rank=2)
    assert [row["taken_at"] for row in chronology(field)] == [FLOOD + minutes(12)] * 2


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"withheld": "quiet_hours"}, "静穏時間のため知らせていません"),
        ({"withheld": "maintenance"}, "保守中のため知らせていません"),
        ({"withheld": "nobody"}, "当番がいないため知らせていません"),
        ({}, "送信中"),
        ({"given_up_at": FLOOD, "failed_ja": "宛先がありません"}, "届いていません: 宛先がありません"),
    ],
)
def test_why_nobody_was_told_is_said(field: Field, watched: Watched, columns: dict[str, object], said: str) -> None:
    gauge = field.device("river")
    flood = watched.incident(gauge, FLOOD)
    watched.delivery(flood, watched.event(flood, gauge, FLOOD, 0, 1), None, **columns)
    (row,) = chronology(field)
    assert (row["told"], row["told_at"], row["delay_s"], row["untold"]) == (None, None, None, said)


def test_what_was_said_in_a_digest_was_told_with_it(field: Field, watched: Watched) -> None:
    gauge = field.device("river")
    flood = watched.incident(gauge, FLOOD)
    digest = watched.delivery(None, None, FLOOD + minutes(10), purpose="digest")
    watched.delivery(flood, watched.event(flood, gauge, FLOOD, 0, 1), None, digest_id=digest)
    (row,) = chronology(field)
    assert (row["told"], row["delay_s"], row["untold"]) == ("田中", 600, None)


def test_withdrawn_and_late_events_are_shown_as_amended(field: Field, watched: Watched) -> None:
    gauge = field.device("river")
    watched.event(
        None,
        gauge,
        FLOOD,
        0,
        2,
        withdrawn_at=FLOOD + minutes(90),
        withdrawn_ja="流木による誤り",
        withdrawn_en="driftwood",
    )
    watched.event(None, gauge, FLOOD + minutes(1), 0, 1, origin="late")
    withdrawn, late = chronology(field)
    assert (withdrawn["origin"], withdrawn["withdrawn_ja"], withdrawn["untold"]) == (
        "withdrawn",
        "流木による誤り",
        None,
    )
    assert (late["origin"], late["delay_s"], late["untold"]) == ("late", None, "後から分かったため知らせていません")


def test_a_drill_is_there_only_where_it_is_asked_for_and_says_so(field: Field, watched: Watched) -> None:
    gauge = field.device("river")
    watched.event(None, gauge, FLOOD, 0, 1, origin="drill", details='{"drill": 1}')
    assert chronology(field) == []
    (row,) = chronology(field, drills=True)
    assert (row["word"], row["drill"], row["delay_s"]) == ("【訓練】基準1に到達", True, None)


def test_what_a_person_noted_as_missed_has_a_row(field: Field, watched: Watched) -> None:
    watched.action(None, "missed", FLOOD, note="用水路があふれた")
    (row,) = chronology(field)
    assert (row["kind"], row["origin"], row["response"]) == ("missed", "person", "用水路があふれた(鈴木)")


def test_an_event_of_another_project_is_not_there(field: Field, watched: Watched) -> None:
    watched.event(None, field.device("river"), FLOOD, 0, 1)
    query = "select * from figure_watch_chronology(array['other'], %s, %s, false)"
    assert ask(field, query, FLOOD, FLOOD + minutes(1)) == []


def test_a_crossing_that_the_watch_recorded_is_not_told_again_from_the_readings(field: Field, watched: Watched) -> None:
    gauge = river(field)
    first = levels(field, gauge, 0.5, 1.2, 0.9, 1.3, 0.5)
    start = now(field) - timedelta(hours=2)
    assert len(observed(field, start)) == 4
    whole = whole_chronology(field.connection, "tea", start, start + timedelta(days=1))
    assert {row.unit for row in whole} == {"m"}
    watched.event(None, gauge, first + minutes(30), 0, 1)
    assert observed(field, start) == ["水防団待機水位に到達", "水防団待機水位を下回る"]
    assert len(chronology(field, start=start)) == 1


@pytest.mark.usefixtures("watched")
def test_a_night_without_a_watch_is_in_the_chronology(field: Field) -> None:
    """Two processes side by side, half a minute for a restart, then nobody for two hours, and nobody since."""
    runs = ((-600, 0), (-60, 30), (30.5, 60), (180, 240))
    for begun, until in runs:
        field.connection.execute(
            "insert into watch_run values (%s, %s)", (FLOOD + minutes(begun), FLOOD + minutes(until))
        )
    rows = whole_chronology(field.connection, "tea", FLOOD - minutes(30), FLOOD + minutes(600))
    assert [(row.kind, row.time, row.recorded_at) for row in rows] == [
        ("unwatched", FLOOD + minutes(60), FLOOD + minutes(180)),
        ("unwatched", FLOOD + minutes(240), FLOOD + minutes(600)),
    ]
    assert rows[0].word == "監視が動いていませんでした(09/13 00:10 まで)"
    assert whole_chronology(field.connection, "tea", FLOOD - minutes(900), FLOOD - minutes(600)) == []
    (rest,) = whole_chronology(field.connection, "tea", FLOOD + minutes(100), FLOOD + minutes(120))
    assert (rest.time, rest.recorded_at) == (FLOOD + minutes(100), FLOOD + minutes(120))


def test_a_project_that_watches_nothing_has_no_gaps(field: Field) -> None:
    field.connection.execute("insert into watch_run values (%s, %s)", (FLOOD, FLOOD + minutes(10)))
    assert whole_chronology(field.connection, "tea", FLOOD, FLOOD + minutes(60)) == []
