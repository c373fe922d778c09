"""A state over time: one lane for each state, a bar while it holds."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise

from ingest.web.chart.curve import Describe, dot
from ingest.web.chart.frame import SIZE, Bar, Chart, Frame, Mark, Sample, Spot, Window, time_marks


def lanes(
    samples: list[Sample],
    window: Window,
    *,
    names: Mapping[int, str],
    gap: timedelta,
    describe: Describe,
) -> Chart:
    """Lanes for the states that occurred (always at least two), each held until the next sample or `gap`.

    A state that began and ended within a bucket has a mark of its own: a gate that opened for a minute was open.
    """
    seen = {state for sample in samples for state in sample.states}
    shown = sorted(seen | set(sorted(names.keys() - seen)[: max(0, 2 - len(seen))]))
    row = {number: index for index, number in enumerate(shown)}
    height = SIZE / len(shown)
    frame = Frame(*window, 0, 1)
    return Chart(
        kind="lanes",
        x_marks=time_marks(*window),
        y_marks=[
            Mark(round((index + 0.5) * 100 / len(shown), 2), names.get(number, str(number)))
            for number, index in row.items()
        ],
        bars=[
            Bar(left, round((row[number] + 0.3) * height, 1), max(3.0, round(right - left, 1)), round(0.4 * height, 1))
            for number, left, right in _holds(samples, frame, gap) + _passing(samples, window, frame)
        ],
        flagged="".join(
            dot(frame.x(sample.at), round((row[round(sample.mean)] + 0.5) * height, 1))
            for sample in samples
            if sample.flagged
        ),
        spots=[
            Spot(frame.x(sample.at), round((row[round(sample.mean)] + 0.5) * height, 1), *describe(sample))
            for sample in samples
        ],
    )


def _passing(samples: list[Sample], window: Window, frame: Frame) -> list[tuple[int, float, float]]:
    """(state, left, right) of the states within a bucket that were not its last one."""
    return [
        (state, frame.x(sample.at), frame.x(sample.at + window.bucket))
        for sample in samples
        for state in sample.states
        if state != round(sample.mean)
    ]


def _holds(samples: list[Sample], frame: Frame, gap: timedelta) -> list[tuple[int, float, float]]:
    """(state, left, right) for each sample, neighbours of the same state joined."""
    ends = [min(after.at, before.at + gap) for before, after in pairwise(samples)]
    ends += [min(frame.end, sample.at + gap) for sample in samples[-1:]]
    held: list[tuple[int, float, float]] = []
    for sample, until in zip(samples, ends, strict=True):
        number, left, right = round(sample.mean), frame.x(sample.at), frame.x(until)
        if held and held[-1][0] == number and held[-1][2] >= left:
            held[-1] = (number, held[-1][1], right)
        else:
            held.append((number, left, right))
    return held
