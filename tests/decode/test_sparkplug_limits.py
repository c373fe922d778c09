"""However much a node announces, what is kept of it is bounded, and what is in force stays rightly read."""

import time
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode.sparkplug.births import HEARD, Births
from ingest.decode.sparkplug.limits import MAX_NAME_BYTES, USUAL, BirthLimits, check_lengths, weigh
from ingest.decode.sparkplug.session import KEPT_SESSIONS
from ingest.errors import Undecodable
from schemas.certificate import Certificate, Known
from schemas.rejection import RejectionReason as R

SMALL = BirthLimits(devices=4, unregistered=2, node_weight=100, weight_in_all=300)
METRICS = 6
"""With the birth itself ten: what one of `birth` counts."""


def birth(number: int, device: str = "", *, node: str = "g/n", metrics: int = METRICS, name: str = "t") -> Certificate:
    known = tuple(Known(f"{name}/{place}", place + 1, 10, None, None) for place in range(metrics))
    return Certificate(node, device, "DBIRTH" if device else "NBIRTH", number, number, number, None, known)


def refused(births: Births, told: Certificate, *, registered: bool = True) -> str:
    with pytest.raises(Undecodable) as error:
        births.add(told, registered=registered)
    assert error.value.reason is R.TOO_MANY_ELEMENTS
    return error.value.detail


def names(births: Births, sender: str, said_ms: int | None = None, *, again: bool = False) -> set[str] | None:
    view = births.view(sender, said_ms, 10**9, again=again)
    return None if view is None else {name.decode().split("/")[0] for name in view.by_name}


def test_of_devices_nobody_registered_only_a_few_are_kept() -> None:
    births = Births(limits=SMALL)
    births.add(birth(1))
    for number in range(2):
        assert births.add(birth(10 + number, f"made-up-{number}"), registered=False)
    assert "2 devices behind node g/n are not registered" in refused(births, birth(20, "another"), registered=False)
    assert births.add(birth(21, "made-up-1"), registered=False), "one that is kept may be born again"
    assert births.add(birth(22, "slope-3")), "a registered one has its place"
    assert names(births, "g/n/slope-3") == {"t"}


def test_of_registered_devices_as_many_as_the_setting_says() -> None:
    births = Births(limits=SMALL._replace(unregistered=0))
    births.add(birth(1))
    for number in range(4):
        births.add(birth(10 + number, f"slope-{number}"))
    assert "more than 4 devices" in refused(births, birth(20, "slope-9"))


def test_the_metrics_of_a_node_and_its_devices_are_counted_together() -> None:
    births = Births(limits=SMALL)
    births.add(birth(1, metrics=40))
    births.add(birth(2, "slope-1", metrics=40))
    assert "more than 100 metrics" in refused(births, birth(3, "slope-2", metrics=40))
    assert births.add(birth(4, "slope-1", metrics=48)), "its own earlier birth is in nobody's way"
    assert "more than 100 metrics" in refused(births, birth(5, metrics=97))
    detail = "birth not accepted: node g/n announces more than 100 metrics, its devices included"
    assert births.take_refused() == {"g/n": (2, detail)}
    assert births.gauges["sparkplug_births_refused"] == 2


def test_older_sessions_make_room_before_anything_is_refused() -> None:
    births = Births(limits=SMALL)
    for number in range(1, 30):
        births.add(birth(number * 10, metrics=30, name=f"n{number}"))
        births.add(birth(number * 10 + 1, "slope-1", metrics=30, name=f"d{number}"))
        assert births.weight <= SMALL.node_weight
    assert names(births, "g/n/slope-1") == {"n29", "d29"}
    assert names(births, "g/n/slope-1", 281, again=True) is None, "not read by another session"


def test_what_was_in_force_before_and_is_forgotten_is_not_read_by_what_came_after() -> None:
    births = Births(limits=SMALL)
    births.add(birth(1, metrics=1, name="n"))
    for number in range(10, 60, 10):
        births.add(birth(number, "slope-1", metrics=40, name=f"d{number}"))
    assert births.weight <= SMALL.node_weight
    assert names(births, "g/n/slope-1", 55, again=True) == {"n", "d50"}
    assert [names(births, "g/n/slope-1", at_ms, again=True) for at_ms in (15, 25, 35)] == [None, None, None]


def test_a_device_born_often_in_one_session_keeps_its_last_births_and_reads_none_wrongly() -> None:
    births = Births()
    births.add(birth(1, name="n"))
    for number in range(10, 10 + 10 * 3 * KEPT_SESSIONS, 10):
        births.add(birth(number, "slope-1", name=f"d{number}"))
    found = [names(births, "g/n/slope-1", at_ms, again=True) for at_ms in range(15, 10 + 240, 10)]
    assert [one for one in found if one is not None] == [{"n", f"d{number}"} for number in range(180, 250, 10)]
    assert found[0] is None


def test_a_birth_before_that_of_its_node_is_kept_within_the_same_bounds() -> None:
    births = Births(limits=SMALL)
    for number in range(10, 100):
        births.add(birth(number, f"slope-{number % 3}", metrics=20))
    assert births.weight <= SMALL.node_weight
    births.add(birth(5))
    assert births.weight <= SMALL.node_weight
    assert names(births, "g/n/slope-0") == {"t"}


def test_heavy_nodes_make_room_for_others_and_nobody_within_an_equal_share_is_refused() -> None:
    births = Births(limits=SMALL)
    nodes = ("g/a", "g/b", "g/c", "g/d", "g/e", "g/f")
    for node in nodes:
        births.add(birth(1, node=node, metrics=46))
        births.add(birth(9, node=node, metrics=46))
    assert births.weight == SMALL.weight_in_all == 6 * 50, "of each its session in force"
    assert "more than its share of 300" in refused(births, birth(10, "slope-1", node="g/a"))
    for number in range(40):
        births.add(birth(1, node=f"g/small-{number}", metrics=1))
    assert births.weight == 300 + 40 * 5
    assert names(births, "g/small-39") == names(births, "g/a") == {"t"}


@given(
    st.lists(
        st.tuples(st.integers(1, 60), st.sampled_from(["", "a", "b", "c", "d", "e"]), st.integers(0, 40), st.booleans())
    )
)
def test_whatever_comes_in_whatever_order_the_weight_is_what_is_kept_and_bounded(
    told: Iterable[tuple[int, str, int, bool]],
) -> None:
    births = Births(limits=SMALL)
    for number, device, metrics, registered in told:
        births.offer([(birth(number, device, metrics=metrics), registered)])
        for node in births._nodes.values():
            kept = [one for session in node.sessions for births_ in session._devices.values() for one in births_]
            kept += [*(session.birth for session in node.sessions), *node._orphans]
            assert births.weight == node.weight == sum(map(weigh, kept))
        bare = 4 * KEPT_SESSIONS * 5  # births that stay only to say until when others held
        assert births.weight <= SMALL.node_weight + bare


def test_many_births_cost_no_more_memory_than_those_that_are_kept() -> None:
    births = Births()
    births.add(birth(1))
    for number in range(2, HEARD + 500):
        births.add(birth(number, "slope-1"))
    (node,) = births._nodes.values()
    assert len(node._heard) <= HEARD


def test_aliases_of_neighbours_are_not_kept_once_for_each_device() -> None:
    """With a thousand devices behind one node that was a million entries."""
    births = Births(limits=USUAL._replace(weight_in_all=10**6, node_weight=10**6))
    births.add(birth(1, metrics=0))
    for number in range(500):
        births.add(birth(2 + number, f"slope-{number}", metrics=50))
    began = time.process_time()
    views = [births.view(f"g/n/slope-{number}", None, 10**9, again=False) for number in range(500)]
    assert time.process_time() - began < 10, "a fifth of a second where nothing else runs"
    assert len({id(view.foreign) for view in views if view is not None}) == 1


@pytest.mark.parametrize(("name", "unit"), [("x" * (MAX_NAME_BYTES + 1), None), ("雪" * 171, None), ("t", "u" * 65)])
def test_a_name_or_a_unit_that_is_too_long_is_refused(name: str, unit: str | None) -> None:
    told = birth(1)._replace(metrics=(Known(name, 1, 10, unit, None),))
    with pytest.raises(Undecodable) as error:
        check_lengths(told)
    assert error.value.reason is R.TOO_LARGE
    assert len(error.value.detail) < 200


def test_a_long_name_counts_as_several_metrics() -> None:
    long = birth(1)._replace(metrics=(Known("x" * 450, 1, 10, None, None),))
    check_lengths(long)
    assert weigh(long) == 4 + 5


def test_what_is_fetched_when_asked_for_leaves_again_for_others() -> None:
    asked: list[str] = []

    def fetch(node: str) -> list[tuple[Certificate, bool]]:
        asked.append(node)
        return [(birth(1, node=node, metrics=60), True)]

    births = Births(limits=SMALL, fetch=fetch)
    assert births.weight == 0
    for number in range(50):
        assert names(births, f"g/n{number}") == {"t"}
        assert births.weight <= SMALL.weight_in_all
    assert names(births, "g/n49") == {"t"}
    assert asked == [f"g/n{number}" for number in range(50)]
