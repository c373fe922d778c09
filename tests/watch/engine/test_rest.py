"""What came late takes little of the time while readings go on coming, and is never put off for long."""

from datetime import UTC, datetime, timedelta

from ingest.watch.engine.database.notes import Waits
from ingest.watch.engine.rest import PATIENCE, LateRest

HOUR_S = 3600.0


def late(newest: int, ago: timedelta = timedelta()) -> Waits:
    return Waits(live=False, late_since=datetime.now(UTC) - ago, newest_late=newest)


def test_it_rests_after_a_turn_as_long_as_something_comes() -> None:
    rest = LateRest(9.0)
    assert rest.is_over(late(1)), "nothing was done yet"
    rest.begin(late(1), HOUR_S)
    assert not rest.is_over(late(2)), "more came late"
    rest.begin(late(2), HOUR_S)
    rest.note_live()
    assert not rest.is_over(late(2)), "readings of now come"


def test_it_goes_on_at_once_where_nothing_comes() -> None:
    rest = LateRest(9.0)
    rest.begin(late(2), HOUR_S)
    assert rest.is_over(late(2))
    assert rest.is_over(late(1)), "the newest one was done"


def test_what_has_waited_for_long_does_not_rest() -> None:
    rest = LateRest(9.0)
    rest.begin(late(1), HOUR_S)
    rest.note_live()
    assert not rest.is_over(late(1, PATIENCE - timedelta(seconds=30)))
    assert rest.is_over(late(1, PATIENCE + timedelta(seconds=1)))


def test_a_short_turn_is_followed_by_a_short_rest() -> None:
    rest = LateRest(9.0)
    rest.begin(late(1), 0.0)
    rest.note_live()
    assert rest.is_over(late(2))
