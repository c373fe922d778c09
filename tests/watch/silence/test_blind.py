"""A gauge that says nothing while it rains is blind at once; where rain is not known it is in doubt, not calm."""

from datetime import timedelta
from itertools import takewhile
from operator import itemgetter
from random import Random

import pytest

from ingest.store.wall import take_pages_role
from ingest.watch.model import Kind
from ingest.watch.silence.blindness import blindness
from ingest.watch.silence.database.rain import Pour, rains_since
from schemas.watch_silence import RainMeasure
from tests.watch.silence.conftest import Watched

DAY_S = 24 * 3600


@pytest.fixture
def valley(watched: Watched) -> Watched:
    """A gauge in calm mode, heard five hours ago, and a rain gauge of ten minutes in the same area."""
    gauge = watched.field.device("g", interval_s=600, calm=(DAY_S, 1.0), area="中谷")
    watched.field.device("r", interval_s=600, area="中谷")
    watched.heard(gauge, 300, readings={"river_level": 0.1})
    return watched


def id_of(watched: Watched, code: str) -> int:
    row = watched.field.connection.execute("select device_id from device where code = %s", (code,)).fetchone()
    assert row is not None
    return int(row[0])


def rains(watched: Watched, *amounts: float, every_min: float = 10, until_min: float = 1, code: str = "r") -> None:
    """Amounts of rain, the last one so many minutes ago."""
    for number, amount in enumerate(reversed(amounts)):
        watched.heard(id_of(watched, code), until_min + every_min * number, readings={"rain_amount": amount})


def test_rain_makes_a_silent_gauge_blind_at_once_and_from_the_measurement_on(valley: Watched) -> None:
    rains(valley, 0, 0, 8, 7, 6, 1)
    (event,) = valley.look()
    assert (event.kind, event.subject, event.rank) == (Kind.BLIND, f"blind:d{id_of(valley, 'g')}", 2)
    assert event.at == valley.ago(11), "the measurement by which the hour came to 21 mm"
    assert (event.value, event.stage.threshold, event.stage.unit, event.measure) == (22, 20, "mm", "rain_1h")
    assert (event.details["reason"], event.details["rain"], event.stage.name) == ("rain", "r", "雨の中")
    assert valley.look() == []


def test_less_rain_and_a_gauge_that_was_heard_are_calm(valley: Watched) -> None:
    rains(valley, 5, 5, 5)
    assert valley.look() == []
    rains(valley, 10, every_min=10, until_min=0.5)
    valley.heard(id_of(valley, "g"), 29, readings={"river_level": 0.1})
    assert valley.look() == []


def test_it_is_over_when_the_gauge_is_heard(valley: Watched) -> None:
    rains(valley, 30, 0)
    assert len(valley.look()) == 1
    valley.heard(id_of(valley, "g"), 3, readings={"river_level": 0.4})
    (event,) = valley.look()
    assert (event.before_rank, event.rank, event.at) == (2, 0, valley.ago(3))
    assert event.details["reason"] == "heard"


def test_it_is_over_when_the_rain_is(valley: Watched) -> None:
    rains(valley, 30, 0)
    valley.look()
    valley.run("delete from reading_packed")
    rains(valley, 1, until_min=0.5)
    (event,) = valley.look()
    assert (event.rank, event.details["reason"]) == (0, "rain_over")


def test_a_rain_gauge_that_is_silent_leaves_the_gauge_in_doubt_and_names_the_cause(valley: Watched) -> None:
    rains(valley, 0, 0, until_min=50)
    events = {event.subject: event for event in valley.look()}
    doubt = events[f"blind:d{id_of(valley, 'g')}"]
    assert (doubt.rank, doubt.details["reason"], doubt.value) == (1, "rain_unknown", None)
    assert doubt.details["group"] == f"silence:d{id_of(valley, 'r')}", "people are told of the rain gauge alone"
    assert doubt.at == valley.ago(20)
    rains(valley, 30, until_min=1)
    events = {event.subject: event for event in valley.look()}
    assert (events[doubt.subject].before_rank, events[doubt.subject].rank) == (0, 2)


def test_a_rain_gauge_that_fell_silent_in_a_downpour_measured_enough(valley: Watched) -> None:
    rains(valley, 25, until_min=40)
    blind = [event for event in valley.look() if event.kind is Kind.BLIND]
    assert [event.rank for event in blind] == [2]


def test_a_gauge_that_sends_often_is_left_to_the_watch_of_silence(valley: Watched) -> None:
    valley.heard(id_of(valley, "g"), 31, readings={"river_level": 1.5})
    rains(valley, 30, 0)
    assert [event.kind for event in valley.look()] == [Kind.SILENCE]


@pytest.mark.parametrize(("latitude", "blind"), [(35.04, 1), (35.05, 0)])
def test_without_an_area_rain_within_five_kilometres_counts(watched: Watched, latitude: float, blind: int) -> None:
    gauge = watched.field.device("g", interval_s=600, calm=(DAY_S, 1.0))
    watched.field.device("r", interval_s=600)
    watched.run("update device set latitude = 35, longitude = 138")
    watched.run("update device set latitude = %s where code = 'r'", latitude)
    watched.heard(gauge, 300, readings={"river_level": 0.1})
    rains(watched, 30, 0)
    assert len(watched.look()) == blind


def test_the_document_names_gauges_rain_and_limits(valley: Watched) -> None:
    plain = valley.field.device("plain", interval_s=3600, area="他")
    valley.heard(plain, 61)
    rains(valley, 12, 0)
    rule = {"gauges": ["plain"], "rain": ["r"], "measure": {"kind": "rain_3h"}, "at_least": 10, "silent_min": 60}
    valley.document.update(blind=[rule])
    (event,) = valley.look()
    assert (event.thing.device_id, event.measure, event.stage.threshold) == (plain, "rain_3h", 10)
    valley.document.update(blind=[])
    assert [event.rank for event in valley.look()] == [0]


def test_blindness_counts_what_is_not_seen(valley: Watched) -> None:
    connection, tea = valley.field.connection, valley.field.project_id
    assert blindness(connection, [tea]).is_clear
    rains(valley, 0, until_min=50)
    valley.look()
    found = blindness(connection, [tea])
    assert (found.blind, found.unsure, found.silent, found.deaf_since, found.is_clear) == (0, 1, 1, None, False)
    rains(valley, 30, until_min=1)
    valley.look()
    assert (blindness(connection, [tea]).blind, blindness(connection, [tea + 1]).is_clear) == (1, True)
    valley.run("insert into watch_progress (name, done_until) values ('listening', %s)", valley.ago(5))
    assert blindness(connection, []).deaf_since == valley.ago(5)


def test_a_reader_of_the_pages_may_ask_for_it_and_sees_their_own_projects(valley: Watched) -> None:
    connection, tea = valley.field.connection, valley.field.project_id
    rains(valley, 30, 0)
    valley.look()
    take_pages_role(connection)
    for projects, blind in ((str(tea), 1), (str(tea + 1), 0)):
        connection.execute("select wall.enter(%s, '')", (projects,))
        assert blindness(connection, [tea]).blind == blind


ONE = """
select r.time, bool_or(
    case %(kind)s when 'rain_1h' then f.rain_1h when 'rain_3h' then f.rain_3h else f.rain_24h end >= %(at_least)s
)
from reading r join device d using (device_id)
cross join lateral figure_rain_of(array['tea'], %(stations)s, r.time) f
where d.code = any(%(stations)s) and r.time > %(since)s and r.time <= %(now)s
group by r.time order by r.time desc
"""


@pytest.mark.parametrize("seed", range(3))
def test_since_when_it_rains_so_much_is_found_for_many_as_for_one(watched: Watched, seed: int) -> None:
    """Random rain at stations of their own times, and what several of them, sums and limits say of it."""
    chance, codes, connection = Random(seed), [f"r{number}" for number in range(4)], watched.field.connection
    for code in codes:
        watched.field.device(code, interval_s=600)
        dry = chance.randrange(8, 22)
        amounts = [0.0 if number < dry else chance.choice([2, 7, 15, 30]) for number in range(24)]
        rains(watched, *amounts, until_min=chance.uniform(0, 9), code=code)
    pours = [
        Pour(tuple(chance.sample(codes, chance.randrange(1, 4))), RainMeasure(kind=kind), chance.choice([10, 25, 60]))
        for kind in ("rain_1h", "rain_3h", "rain_24h")
        for _ in range(4)
    ]
    found = rains_since(connection, watched.field.project_id, pours, watched.now)
    for stations, measure, at_least in pours:
        values = {
            "kind": measure.kind, "at_least": at_least, "stations": list(stations), "now": watched.now,
            "since": watched.now - timedelta(hours=measure.hours),
        }  # fmt: skip
        reached = [*takewhile(itemgetter(1), connection.execute(ONE, values))]
        assert found[Pour(stations, measure, at_least)] == (reached[-1][0] if reached else None), values
    assert len(set(found.values())) > 3
