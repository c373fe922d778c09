"""Draws counted things (animals, people, rain of an interval) as columns from zero."""

from collections.abc import Callable
from datetime import timedelta

from ingest.web.chart.curve import Describe, dots
from ingest.web.chart.frame import SIZE, Bar, Chart, Frame, Mark, Sample, Spot, Window, time_marks, value_frame


def columns(
    samples: list[Sample],
    window: Window,
    *,
    bucket: timedelta,
    finest: float,
    describe: Describe,
    number: Callable[[float], str],
) -> Chart:
    """One column for each bucket, as high as its `high`. `finest`: 1 where only whole things are counted."""
    frame, steps = value_frame(*window, samples, from_zero=True, finest=finest)
    width = max(3.0, 0.8 * SIZE * (bucket / (window.end - window.start)))
    return Chart(
        kind="columns",
        x_marks=time_marks(*window),
        y_marks=[Mark(frame.y(step) / SIZE * 100, number(step)) for step in steps],
        bars=[_column(sample, frame, round(width, 1)) for sample in samples],
        flagged=dots([sample for sample in samples if sample.flagged], frame),
        spots=[Spot(frame.x(sample.at), frame.y(sample.high), *describe(sample)) for sample in samples],
    )


def _column(sample: Sample, frame: Frame, width: float) -> Bar:
    zero, top = frame.y(0.0), frame.y(sample.high)
    return Bar(frame.x(sample.at), min(zero, top), width, abs(zero - top))


def sparkline(counts: list[int]) -> list[Bar]:
    """Columns side by side over the whole width; the tallest fills the height."""
    if not counts:
        return []
    width, tallest = SIZE / len(counts), max(1, *counts)
    return [
        Bar(
            round(index * width, 2),
            round(SIZE * (1 - count / tallest), 1),
            round(width * 0.8, 2),
            round(SIZE * count / tallest, 1),
        )
        for index, count in enumerate(counts)
    ]
