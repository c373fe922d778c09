"""Draws a quantity over time as a line in its min-max band. Gaps in the measurements stay empty."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from ingest.web.chart.frame import SIZE, Bar, Chart, Frame, Mark, Sample, Spot, Window, time_marks, value_frame

Describe = Callable[[Sample], tuple[str, str]]
"""(sample) -> the words for it: (when, what)."""


class Last(NamedTuple):
    """The last value: its time and number, and both as words."""

    at: datetime
    value: float
    when: str
    what: str


def runs(samples: Iterable[Sample], gap: timedelta) -> Iterator[list[Sample]]:
    """Samples in order, cut wherever the next one is further away than `gap`."""
    run: list[Sample] = []
    for sample in samples:
        if run and sample.at - run[-1].at > gap:
            yield run
            run = []
        run.append(sample)
    if run:
        yield run


def curve(
    samples: list[Sample],
    window: Window,
    *,
    gap: timedelta,
    describe: Describe,
    number: Callable[[float], str],
    stages: Sequence[tuple[float, str]] = (),
    last: Last | None = None,
) -> Chart:
    """A line with its band, and the last value as a point of its own: a bucket has the time of its beginning.

    Of the stages those are drawn that lie among the values, the next one above them and the one below them.
    """
    frame, steps = value_frame(*window, samples, within=_around(samples, [value for value, _ in stages]))
    parts = list(runs(samples, gap))
    return Chart(
        kind="curve",
        x_marks=time_marks(*window),
        y_marks=[Mark(frame.y(step) / SIZE * 100, number(step)) for step in steps],
        line=" ".join(_line(run, frame) for run in parts),
        band=" ".join(_band(run, frame) for run in parts),
        flagged=dots([sample for sample in samples if sample.flagged], frame),
        last="" if last is None else dot(frame.x(last.at), frame.y(last.value)),
        gaps=list(_gaps(parts, frame)),
        spots=_spots(samples, frame, describe, last),
        stages=[Mark(frame.y(value) / SIZE * 100, name) for value, name in stages if frame.low <= value <= frame.high],
    )


def _around(samples: Sequence[Sample], stages: Sequence[float]) -> list[float]:
    """The lowest stage above all samples, and the highest one that no sample is below."""
    if not samples:
        return []
    highest, lowest = max(sample.high for sample in samples), min(sample.low for sample in samples)
    above = [value for value in stages if value > highest]
    below = [value for value in stages if value <= lowest]
    return [*([min(above)] if above else []), *([max(below)] if below else [])]


def _spots(samples: list[Sample], frame: Frame, describe: Describe, last: Last | None) -> list[Spot]:
    spots = [Spot(frame.x(sample.at), frame.y(sample.mean), *describe(sample)) for sample in samples]
    if last is not None:
        spots.append(Spot(frame.x(last.at), frame.y(last.value), last.when, last.what))
    return spots


def compass(
    samples: list[Sample], window: Window, *, gap: timedelta, describe: Describe, winds: Sequence[str]
) -> Chart:
    """Directions as dots from north to north: between 359° and 1° there is no line. `winds`: N, E, S, W."""
    frame = Frame(*window, 0.0, 360.0)
    return Chart(
        kind="compass",
        x_marks=time_marks(*window),
        y_marks=[Mark(100 - quarter * 25.0, winds[quarter % 4]) for quarter in range(5)],
        dots=dots(samples, frame),
        flagged=dots([sample for sample in samples if sample.flagged], frame),
        gaps=list(_gaps(list(runs(samples, gap)), frame)),
        spots=[Spot(frame.x(sample.at), frame.y(sample.mean), *describe(sample)) for sample in samples],
    )


def _line(run: list[Sample], frame: Frame) -> str:
    points = [f"{frame.x(sample.at)} {frame.y(sample.mean)}" for sample in run]
    # A single reading is a line without length, which a round cap turns into a dot.
    return "M" + "L".join(points if len(points) > 1 else points * 2)


def _band(run: list[Sample], frame: Frame) -> str:
    """The band from the least to the greatest value. A single bucket has no area: only its outline is visible."""
    upper = [f"{frame.x(sample.at)} {frame.y(sample.high)}" for sample in run]
    lower = [f"{frame.x(sample.at)} {frame.y(sample.low)}" for sample in reversed(run)]
    return "M" + "L".join(upper + lower) + "Z"


def dots(samples: Iterable[Sample], frame: Frame) -> str:
    """A point for each sample."""
    return "".join(dot(frame.x(sample.at), frame.y(sample.mean)) for sample in samples)


def dot(x: float, y: float) -> str:
    """A dot, as a very short line: in print a line without length has no square end."""
    return f"M{x} {y}h.1"


def _gaps(parts: list[list[Sample]], frame: Frame) -> Iterator[Bar]:
    for before, after in pairwise(parts):
        left, right = frame.x(before[-1].at), frame.x(after[0].at)
        yield Bar(left, 0, round(right - left, 1), SIZE)
