"""A device is silent from the moment its patience ran out, by the mode it is in, while it is to work, until heard."""

from datetime import timedelta

import pytest

from ingest.watch.model import Kind, Origin
from schemas.japan import JST
from tests.watch.silence.conftest import Watched

HOUR, DAY = 60, 24 * 60


def test_a_silence_begins_when_the_patience_ran_out_and_is_told_once(watched: Watched) -> None:
    number = watched.field.device("d", interval_s=600)
    watched.heard(number, 45)
    (event,) = watched.look()
    assert (event.kind, event.subject, event.rank, event.origin) == (Kind.SILENCE, f"silence:d{number}", 1, Origin.LIVE)
    assert event.at == watched.ago(15), "three intervals of ten minutes after it was heard, not when it was looked at"
    assert event.details["patience_s"] == 1800
    assert watched.look() == []
    assert watched.open() == {event.subject: 1}


def test_who_spoke_lately_or_never_or_need_not_is_not_silent(watched: Watched) -> None:
    field = watched.field
    watched.heard(field.device("live", interval_s=600), 29)
    field.device("never", interval_s=600)
    watched.heard(field.device("disabled", interval_s=600, enabled=False), 90)
    month = (watched.now + timedelta(days=40)).strftime("%m-%d")
    later = (watched.now + timedelta(days=60)).strftime("%m-%d")
    watched.heard(field.device("resting", interval_s=600, season=(month, later)), 90)
    assert watched.look() == []


@pytest.mark.parametrize(("level", "silent_min", "expected"), [(0.2, 35 * HOUR, 0), (0.2, 37 * HOUR, 1), (2.0, 40, 1)])
def test_a_gauge_of_two_intervals_has_the_patience_of_its_mode(
    watched: Watched, level: float, silent_min: float, expected: int
) -> None:
    number = watched.field.device("g", interval_s=600, calm=(DAY * 60, 1.0))
    watched.heard(number, silent_min, readings={"river_level": level})
    events = watched.look()
    assert len(events) == expected
    if events:
        assert events[0].details["mode"] == ("flood" if level > 1 else "calm")


def test_the_document_may_say_another_patience_and_who_speaks_rarely(watched: Watched) -> None:
    usual, trap = watched.field.device("d", interval_s=600), watched.field.device("trap", interval_s=600)
    for number in (usual, trap):
        watched.heard(number, 45)
    watched.document.update(intervals=6, event_only=[{"devices": ["trap"], "keep_alive_h": 24}])
    assert watched.look() == []
    watched.document.update(intervals=2, event_only=[{"devices": ["trap"], "keep_alive_h": 0.5}])
    first, second = watched.look()
    assert (first.subject, first.at) == (f"silence:d{usual}", watched.ago(25))
    assert (second.subject, second.at) == (f"silence:d{trap}", watched.ago(15))
    watched.document.update(enabled=False)
    assert [(event.rank, event.details["reason"]) for event in watched.look()] == [(0, "rules")] * 2


def test_what_is_heard_again_ends_at_the_moment_it_was_heard(watched: Watched) -> None:
    number = watched.field.device("d", interval_s=600)
    watched.heard(number, 90)
    watched.look()
    watched.heard(number, 20)
    watched.heard(number, 10)
    (event,) = watched.look()
    assert (event.before_rank, event.rank, event.at) == (1, 0, watched.ago(20))
    assert event.details["reason"] == "heard"
    assert watched.open() == {}


def test_what_came_later_of_the_time_of_a_silence_is_marked_and_undoes_nothing(watched: Watched) -> None:
    number = watched.field.device("d", interval_s=600)
    watched.heard(number, 90)
    watched.look()
    assert watched.open() != {}
    for minutes in (50, 40, 30):
        watched.heard(number, minutes, received_at=watched.ago(20))
    watched.heard(number, 20)
    watched.look()
    watched.run("update watch_progress set done_until = now() - interval '15 minutes' where name = 'silence'")
    (mark,) = watched.look()
    assert (mark.origin, mark.at, mark.before_rank, mark.rank) == (Origin.LATE, watched.ago(50), 1, 1)
    assert mark.details["backfilled"] == 3
    assert watched.look() == []
    row = watched.field.connection.execute("select opened_at, closed_at from watch_incident").fetchone()
    assert row == (watched.ago(60), watched.ago(20)), "it was blind all the same"


def test_a_device_that_is_disabled_meanwhile_is_missed_no_more(watched: Watched) -> None:
    number = watched.field.device("d", interval_s=600)
    watched.heard(number, 90)
    watched.look()
    watched.run("update device set enabled = false where device_id = %s", number)
    (event,) = watched.look()
    assert (event.rank, event.at, event.details["reason"]) == (0, watched.now, "disabled")


def test_a_silence_that_ended_without_a_word_can_begin_again(watched: Watched) -> None:
    number = watched.field.device("d", interval_s=600)
    watched.heard(number, 90)
    watched.look()
    watched.document.update(enabled=False)
    watched.look()
    watched.document.update(enabled=True)
    (event,) = watched.look()
    assert (event.rank, event.at > watched.now) == (1, True), "its first moment is taken"
    assert watched.open() == {event.subject: 1}


@pytest.mark.parametrize(("ended_min", "expected"), [(-60, 0), (20, 0), (40, 1)])
def test_a_planned_stop_excuses_while_it_lasts_and_the_patience_begins_at_its_end(
    watched: Watched, ended_min: float, expected: int
) -> None:
    watched.heard(watched.field.device("d", interval_s=600), 120)
    watched.run(
        "insert into planned_stop (project_id, starts, ends, reason, entered_by, entered_at)"
        " values (%s, %s, %s, '点検', 'x', %s)",
        watched.field.project_id, watched.ago(180), watched.ago(ended_min), watched.ago(200),
    )  # fmt: skip
    events = watched.look()
    assert [event.at for event in events] == [watched.ago(ended_min - 30)] * expected


def test_a_season_that_has_just_begun_gives_the_whole_patience(watched: Watched) -> None:
    today = watched.now.astimezone(JST).strftime("%m-%d")
    number = watched.field.device("d", interval_s=3600 * 10, season=(today, today))
    watched.heard(number, 40 * HOUR)
    state = watched.field.connection.execute("select state from figure_device_state").fetchone()
    assert (state, watched.look()) == (("silent",), []), "it has been at work for less than thirty hours"
