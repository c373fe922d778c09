"""When a node is asked to announce itself again: rarely, and only if it did not do so by itself."""

from collections.abc import Sequence

import pytest

from ingest.sparkplug.rebirth import AT_ONCE, FIRST_WITHIN_S, Rebirths
from tests.decode.sparkplug import NODE, T0_MS, nbirth, payload
from tests.pipeline.test_sparkplug_sessions import Line


def test_a_node_is_asked_once_in_its_interval_however_much_it_says() -> None:
    rebirths = Rebirths(60, jitter=lambda: 0)
    asked = []
    for second in range(150):
        rebirths.want(["g/a"], second)
        asked += [(second, node) for node in rebirths.due(second)]
    assert asked == [(0, "g/a"), (60, "g/a"), (120, "g/a")]


def test_many_unknown_nodes_are_asked_a_few_at_a_time_and_not_at_the_same_moment() -> None:
    nodes = [f"g/{number:03}" for number in range(35)]
    rebirths = Rebirths(60, jitter=lambda: 0)
    rebirths.want(nodes, 0)
    rounds = [rebirths.due(second) for second in range(5)]
    assert [len(one) for one in rounds] == [AT_ONCE, AT_ONCE, AT_ONCE, 5, 0]
    assert [node for one in rounds for node in one] == nodes
    late = Rebirths(60, jitter=lambda: 1)
    late.want(nodes, 0)
    assert late.due(FIRST_WITHIN_S - 0.1) == []


def test_a_node_that_announced_itself_meanwhile_is_not_asked() -> None:
    rebirths = Rebirths(60, jitter=lambda: 0.5)
    rebirths.want(["g/a", "g/b"], 0)
    rebirths.born(["g/a"])
    assert rebirths.due(10) == ["g/b"]


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        ([1, 2, 3], False), ([1, 3], True), ([2, 1, 3], False), ([1, 4, 2, 3], False), ([1, 4, 3], True),
        ([100, 200, 255, 0], True), ([1, 1], False),
    ],
)  # fmt: skip
def test_a_number_that_is_missing_for_good_is_noticed_once(numbers: Sequence[int], missing: bool) -> None:  # noqa: FBT001
    line = Line()
    line.hears("NBIRTH", nbirth(at_ms=T0_MS))
    line.hears("DBIRTH", payload({"name": "air/temperature", "alias": 1, "datatype": 10}, at_ms=T0_MS + 1, seq=0))
    for number in numbers:
        line.hears("DDATA", payload({"alias": 1, "double_value": float(number)}, at_ms=T0_MS + 10, seq=number))
    births = line.interpret.births
    assert births.incomplete(line.at_us) == set(), "it may be on its way"
    assert births.incomplete(line.at_us + 6_000_000) == ({NODE} if missing else set())
    assert births.incomplete(line.at_us + 60_000_000) == set(), "once"


def test_numbers_begin_anew_with_a_birth() -> None:
    line = Line()
    line.hears("NBIRTH", nbirth(at_ms=T0_MS))
    line.hears("DBIRTH", payload({"name": "air/temperature", "alias": 1, "datatype": 10}, at_ms=T0_MS + 1, seq=200))
    line.hears("NBIRTH", nbirth(at_ms=T0_MS + 5, bd_seq=1))
    line.hears("DBIRTH", payload({"name": "air/temperature", "alias": 1, "datatype": 10}, at_ms=T0_MS + 6, seq=1))
    assert line.interpret.births.incomplete(line.at_us + 6_000_000) == set()
