"""Factors of a change read from the database: hand-computed parts, the worst devices with causes, the weather."""

from decimal import Decimal
from fractions import Fraction

from ingest.plan.check.factors import Days, factors_between, factors_to_target
from ingest.plan.check.spans import month_span
from ingest.plan.check.split import Parts
from schemas.japan import Month
from tests.figures.field import jst
from tests.plan.check.town import LATER, Town

APRIL, JUNE = (Days(span.first_day, span.until_day) for span in map(month_span, (Month(2026, 4), Month(2026, 6))))


def test_parts_of_networks_and_devices_add_up_to_the_change(town: Town) -> None:
    """Both had all 720 in April. In June a had 540 and b 720: 1 -> 1260/1440 = 7/8, all of it by a."""
    a, b = town.field.device("a"), town.field.device("b", network="halow")
    for device in (a, b):
        town.hours(device, jst(2026, 4, 1), 720)
    town.hours(a, jst(2026, 6, 1), 540)
    town.hours(b, jst(2026, 6, 1), 720)
    found = factors_between(town.connection, "tea", APRIL, JUNE, LATER)
    assert (found.before, found.after, found.missing) == (Fraction(1), Fraction(7, 8), None)
    assert found.parts is not None
    assert found.parts.whole == Fraction(-1, 8)
    assert [(each.key, each.parts.whole) for each in found.networks] == [("lora", Fraction(-1, 8)), ("halow", 0)]
    assert sum((each.parts for each in found.devices), Parts()) == found.parts
    assert found.parts.sent == Fraction(-1, 8)  # without a counter what did not come counts as not sent
    worst = found.worst[0]
    assert (worst.device, worst.expected, worst.lost, worst.completeness) == ("a", 720, 180, Fraction(3, 4))
    assert worst.stage.ja == "送信"


def test_a_missed_target_is_split_and_a_reached_one_is_said(town: Town) -> None:
    town.hours(town.field.device("a"), jst(2026, 6, 1), 540)
    found = factors_to_target(town.connection, "tea", Decimal(90), JUNE, LATER)
    assert found.parts is not None
    assert (found.before, found.after, found.parts.whole) == (Fraction(9, 10), Fraction(3, 4), Fraction(-3, 20))
    reached = factors_to_target(town.connection, "tea", Decimal(75), JUNE, LATER)
    assert reached.parts is None
    assert reached.missing is not None


def test_without_anything_expected_there_is_a_reason(town: Town) -> None:
    found = factors_between(town.connection, "tea", APRIL, JUNE, LATER)
    assert (found.parts, found.before, found.after) == (None, None, None)
    assert found.missing is not None


def test_the_cause_of_a_worst_device_is_what_a_human_decided_of_its_gateway(town: Town) -> None:
    a = town.field.device("a")
    values = {"p": town.project.project_id, "d": a, "s": jst(2026, 6, 10), "e": jst(2026, 6, 12)}
    gateway = town.connection.execute(
        "insert into outage (project_id, level, starts, ends, proposed_cause, cause)"
        " values (%(p)s, 'gateway', %(s)s, %(e)s, 'gateway', 'power') returning outage_id", values
    ).fetchone()  # fmt: skip
    assert gateway is not None
    town.connection.execute(
        "insert into outage (project_id, level, device_id, part_of, starts, ends, proposed_cause)"
        " values (%(p)s, 'device', %(d)s, %(g)s, %(s)s, %(e)s, 'gateway')", values | {"g": gateway[0]}
    )  # fmt: skip
    found = factors_between(town.connection, "tea", APRIL, JUNE, LATER)
    assert [cause.ja for cause in found.worst[0].causes] == ["停電"]


def test_the_weather_of_own_devices_stands_beside_it(town: Town) -> None:
    """Two gauges with 12 and 8 mm: 10 mm in the mean, on one day; the coldest -6.5, the deepest snow 41."""
    a, b = town.field.device("a"), town.field.device("b")
    for device, rain in ((a, 12.0), (b, 8.0)):
        town.field.uplink(device, jst(2026, 6, 10, 12), {"rain_amount": rain, "air_temperature": 18.5})
    town.field.uplink(a, jst(2026, 6, 11, 12), {"air_temperature": -6.5, "snow_depth": 41, "rain_amount": 0.0})
    found = factors_between(town.connection, "tea", APRIL, JUNE, LATER)
    weather = found.weather_after
    assert weather is not None
    assert (weather.rain_mm, weather.rain_days, weather.rain_most_mm, weather.gauges) == (10, 1, 12, 2)
    assert (weather.temperature_min, weather.temperature_max, weather.snow_cm_max) == (-6.5, 18.5, 41)
    assert found.weather_before is None


def test_a_device_that_was_moved_is_part_of_both_networks(town: Town) -> None:
    device = town.field.device("a")
    town.hours(device, jst(2026, 4, 1), 720)
    town.hours(device, jst(2026, 6, 1), 720 - 24)
    town.connection.execute(
        "update device_placement set valid_to = %s where device_id = %s", (jst(2026, 6, 16), device)
    )
    town.connection.execute(
        "insert into device_placement select device_id, %s, null, project_id,"
        " (select network_id from network where code = 'halow'), null, use, area, interval_s, calm_interval_s,"
        " active_level_m, season_from, season_to, installed_on, enabled from device_placement",
        (jst(2026, 6, 16),),
    )
    found = factors_between(town.connection, "tea", APRIL, JUNE, LATER)
    assert found.parts is not None
    assert found.parts.whole == Fraction(-24, 720)
    assert {each.key for each in found.networks} == {"lora", "halow"}
    assert sum((each.parts for each in found.networks), Parts()) == found.parts
    assert len(found.devices) == 1
    # It is one of the worst, not two. All 24 hours of June were lost at its end, in the second network.
    (worst,) = found.worst
    assert (worst.device, worst.network, worst.expected, worst.lost) == ("a", "halow", 720, 24)


def test_the_ten_that_lost_most_stand_in_that_order(town: Town) -> None:
    """Of 30 days `d03` lost three, `d12` twelve, and so on; `d00` lost nothing."""
    for number in range(13):
        device = town.field.device(f"d{number:02}", interval_s=86_400)
        town.field.uplinks(device, (jst(2026, 6, 1 + day, 12) for day in range(30 - number)))
    found = factors_between(town.connection, "tea", APRIL, JUNE, LATER)
    assert [(each.device, each.lost) for each in found.worst] == [
        (f"d{number:02}", number) for number in range(12, 2, -1)
    ]
