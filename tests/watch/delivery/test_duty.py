"""Who is on duty, and when it is quiet: on a Japanese clock, over midnight, and at the edges."""

from datetime import UTC, datetime

import pytest

from ingest.watch.delivery.duty import on_duty, quiet_until
from schemas.watch_notice import Duty, QuietHours, Shift, WeeklyShift


def at(text: str) -> datetime:
    """A time in Japan. 2026-06-01 is a Monday."""
    return datetime.fromisoformat(f"{text}+09:00").astimezone(UTC)


DUTY = Duty(
    rota=(Shift(begins=at("2026-06-01T12:00"), ends=at("2026-06-01T13:00"), person="rota"),),
    weekly=(
        WeeklyShift(days=("mon", "sun"), begins="08:30", ends="17:15", person="day"),
        WeeklyShift(days=("mon",), begins="17:15", ends="08:30", person="night"),
    ),
    backup="backup",
)


@pytest.mark.parametrize(
    ("time", "person"),
    [
        ("2026-06-01T08:29", "backup"),
        ("2026-06-01T08:30", "day"),
        ("2026-06-01T12:00", "rota"),
        ("2026-06-01T13:00", "day"),
        ("2026-06-01T17:15", "night"),
        ("2026-06-02T08:29", "night"),
        ("2026-06-02T08:30", "backup"),
        ("2026-06-07T09:00", "day"),
        ("2026-06-08T03:00", "backup"),
    ],
)
def test_the_rota_wins_over_the_week_and_the_backup_is_last(time: str, person: str) -> None:
    assert on_duty(DUTY, None, at(time)) == (person,)


def test_a_whole_day_belongs_to_the_day_on_which_it_begins() -> None:
    duty = Duty(weekly=(WeeklyShift(days=("mon",), begins="08:30", ends="08:30", person="day"),))
    assert on_duty(duty, None, at("2026-06-02T08:29")) == ("day",)
    assert on_duty(duty, None, at("2026-06-02T08:30")) == ()


def test_who_took_it_over_wins_over_all() -> None:
    assert on_duty(DUTY, "other", at("2026-06-01T12:30")) == ("other",)


@pytest.mark.parametrize(
    ("time", "until"),
    [
        ("2026-06-01T21:59", None),
        ("2026-06-01T22:00", "2026-06-02T06:00"),
        ("2026-06-02T05:59", "2026-06-02T06:00"),
        ("2026-06-02T06:00", None),
    ],
)
def test_quiet_hours_end_on_the_right_morning(time: str, until: str | None) -> None:
    hours = QuietHours(begins="22:00", ends="06:00")
    assert quiet_until(hours, at(time)) == (None if until is None else at(until))


def test_quiet_hours_within_a_day_end_on_that_day() -> None:
    hours = QuietHours(begins="12:00", ends="13:00")
    assert quiet_until(hours, at("2026-06-01T12:30")) == at("2026-06-01T13:00")
    assert quiet_until(hours, at("2026-06-01T13:00")) is None
