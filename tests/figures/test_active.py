"""When a device was meant to work (運用期間, 設置日), on calendars with their corners."""

from datetime import date, datetime
from typing import Any

import pytest
from psycopg import Connection

from schemas.japan import JST
from tests.figures.field import jst

CASES = [
    ("always", None, None, None, (2026, 11), [((2026, 11, 1), (2026, 12, 1))]),
    ("inside", "11-10", "11-20", None, (2026, 11), [((2026, 11, 10), (2026, 11, 21))]),
    ("outside", "04-01", "09-30", None, (2026, 11), []),
    ("last day", "04-01", "11-01", None, (2026, 11), [((2026, 11, 1), (2026, 11, 2))]),
    ("wraps, year begins", "11-15", "01-10", None, (2027, 1), [((2027, 1, 1), (2027, 1, 11))]),
    ("wraps, year ends", "12-20", "03-31", None, (2026, 12), [((2026, 12, 20), (2027, 1, 1))]),
    ("the whole year in two words", "11-15", "11-14", None, (2026, 11), [((2026, 11, 1), (2026, 12, 1))]),
    ("ends on 29 February, leap year", "12-01", "02-29", None, (2028, 2), [((2028, 2, 1), (2028, 3, 1))]),
    ("ends on 29 February, other year", "12-01", "02-29", None, (2027, 2), [((2027, 2, 1), (2027, 3, 1))]),
    ("and is over in March", "12-01", "02-29", None, (2027, 3), []),
    ("begins on 29 February, other year", "02-29", "03-10", None, (2027, 3), [((2027, 3, 1), (2027, 3, 11))]),
    ("ends on the last of December", "10-01", "12-31", None, (2026, 12), [((2026, 12, 1), (2027, 1, 1))]),
    ("installed meanwhile", None, None, date(2026, 11, 16), (2026, 11), [((2026, 11, 16), (2026, 12, 1))]),
    ("installed in the season", "11-10", "11-20", date(2026, 11, 15), (2026, 11), [((2026, 11, 15), (2026, 11, 21))]),
    ("installed afterwards", "11-10", "11-20", date(2026, 11, 25), (2026, 11), []),
]


@pytest.mark.parametrize(
    ("season_from", "season_to", "installed_on", "month", "spans"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_device_is_active_in_its_season_from_its_installation_on(
    connection: Connection[Any],
    season_from: str | None,
    season_to: str | None,
    installed_on: date | None,
    month: tuple[int, int],
    spans: list[tuple[tuple[int, int, int], tuple[int, int, int]]],
) -> None:
    year, number = month
    start = jst(year, number, 1)
    end = jst(year + number // 12, number % 12 + 1, 1)
    rows = connection.execute(
        "select starts, ends from figure_active(%s, %s, %s::date, %s, %s) order by 1",
        (season_from, season_to, installed_on, start, end),
    )
    assert rows.fetchall() == [(_midnight(*first), _midnight(*last)) for first, last in spans]


def _midnight(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=JST)
