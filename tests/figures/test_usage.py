"""データ取得率 and its neighbours, on small fields where every figure is worked out by hand, on every tier."""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from ingest.figures.fetch import fetch
from ingest.figures.usage import Period, usage
from ingest.figures.usage_model import DeviceUsage, NetworkUsage, ProjectUsage
from schemas.uplink import EventKind
from tests.figures.field import Field, jst

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OCTOBER = Period(jst(2026, 10, 1), jst(2026, 11, 1), jst(2027, 6, 1))
NOVEMBER = Period(jst(2026, 11, 1), jst(2026, 12, 1), jst(2027, 6, 1))
DECEMBER = Period(jst(2026, 12, 1), jst(2027, 1, 1), jst(2027, 6, 1))
JANUARY = Period(jst(2027, 1, 1), jst(2027, 2, 1), jst(2027, 6, 1))


def of(field: Field, code: str, period: Period = NOVEMBER) -> DeviceUsage:
    return next(line for line in usage(field.connection, "tea", period).devices if line.device == code)


def test_every_figure_of_a_month_is_what_a_hand_computes(field: Field) -> None:
    device = field.device("a", interval_s=6 * 3600)
    for day in range(1, 28):  # 27 days complete: 108 slots; then one of four on the 28th, nothing on the 29th and 30th
        for hour in (1, 7, 13, 19):
            field.uplink(device, jst(2026, 11, day, hour), {"air_temperature": 18.0, "soil_moisture": 30.0})
    field.uplink(device, jst(2026, 11, 28, 1), {"air_temperature": 44.0}, quality=1)
    field.quarantined(jst(2026, 11, 28, 1), device=device)
    field.quarantined(jst(2026, 11, 28, 2), device=device, replayed_at=jst(2026, 11, 29))

    line = of(field, "a")
    assert line.active_s == 30 * 86400
    assert line.expected == 30 * 4
    assert line.received == 27 * 4 + 1
    assert line.completeness == 90.8  # 109 / 120 = 90.833… %, cut
    assert not line.reference_only
    assert line.uplinks == 109
    assert line.readings == 27 * 4 * 2 + 1
    assert line.flagged == 1
    assert line.quarantined == 1
    assert line.payload_bytes == 109 * 100
    assert line.first_at == jst(2026, 11, 1, 1)
    assert line.last_at == jst(2026, 11, 28, 1)
    assert line.longest_silence_s == (2 * 24 + 23) * 3600  # from the 28th 01:00 to midnight after the 30th
    assert (line.network, line.network_kind, line.interval_s, line.enabled) == ("lora", "lpwa", 21600, True)


def test_an_uplink_at_15_utc_on_the_31st_of_october_belongs_to_november(field: Field) -> None:
    device = field.device("a")
    midnight = datetime(2026, 10, 31, 15, tzinfo=UTC)
    field.uplink(device, midnight)
    field.uplink(device, midnight - timedelta(microseconds=1))
    assert of(field, "a", OCTOBER).last_at == midnight - timedelta(microseconds=1)
    assert of(field, "a", NOVEMBER).first_at == midnight
    assert [of(field, "a", period).readings for period in (OCTOBER, NOVEMBER, DECEMBER)] == [1, 1, 0]


def test_a_season_over_the_year_end_expects_its_days_on_both_sides(field: Field) -> None:
    field.device("winter", interval_s=86400, season=("12-20", "01-10"))
    assert [of(field, "winter", period).expected for period in (NOVEMBER, DECEMBER, JANUARY)] == [0, 12, 10]


def test_a_season_with_two_parts_in_one_period_is_silent_only_inside_them(field: Field) -> None:
    device = field.device("winter", interval_s=86400, season=("11-29", "11-02"))
    field.uplink(device, jst(2026, 11, 1, 12))
    field.uplink(device, jst(2026, 11, 30, 12))
    line = of(field, "winter")
    assert (line.expected, line.received) == (4, 2)
    assert line.longest_silence_s == 1.5 * 86400  # not the 27 days at rest


def test_nothing_is_expected_before_the_day_of_installation(field: Field) -> None:
    device = field.device("new", interval_s=3600, installed_on=date(2026, 11, 16))
    field.uplink(device, jst(2026, 11, 15, 23))  # a trial on the bench: stored, but covers nothing
    field.uplink(device, jst(2026, 11, 16, 0))
    line = of(field, "new")
    assert (line.expected, line.received, line.readings) == (15 * 24, 1, 2)


def test_a_device_installed_after_the_period_has_no_completeness_at_all(field: Field) -> None:
    field.device("later", installed_on=date(2026, 12, 1))
    line = of(field, "later")
    assert (line.expected, line.received, line.completeness, line.reference_only) == (0, 0, None, False)
    assert line.longest_silence_s is None


def test_the_running_month_ends_now(field: Field) -> None:
    device = field.device("a", interval_s=3600)
    now = jst(2026, 11, 24, 9, 30)
    for hour in range(23 * 24 + 9):
        field.uplink(device, jst(2026, 11, 1) + hour * HOUR)
    line = of(field, "a", NOVEMBER._replace(now=now))
    assert line.expected == 23 * 24 + 9  # the half slot since 09:00 is not expected yet
    assert (line.received, line.completeness) == (line.expected, 100.0)
    assert line.longest_silence_s == 1.5 * 3600


def test_retransmissions_do_not_raise_completeness(field: Field) -> None:
    device = field.device("chatty", interval_s=86400)
    for minute in range(60):
        field.uplink(device, jst(2026, 11, 5, 0, minute))
        field.uplink(device, jst(2026, 11, 5, 0, minute), {})  # the same measurement once more, in another message
    line = of(field, "chatty")
    assert (line.uplinks, line.readings) == (120, 60)
    assert (line.expected, line.received) == (30, 1)


def test_a_late_backfill_counts_at_its_measurement_times(field: Field) -> None:
    device = field.device("a", interval_s=3600)
    times = [jst(2026, 11, 30, hour) for hour in range(24)]
    field.uplink(device, times[-1], received_at=jst(2026, 12, 3), kind=EventKind.BACKFILL)
    for time in times[:-1]:
        field.reading(device, time)
    line = of(field, "a")
    assert (line.received, line.uplinks, line.readings) == (24, 1, 24)
    assert of(field, "a", DECEMBER).received == 0


def test_seconds_of_jitter_at_the_edge_of_a_slot_lose_nothing(field: Field) -> None:
    device = field.device("a", interval_s=3600)
    for hour in range(30 * 24):
        jitter = timedelta(seconds=0 if hour == 0 else 1 if hour % 2 == 0 else -1)
        field.uplink(device, jst(2026, 11, 1) + hour * HOUR + jitter)
    line = of(field, "a")
    assert (line.received, line.expected) == (720, 720)


def test_a_status_message_is_no_measurement(field: Field) -> None:
    device = field.device("a", interval_s=86400)
    field.uplink(device, jst(2026, 11, 1, 12), {"battery_level": 80.0}, kind=EventKind.STATUS)
    field.uplink(device, jst(2026, 11, 2, 12), {}, kind=EventKind.JOIN)
    field.uplink(device, jst(2026, 11, 3, 12))
    line = of(field, "a")
    assert (line.received, line.uplinks, line.readings, line.payload_bytes) == (1, 1, 2, 300)


def test_a_disabled_device_is_expected_only_in_a_month_it_worked_in(field: Field) -> None:
    device = field.device("off", interval_s=86400, enabled=False)
    field.uplink(device, jst(2026, 10, 5, 12))
    assert (of(field, "off", OCTOBER).expected, of(field, "off", OCTOBER).received) == (31, 1)
    assert (of(field, "off", NOVEMBER).expected, of(field, "off", NOVEMBER).completeness) == (0, None)


def test_below_80_percent_is_for_reference_only(field: Field) -> None:
    for code, days in (("low", 23), ("just", 24)):
        device = field.device(code, interval_s=86400)
        for day in range(1, days + 1):
            field.uplink(device, jst(2026, 11, day, 12))
    assert (of(field, "low").completeness, of(field, "low").reference_only) == (76.6, True)
    assert (of(field, "just").completeness, of(field, "just").reference_only) == (80.0, False)


def test_networks_and_project_are_the_sums_of_their_devices(field: Field) -> None:
    one, other = field.device("one", interval_s=86400), field.device("other", interval_s=43200)
    field.device("third", interval_s=86400, network="halow", season=("04-01", "09-30"))
    for day in range(1, 31):
        field.uplink(one, jst(2026, 11, day, 12))
    for day in range(1, 11):
        field.uplink(other, jst(2026, 11, day, 6))

    together = usage(field.connection, "tea", NOVEMBER)
    halow, lora = together.networks
    assert (lora.devices, lora.devices_expected, lora.devices_heard, lora.devices_below) == (2, 2, 2, 1)
    assert (lora.expected, lora.received, lora.completeness) == (30 + 60, 30 + 10, 44.4)
    assert lora.longest_silence_s == 20 * 86400 + 18 * 3600
    assert (halow.devices, halow.devices_expected, halow.expected, halow.completeness) == (1, 0, 0, None)

    total = together.project
    assert (total.devices, total.devices_expected, total.devices_heard) == (3, 2, 2)
    assert (total.expected, total.received, total.completeness, total.reference_only) == (90, 40, 44.4, True)

    # The dashboards ask for one level at a time.
    november = {"project": "tea", **NOVEMBER._asdict()}
    of_device = "select * from figure_usage_device(%(project)s, %(start)s, %(end)s, %(now)s) order by network, device"
    assert fetch(field.connection, DeviceUsage, of_device, november) == together.devices
    of_network = "select * from figure_usage_network(%(project)s, %(start)s, %(end)s, %(now)s) order by network"
    assert fetch(field.connection, NetworkUsage, of_network, november) == together.networks
    of_project = "select * from figure_usage_project(%(project)s, %(start)s, %(end)s, %(now)s)"
    assert fetch(field.connection, ProjectUsage, of_project, november) == [total]


def test_a_project_without_devices_has_one_line_of_zeros(field: Field) -> None:
    total = usage(field.connection, "tea", NOVEMBER).project
    assert (total.devices, total.expected, total.completeness, total.readings) == (0, 0, None, 0)


def test_another_project_is_not_counted(field: Field) -> None:
    device = field.device("a", interval_s=86400)
    field.uplink(device, jst(2026, 11, 1, 12))
    assert usage(field.connection, "rice", NOVEMBER).project.readings == 0


def test_random_measurements_are_counted_as_a_plain_loop_counts_them(field: Field) -> None:
    """The same definition written a second time, in Python, on fields nobody thought of."""
    dice = random.Random(20261124)
    now = jst(2026, 11, 24, 9, 17)
    cases: dict[str, tuple[int, list[datetime]]] = {}
    for number in range(12):
        interval_s = dice.choice((600, 1234, 3600, 50_000))
        times = sorted({jst(2026, 11, 1) + timedelta(seconds=dice.randrange(0, 23 * 86400)) for _ in range(60)})
        device = field.device(f"r{number}", interval_s=interval_s)
        for time in times:
            field.uplink(device, time)
        cases[f"r{number}"] = interval_s, times
    for line in usage(field.connection, "tea", NOVEMBER._replace(now=now)).devices:
        interval_s, times = cases[line.device]
        assert (line.expected, line.received) == _by_hand(interval_s, times, now)
        edges = [jst(2026, 11, 1), *times, now]
        longest = max(b - a for a, b in pairwise(edges))
        assert line.longest_silence_s == pytest.approx(longest.total_seconds())


def _by_hand(interval_s: int, times: list[datetime], now: datetime) -> tuple[int, int]:
    start = jst(2026, 11, 1)
    expected = int((now - start).total_seconds()) // interval_s
    return expected, max(_slots(interval_s, times, start, now, shift_s) for shift_s in (0.0, interval_s / 2))


def _slots(interval_s: int, times: list[datetime], start: datetime, end: datetime, shift_s: float) -> int:
    """Slots of a grid that lies fast in time; what the edges cut off is one slot together, where one is missing."""
    origin = jst(2000, 1, 1)
    first_s, last_s = ((moment - origin).total_seconds() + shift_s for moment in (start, end))
    hit = {((time - origin).total_seconds() + shift_s) // interval_s for time in times}
    whole = {slot for slot in hit if slot * interval_s >= first_s and (slot + 1) * interval_s <= last_s}
    room = last_s // interval_s - -(-first_s // interval_s)
    missing = room < (last_s - first_s) // interval_s
    return len(whole) + (1 if missing and hit - whole else 0)
