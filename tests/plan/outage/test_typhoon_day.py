"""A day of a gauge of two intervals: calm, high, calm again, with six messages that come late. All reckoned by hand."""

from datetime import date, datetime, timedelta

from ingest.figures.plan.sums import percent, plan_sums
from ingest.figures.usage import Period, usage
from tests.figures.field import jst
from tests.plan.outage.conftest import Valley

DAY, MORROW = date(2026, 9, 5), date(2026, 9, 6)
HOUR = timedelta(hours=1)


def at(hour: int, minute: int = 0) -> datetime:
    return jst(2026, 9, 5) + timedelta(hours=hour, minutes=minute)


def every(step: timedelta, first: datetime, last: datetime) -> list[datetime]:
    return [first + number * step for number in range((last - first) // step + 1)]


def counted(valley: Valley) -> tuple[int, int, float | None]:
    """Expected, received and rate of the day; the usage report of a device that did not move says the same."""
    (row,) = [
        row
        for row in plan_sums(valley.connection, "tea", DAY, MORROW, at(48))
        if (row.level, row.key) == ("device", "r")
    ]
    (line,) = usage(valley.connection, "tea", Period(at(0), at(24), at(48))).devices
    assert (line.expected, line.received, line.completeness) == (row.expected, row.valid, percent(row.completeness))
    return row.expected, row.valid, percent(row.completeness)


def test_a_day_with_a_typhoon(valley: Valley) -> None:
    """600 s from 1.2 m on, 3,600 s below.

    Calm: hourly at five past, 00:05 to 08:05. High: every ten minutes from 08:35 on. The line is dead after 09:55, and
    works again at 11:05. The water falls below the level at 12:35: that message is the last of the high mode. Calm:
    hourly at 35 past until 23:35, but for 15:35, which is lost. In the evening the six messages of 10:05 to 10:55 come.
    """
    ten = timedelta(minutes=10)
    r = valley.field.device("r", interval_s=600, calm=(3600, 1.2))
    valley.arrive(r, every(HOUR, at(0, 5), at(8, 5)), {"river_level": 0.4})
    valley.arrive(r, every(ten, at(8, 35), at(9, 55)), {"river_level": 1.2})
    # High, so that half an hour is the most: at 10:24 nothing is wrong, at 10:26 it is out since 09:55.
    valley.look(at(10, 24))
    assert valley.outages() == set()
    valley.look(at(10, 26))
    assert valley.outages() == {(r, at(9, 55), None)}

    valley.arrive(r, every(ten, at(11, 5), at(12, 25)), {"river_level": 1.9})
    valley.arrive(r, [*every(HOUR, at(12, 35), at(14, 35)), *every(HOUR, at(16, 35), at(23, 35))], {"river_level": 1.1})
    valley.look(at(24, 30))
    # Calm, so that an hour and a half is the most: an hour is right, two hours from 14:35 to 16:35 are an outage.
    assert valley.outages() == {(r, at(9, 55), at(11, 5)), (r, at(14, 35), at(16, 35))}
    # Expected: calm 00:00-08:05 is 8 whole hours. The hour of the rise counts from its first message, so that 08:05 to
    # 12:35 is high: 270 minutes, 27. Calm 12:35-24:00 is 11 whole hours. 8 + 27 + 11 = 46.
    # Received: 8. High: 08:05; 08:35 to 08:55, 3; of nine o'clock 6; of eleven 6; 12:05 to 12:25, 3: 19. Calm: of the
    # 11 whole hours from 13:00 on all but that of 15:35: 10. 8 + 19 + 10 = 37. 37 / 46 = 80.4 %.
    assert counted(valley) == (46, 37, 80.4)

    valley.arrive(r, every(ten, at(10, 5), at(10, 55)), {"river_level": 2.1})
    valley.look(at(25))
    # No silence is left in the flood, and six slots more are filled: 43 / 46 = 93.47..., cut to 93.4 %.
    assert valley.outages() == {(r, at(14, 35), at(16, 35))}
    assert counted(valley) == (46, 43, 93.4)
