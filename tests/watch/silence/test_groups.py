"""One cause is one incident: of the gateway or the network, whose devices name it and are told of no more."""

from datetime import timedelta

import pytest

from ingest.watch.silence.groups import Together, together
from ingest.watch.silence.model import Silence
from schemas.gateway_report import GatewayEventKind
from tests.watch.silence.conftest import Watched

STATS = GatewayEventKind.STATS


@pytest.fixture
def hill(watched: Watched) -> Watched:
    """Four devices of ten minutes behind the gateway of the hill, heard through it an hour ago."""
    for number in range(4):
        watched.heard(watched.field.device(f"d{number}", interval_s=600, gateway="hill"), 60 + number, gateway="hill")
    return watched


def number_of(watched: Watched, table: str, code: str) -> int:
    row = watched.field.connection.execute(
        f"select {table}_id from {table} where code = %s".encode(), (code,)
    ).fetchone()
    assert row is not None
    return int(row[0])


def stats(watched: Watched, *minutes: float, gateway: str = "hill") -> None:
    for each in minutes:
        watched.field.gateway_event(gateway, watched.ago(each), kind=STATS)


def test_a_gateway_that_dies_is_one_incident_and_its_devices_name_it(hill: Watched) -> None:
    gateway = f"silence:g{number_of(hill, 'gateway', 'hill')}"
    events = {event.subject: event for event in hill.look()}
    assert len(events) == 5
    own = events.pop(gateway)
    assert (own.rank, own.details["silent"], own.details["of"]) == (2, 4, 4)
    assert own.at == hill.ago(30), "by the shortest patience after the last message through it"
    assert {event.details["group"] for event in events.values()} == {gateway}
    assert "group" not in own.details
    query = "select incidents from figure_watch_sums(array['tea'], now() - interval '1 day', now())"
    assert hill.field.connection.execute(query).fetchone() == (1,), "one cause is one incident"


def test_a_gateway_says_itself_that_it_is_gone_whoever_hears_its_devices(hill: Watched) -> None:
    hill.field.gateway("valley", "lora", "谷")
    for number in range(4):
        hill.heard(number_of(hill, "device", f"d{number}"), 1, gateway="valley")
    stats(hill, 32, 31, 30)
    (event,) = hill.look()
    assert event.subject == f"silence:g{number_of(hill, 'gateway', 'hill')}"
    assert event.at == hill.ago(27), "three periods of a minute after its last report"
    stats(hill, 0.2)
    (over,) = hill.look()
    assert (over.rank, over.at) == (0, hill.ago(0.2))


def test_most_devices_of_a_gateway_that_speaks_are_its_incident(hill: Watched) -> None:
    stats(hill, 3, 2, 1, 0)
    hill.heard(number_of(hill, "device", "d0"), 1, gateway="hill")
    events = {event.subject: event for event in hill.look()}
    own = events.pop(f"silence:g{number_of(hill, 'gateway', 'hill')}")
    assert (own.details["silent"], own.details["of"]) == (3, 4)
    assert own.at == hill.ago(31), "when the third of four fell silent"
    assert len(events) == 3


def test_half_of_them_are_told_of_one_by_one(hill: Watched) -> None:
    stats(hill, 3, 2, 1, 0)
    for each in ("d0", "d1"):
        hill.heard(number_of(hill, "device", each), 1, gateway="hill")
    events = hill.look()
    assert [event.thing.gateway_id for event in events] == [None, None]
    assert [event.details.get("group") for event in events] == [None, None]


def test_who_stays_silent_when_the_gateway_is_back_is_told_of_then(hill: Watched) -> None:
    hill.look()
    for number in range(3):
        hill.heard(number_of(hill, "device", f"d{number}"), 2, gateway="hill")
    left = f"silence:d{number_of(hill, 'device', 'd3')}"
    events = hill.look()
    mine = [event for event in events if event.subject == left]
    assert [(event.before_rank, event.rank) for event in mine] == [(1, 0), (0, 1)]
    assert "group_ended" in mine[0].details
    assert "group" not in mine[1].details
    assert hill.open() == {left: 1}
    assert hill.look() == []


def test_two_silent_gateways_of_two_are_one_incident_of_their_network(hill: Watched) -> None:
    hill.field.gateway("valley", "lora", "谷")
    hill.heard(hill.field.device("far", interval_s=600, gateway="valley"), 61, gateway="valley")
    network = f"silence:n{number_of(hill, 'network', 'lora')}"
    events = {event.subject: event for event in hill.look()}
    whole = events.pop(network)
    assert (whole.rank, whole.at, whole.details["silent"]) == (2, hill.ago(30), 2)
    assert len(events) == 7
    assert {event.details["group"] for event in events.values()} == {network}


def test_a_network_without_gateways_is_judged_by_its_devices(watched: Watched) -> None:
    for number in range(3):
        watched.heard(watched.field.device(f"h{number}", interval_s=600, network="halow"), 60)
    subjects = {event.subject for event in watched.look()}
    assert f"silence:n{number_of(watched, 'network', 'halow')}" in subjects
    assert len(subjects) == 4


def test_a_planned_stop_of_the_gateway_excuses_all_behind_it(hill: Watched) -> None:
    hill.run(
        "insert into planned_stop (project_id, gateway_id, starts, ends, reason, entered_by, entered_at)"
        " values (%s, %s, %s, now() + interval '1 hour', '点検', 'x', %s)",
        hill.field.project_id, number_of(hill, "gateway", "hill"), hill.ago(70), hill.ago(80),
    )  # fmt: skip
    assert hill.look() == []


def test_a_gateway_whose_devices_all_rest_is_not_missed(watched: Watched) -> None:
    month = (watched.now + timedelta(days=40)).strftime("%m-%d")
    device = watched.field.device("d", interval_s=600, gateway="hill", season=(month, month))
    watched.heard(device, 90, gateway="hill")
    stats(watched, 32, 31, 30)
    assert watched.look() == []


def test_one_that_was_silent_long_before_is_no_part_of_it(watched: Watched) -> None:
    def silent(minutes: float) -> Silence:
        patience = timedelta(minutes=30)
        return Silence(watched.ago(minutes), patience, watched.ago(minutes) + patience)

    silences = {1: silent(5000), 2: silent(60), 3: silent(61)}
    assert together(silences, []) == Together(watched.ago(30), 2, 2, frozenset({2, 3}))
    assert together(silences, [4, 5]) is None
    assert together({1: silent(60)}, []) is None
