"""No message costs more to interpret than the others can wait, and none becomes more than the memory holds.

The bound is for a machine on which the yardstick, a bit of Python of the kind that decoders are made of, takes as long
as on the one where docs/measurements.md was written. A slower or busier machine is given as much more as it needs for
the yardstick. CPU time counts, and the best of a few runs: whoever else works here takes neither.
"""

import time
from collections.abc import Callable

import pytest

from ingest.decode.common.limits import MOST_PARTS
from ingest.rows import MessageRows, weigh
from ingest.validate.quarantine_rows import KEPT
from schemas.rejection import RejectionReason
from tests.fuzz.attacks import attacks
from tests.fuzz.attacks.interpret import new_interpreter
from tests.fuzz.attacks.tools import LARGEST, Attack, received

BOUND_S = 0.050
YARDSTICK_S = 0.0057
"""What the yardstick takes there."""
RUNS = 5
MOST_HELD = 8 * LARGEST
SHARED = new_interpreter()


def _yardstick() -> None:
    found: list[tuple[str, str, dict[str, int]]] = []
    for number in range(10_000):
        name = f"reading_{number}"
        if name.rpartition("_")[2] not in ("a", "b"):
            found.append((name, name[:60], {"value": number}))


def _cpu_s(work: Callable[[], object], enough_s: float) -> float:
    """CPU time of the best of a few runs; one that is short enough need not be repeated."""
    best = float("inf")
    for _ in range(RUNS):
        started = time.thread_time()
        work()
        best = min(best, time.thread_time() - started)
        if best < enough_s:
            break
    return best


def test_no_message_costs_more_to_interpret_than_the_others_can_wait(subtests: pytest.Subtests) -> None:
    for what, attack in attacks().items():
        with subtests.test(what):
            _check_cost(attack)


def _check_cost(attack: Attack) -> None:
    cost_s = _cpu_s(_interpreting(attack), BOUND_S)
    if cost_s > BOUND_S:  # a slow machine, or a busy one
        slower = max(_cpu_s(_yardstick, YARDSTICK_S) / YARDSTICK_S, 1.0)
        cost_s = min(cost_s, _cpu_s(_interpreting(attack), BOUND_S * slower))
        assert cost_s <= BOUND_S * slower, (
            f"{cost_s * 1000:.0f} ms here, where everything takes {slower:.1f} times as long"
        )


def _interpreting(attack: Attack) -> Callable[[], MessageRows]:
    interpreter = new_interpreter() if attack.before else SHARED
    for topic, data in attack.before:
        interpreter.interpret(received(topic, data))
    return lambda: interpreter.interpret(received(attack.topic, attack.payload))


def test_what_a_message_becomes_is_bounded(subtests: pytest.Subtests) -> None:
    for what, attack in attacks().items():
        with subtests.test(what):
            _check_bounds(attack)


def _check_bounds(attack: Attack) -> None:
    interpreted = _interpreting(attack)()
    assert (
        interpreted.uplink is None
        or interpreted.uplink.offered == interpreted.offered == len(interpreted.readings) + interpreted.refused
    )
    assert interpreted.offered <= MOST_PARTS
    assert len(interpreted.quarantined) <= KEPT + len(RejectionReason)
    assert sum(row.payload is not None for row in interpreted.quarantined) <= 1
    assert weigh([interpreted], [interpreted])[1] <= MOST_HELD
    assert all(row.reason is not RejectionReason.DECODER_DEFECT for row in interpreted.quarantined)
