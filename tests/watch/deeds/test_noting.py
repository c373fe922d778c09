"""Notes, marks and missed ones: only added, bounded, once for each key, and on record."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.watch.deeds.database.incidents import actions_of, missed_between
from ingest.watch.deeds.model import ActionKind, Doer, Mark, NewMissed, Way
from ingest.watch.deeds.noting import enter_missed, mark_incident, note_action, take_back_missed
from tests.watch.deeds.conftest import DOER, NOW, entries_of, incident, one, project_of

SUZUKI = Doer(By("suzuki"), Way.CLI)
MISSED = NewMissed(NOW - timedelta(hours=5), "橋の下まで水が来ていた", "dev_1_here")
Connection = psycopg.Connection[Any]


def test_a_note_says_what_was_done_and_when(connection: Connection, project: int) -> None:
    number, at = incident(connection, project), NOW - timedelta(minutes=20)
    note_action(connection, DOER, project, number, " 避難所を開けた\n毛布30枚 ", at)
    note_action(connection, SUZUKI, project, number, "水門を閉めた")
    first, second = actions_of(connection, project, number)
    assert (first.kind, first.at, first.by, first.note) == (ActionKind.NOTE, at, "sato", "避難所を開けた\n毛布30枚")
    assert (second.by, second.way) == ("suzuki", Way.CLI)
    assert [entry[0] for entry in entries_of(connection, "watch_noted")] == ["sato", "suzuki"]


def test_a_note_with_a_key_is_stored_once_and_another_one_under_it_is_refused(
    connection: Connection, project: int
) -> None:
    number, key = incident(connection, project), uuid4()
    first = note_action(connection, DOER, project, number, "見に行く", client_key=key)
    again = note_action(connection, DOER, project, number, "見に行く", client_key=key)
    assert (again.number, again.already) == (first.number, True)
    with pytest.raises(ChangeRefused, match="says something else"):
        note_action(connection, DOER, project, number, "見に行かない", client_key=key)
    assert len(actions_of(connection, project, number)) == 1
    assert len(entries_of(connection, "watch_noted")) == 1


@pytest.mark.parametrize(
    ("note", "ahead"), [("", 0), (" \n", 0), ("長" * 2001, 0), ("a\0", 0), ("x", 60), ("x", -(10**6))]
)
def test_a_note_out_of_bounds_is_refused(connection: Connection, project: int, note: str, ahead: int) -> None:
    number = incident(connection, project)
    with pytest.raises(ChangeRefused):
        note_action(connection, DOER, project, number, note, NOW + timedelta(minutes=10 * ahead))
    assert actions_of(connection, project, number) == []


def test_the_newest_mark_counts_and_the_earlier_ones_stay(connection: Connection, project: int) -> None:
    number = incident(connection, project)
    assert not mark_incident(connection, DOER, project, number, Mark.TRUE).already
    assert mark_incident(connection, SUZUKI, project, number, Mark.TRUE).already
    mark_incident(connection, SUZUKI, project, number, Mark.FALSE, "落ち葉が溜まっていた")
    stands = one(connection, "select mark, mark_note, marked_by from watch_incident where incident_id = %s", number)
    assert stands == ("false", "落ち葉が溜まっていた", "suzuki")
    assert [action.mark for action in actions_of(connection, project, number)] == [Mark.TRUE, Mark.FALSE]
    assert len(entries_of(connection, "watch_marked")) == 2


def test_an_incident_of_a_drill_is_neither_true_nor_false(connection: Connection, project: int) -> None:
    number = incident(connection, project, drill_id=1)
    with pytest.raises(ChangeRefused, match="drill"):
        mark_incident(connection, DOER, project, number, Mark.FALSE)


def test_a_missed_one_is_listed_by_its_time_and_with_its_station(connection: Connection, project: int) -> None:
    done = enter_missed(connection, DOER, project, MISSED)
    place = NewMissed(NOW - timedelta(hours=4), "土砂が出た", place="中谷の沢")
    enter_missed(connection, DOER, project, place)
    first, second = missed_between(connection, project, NOW - timedelta(days=1), NOW)
    assert (first.action_id, first.at, first.device, first.note) == (done.number, MISSED.at, "dev_1_here", MISSED.note)
    assert (second.device, second.place) == (None, "中谷の沢")
    assert missed_between(connection, project, NOW - timedelta(hours=3), NOW) == []
    assert missed_between(connection, project_of(connection, "there"), NOW - timedelta(days=1), NOW) == []
    assert len(entries_of(connection, "watch_missed")) == 2


def test_a_missed_one_entered_by_mistake_stays_and_says_so(connection: Connection, project: int) -> None:
    number = enter_missed(connection, DOER, project, MISSED).number
    assert not take_back_missed(connection, DOER, project, number, "別の川だった").already
    assert take_back_missed(connection, SUZUKI, project, number, "別の川だった").already
    (row,) = missed_between(connection, project, NOW - timedelta(days=1), NOW)
    assert row.taken_back
    with pytest.raises(NotThere):
        take_back_missed(connection, DOER, project_of(connection, "there"), number, "x")


def test_a_missed_one_needs_a_place_and_a_station_of_the_project(connection: Connection, project: int) -> None:
    with pytest.raises(ChangeRefused, match="place"):
        enter_missed(connection, DOER, project, NewMissed(NOW, "どこか"))
    with pytest.raises(NotThere):
        enter_missed(connection, DOER, project, NewMissed(NOW, "よそ", "dev_1_there"))
    with pytest.raises(NotThere):
        note_action(connection, DOER, project, incident(connection, project_of(connection, "there")), "よそ")
