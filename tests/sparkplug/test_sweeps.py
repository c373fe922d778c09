"""A node that is born again and again in vain costs ever less, and nobody else waits for it."""

from ingest.sparkplug.births import _topics
from ingest.sparkplug.sweeps import LONGEST_PAUSE_S, MOST_REMEMBERED, ROUNDS, Sweeps


def test_a_birth_is_followed_by_two_looks_and_then_by_none() -> None:
    sweeps = Sweeps[int]()
    sweeps.want({"g/a"})
    for _ in range(ROUNDS):
        assert sweeps.due(0) == [("g/a", None)]
        sweeps.went("g/a", None, tried=0, gained=0, took_s=0.1, now_s=0)
    assert sweeps.due(1e9) == []


def test_a_sweep_goes_on_where_it_stood() -> None:
    sweeps = Sweeps[int]()
    sweeps.want({"g/a"})
    sweeps.went("g/a", 200, tried=200, gained=0, took_s=0.1, now_s=0)
    assert sweeps.due(0) == [("g/a", 200)]


def test_who_was_not_reached_comes_first_the_next_time() -> None:
    sweeps = Sweeps[int]()
    sweeps.want({"g/a", "g/b", "g/c"})
    first = sweeps.due(0)[0][0]
    sweeps.went(first, 200, tried=200, gained=1, took_s=2, now_s=0)
    assert sweeps.due(0)[-1] == (first, 200)


def test_a_node_that_fills_the_quarantine_and_is_born_every_two_seconds_costs_next_to_nothing() -> None:
    """Its sweep of 100 pages costs 20 s: until now that was a thread for ever."""
    sweeps = Sweeps[int]()
    worked_s, place = 0.0, 0
    for now_s in range(0, 24 * 3600, 2):
        sweeps.want({"g/flood"})
        for node, at in sweeps.due(now_s):
            place = (at or 0) + 1
            worked_s += 0.2
            sweeps.went(node, place if place < 100 else None, tried=200, gained=0, took_s=0.2, now_s=now_s)
    assert 0 < worked_s < 24 * 3600 * 0.02


def test_a_node_that_gains_something_waits_for_nothing_and_a_neighbour_never() -> None:
    sweeps = Sweeps[int]()
    for _ in range(20):
        sweeps.want({"g/flood"})
        sweeps.went("g/flood", None, tried=1000, gained=0, took_s=10, now_s=0)
    sweeps.want({"g/flood", "g/honest"})
    assert sweeps.due(60) == [("g/honest", None)]
    sweeps.went("g/honest", None, tried=10, gained=1, took_s=10, now_s=60)
    assert sweeps.due(60) == [("g/honest", None)]
    assert [node for node, _ in sweeps.due(LONGEST_PAUSE_S)] == ["g/flood", "g/honest"]
    sweeps.went("g/flood", None, tried=1000, gained=1, took_s=10, now_s=4000)
    sweeps.want({"g/flood"})
    assert ("g/flood", None) in sweeps.due(4000)


def test_invented_nodes_do_not_fill_the_memory() -> None:
    sweeps = Sweeps[int]()
    for number in range(2 * MOST_REMEMBERED):
        name = f"g/{number}"
        sweeps.want({name})
        for _ in range(ROUNDS):
            sweeps.went(name, None, tried=1, gained=0, took_s=1, now_s=0)
    assert len(sweeps) <= MOST_REMEMBERED + 1


def test_the_data_of_a_node_is_not_that_of_one_whose_name_begins_alike() -> None:
    assert _topics("g/edge_1") == [r"%g/_DATA/edge\_1", r"%g/_DATA/edge\_1/%"]
