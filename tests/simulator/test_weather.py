"""One weather over the whole valley: rain, then the river; sun by day; animals by night."""

from itertools import pairwise

from ingest.simulator.animals import scene
from ingest.simulator.sensing import river_level
from ingest.simulator.town import Kind, build_town
from ingest.simulator.weather import DAY_S, HOUR_S, Weather, local_hour
from tests.simulator.known import NOON_S

RAIN_S = NOON_S - 9 * HOUR_S


def test_the_river_rises_after_the_rain_and_falls_again() -> None:
    weather = Weather(7, RAIN_S)
    gauge = next(site for site in build_town(40, 7).sites if site.kind is Kind.RIVER)
    hours = [weather.at(RAIN_S + hour * HOUR_S) for hour in range(20)]
    heaviest = max(range(20), key=lambda hour: hours[hour].rain_mm_h)
    highest = max(range(20), key=lambda hour: river_level(gauge, hours[hour]))
    assert heaviest < highest <= heaviest + 6
    assert river_level(gauge, hours[highest]) > river_level(gauge, hours[0]) + 0.8
    assert river_level(gauge, hours[19]) < river_level(gauge, hours[highest]) - 0.3


def test_rain_and_creep_only_add_up() -> None:
    weather = Weather(7, RAIN_S)
    hours = [weather.at(RAIN_S + quarter * HOUR_S / 4) for quarter in range(-200, 800)]
    for before, after in pairwise(hours):
        assert after.rain_total_mm >= before.rain_total_mm - 1e-6 > 0
        assert after.creep_mm >= before.creep_mm - 1e-3


def test_every_day_of_a_demonstration_has_some_rain() -> None:
    weather = Weather(7, RAIN_S)
    for day in range(-3, 30):
        begin_s = RAIN_S + day * DAY_S
        assert weather.at(begin_s + DAY_S).rain_total_mm > weather.at(begin_s).rain_total_mm + 1


def test_the_sun_shines_by_day_only_and_summer_is_warmer() -> None:
    weather = Weather(7, RAIN_S)
    assert weather.at(NOON_S).solar > 100
    assert weather.at(NOON_S + 12 * HOUR_S).solar == 0
    assert weather.at(NOON_S + 240 * DAY_S).air_temperature > weather.at(NOON_S).air_temperature + 8


def test_the_boar_comes_at_night_and_not_to_every_trap() -> None:
    seen = [
        (trap, local_hour(at_s))
        for trap in range(1, 41)
        for at_s in (NOON_S + quarter * 900 for quarter in range(96))
        if scene(7, trap, at_s).label == "boar"
    ]
    assert 3 <= len({trap for trap, _ in seen}) <= 30
    assert all(hour >= 18 or hour < 6 for _, hour in seen)
