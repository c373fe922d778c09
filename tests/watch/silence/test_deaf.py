"""While the service itself is deaf nobody is silent, and the time of it counts for nobody."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.store.status.listening import MOST, note_listening
from ingest.watch.silence.database.fleet import read_hearing
from ingest.watch.silence.hearing import runs_out
from tests.watch.silence.conftest import Watched

START = datetime(2026, 6, 1, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def listened(watched: Watched, until_min: float) -> None:
    watched.run(
        "insert into watch_progress (name, done_until) values ('listening', %s)"
        " on conflict (name) do update set done_until = excluded.done_until",
        watched.ago(until_min),
    )


def test_a_service_that_does_not_listen_calls_nobody_silent_and_ends_nothing(watched: Watched) -> None:
    number = watched.field.device("d", interval_s=600)
    watched.heard(number, 45)
    listened(watched, 1)
    assert watched.look() == []
    listened(watched, 0.1)
    assert len(watched.look()) == 1
    watched.heard(number, 2)
    listened(watched, 5)
    assert watched.look() == []
    assert len(watched.open()) == 1


def test_after_it_was_deaf_everybody_has_the_rest_of_their_patience(watched: Watched) -> None:
    number = watched.field.device("d", interval_s=600)
    watched.heard(number, 60)
    listened(watched, 55)
    note_listening(watched.field.connection)
    assert watched.look() == [], "of an hour only five minutes were listened to"
    watched.run("update watch_progress set details = jsonb_build_object('deaf', jsonb_build_array("
                "jsonb_build_array(%s::timestamptz, %s::timestamptz)))", watched.ago(55), watched.ago(40))  # fmt: skip
    (event,) = watched.look()
    assert event.at == watched.ago(15)


def test_notes_that_follow_each_other_make_no_gap_and_gaps_are_bounded(watched: Watched) -> None:
    connection = watched.field.connection
    note_listening(connection)
    assert read_hearing(connection, watched.now).deaf == []
    for _ in range(2):
        listened(watched, 0.2)
        note_listening(connection)
    assert read_hearing(connection, watched.now).deaf == []
    for number in range(MOST + 3):
        listened(watched, 3 + number)
        note_listening(connection)
    deaf = read_hearing(connection, watched.now).deaf
    assert len(deaf) == MOST
    assert deaf[-1] == (watched.ago(MOST + 5), watched.now)


def test_what_was_never_noted_is_taken_for_heard(watched: Watched) -> None:
    assert read_hearing(watched.field.connection, watched.now).deaf_since is None


@given(
    st.lists(st.integers(0, 60), max_size=8, unique=True).map(lambda each: sorted(each)[: len(each) // 2 * 2]),
    st.integers(0, 40), st.integers(0, 40),
)  # fmt: skip
def test_the_patience_runs_only_while_somebody_listens(edges: list[int], since: int, patience: int) -> None:
    spans = [(edges[at], edges[at + 1]) for at in range(0, len(edges), 2)]
    apart = [(START + minutes(starts), START + minutes(ends)) for starts, ends in spans]
    found = round((runs_out(START + minutes(since), minutes(patience), apart) - START) / minutes(1))
    listened = [not any(starts <= minute < ends for starts, ends in spans) for minute in range(since, found)]
    assert sum(listened) == patience
    assert patience == 0 or listened[-1], "it is the first such moment"
