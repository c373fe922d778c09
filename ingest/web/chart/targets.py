"""Draws actual values as columns beside the line of their targets: one slot for each month or year."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ingest.web.chart.frame import SIZE, Bar, Chart, Frame, Mark, Spot
from ingest.web.chart.scale import ticks
from schemas.japan import EPOCH

_FULL = 0.62
"""Share of a slot that its column takes."""
_CROWDED = 7
"""From so many slots on every second label gives way on a narrow screen."""


class Slot(NamedTuple):
    """A month or a year. None: there is no such value, and nothing is drawn for it.

    `faint`: the actual is for reference only. `what`: the words for the tip.
    """

    label: str
    actual: float | None
    target: float | None
    faint: bool
    what: str


def targets(slots: Sequence[Slot], number: Callable[[float], str]) -> Chart:
    """Columns from zero, and over each slot the height of its target. What is to come stays empty: no forecast."""
    values = [value for slot in slots for value in (slot.actual, slot.target) if value is not None]
    steps = ticks(min([0.0, *values]), max([0.0, *values], default=0.0) or (0.0 if min([0.0, *values]) < 0 else 1.0))
    frame = Frame(EPOCH, EPOCH, steps[0], steps[-1])
    width = SIZE / max(1, len(slots))
    middles = [(index + 0.5) * width for index in range(len(slots))]
    placed = list(zip(middles, slots, strict=True))
    return Chart(
        kind="targets",
        x_marks=[
            Mark(middle / SIZE * 100, slot.label, minor=len(slots) >= _CROWDED and index % 2 == 1)
            for index, (middle, slot) in enumerate(placed)
        ],
        y_marks=[Mark(frame.y(step) / SIZE * 100, number(step)) for step in steps],
        bars=[_column(middle, width, slot.actual, frame) for middle, slot in placed if _is_drawn(slot, faint=False)],
        faint=[_column(middle, width, slot.actual, frame) for middle, slot in placed if _is_drawn(slot, faint=True)],
        line=_target_line(placed, width, frame),
        spots=[Spot(round(middle, 1), _height(slot, frame), slot.label, slot.what) for middle, slot in placed],
    )


def _is_drawn(slot: Slot, *, faint: bool) -> bool:
    return slot.actual is not None and slot.faint is faint


def _column(middle: float, width: float, value: float | None, frame: Frame) -> Bar:
    zero, top = frame.y(0.0), frame.y(value or 0.0)
    # A value of zero is a value: two units of it are seen.
    return Bar(round(middle - _FULL * width / 2, 1), min(zero, top), round(_FULL * width, 1), max(2.0, abs(zero - top)))


def _height(slot: Slot, frame: Frame) -> float:
    return frame.y(slot.target if slot.actual is None and slot.target is not None else slot.actual or 0.0)


def _target_line(placed: Sequence[tuple[float, Slot]], width: float, frame: Frame) -> str:
    """A level over each slot that has a target, joined with that of its neighbour."""
    path, joined = "", False
    for middle, slot in placed:
        if slot.target is None:
            joined = False
            continue
        left, right, height = round(middle - width / 2, 1), round(middle + width / 2, 1), frame.y(slot.target)
        path += f"{'L' if joined else 'M'}{left} {height}H{right}"
        joined = True
    return path
