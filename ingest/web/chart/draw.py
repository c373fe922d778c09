"""Which kind of chart a quantity deserves, with the words of its reader."""

from datetime import timedelta

from ingest.figures.model import Point
from ingest.web.chart.columns import columns
from ingest.web.chart.curve import compass, curve
from ingest.web.chart.frame import Chart, Sample, Window
from ingest.web.chart.lanes import lanes
from ingest.web.text.write import Writer
from schemas.quantity import Kind, Quantity

_COUNTED = frozenset({"rain_amount", "rain_intensity"})
"""Gauges that read better as columns: nought is where they stand."""


def draw(quantity: Quantity, points: list[Point], window: Window, interval_s: int, writer: Writer) -> Chart:
    """The chart of one quantity and channel. `interval_s`: how often the device reports; more than that is a gap."""
    samples = _samples(points)
    # Three intervals without a word are a silence, here as in the state of the device.
    gap = timedelta(seconds=3 * interval_s) + window.bucket

    def describe(sample: Sample) -> tuple[str, str]:
        return writer.clock(sample.at), _words(quantity, sample, writer)

    if quantity.states:
        names = {number: writer.state_name(quantity, number) for number in quantity.states.values()}
        return lanes(samples, window, names=names, gap=gap, describe=describe)
    if quantity.kind is Kind.DIRECTION:
        winds = [writer.texts[f"wind_{wind}"] for wind in "nesw"]
        return compass(samples, window, gap=gap, describe=describe, winds=winds)
    if quantity.kind is Kind.EVENT or quantity.code in _COUNTED:
        width = max(window.bucket, timedelta(seconds=interval_s))
        finest = 1.0 if quantity.kind is Kind.EVENT else 0.0
        return columns(samples, window, bucket=width, finest=finest, describe=describe, number=writer.number)
    return curve(samples, window, gap=gap, describe=describe, number=writer.number)


def _samples(points: list[Point]) -> list[Sample]:
    """The points that have a value: opposite wind directions cancel out and leave none."""
    return [
        Sample(
            point.time,
            point.value if point.low is None else point.low,
            point.value,
            point.value if point.high is None else point.high,
            point.flagged > 0,
        )
        for point in points
        if point.value is not None
    ]


def _words(quantity: Quantity, sample: Sample, writer: Writer) -> str:
    text = writer.value(quantity.code, sample.mean)
    if sample.flagged:
        text += f" [{writer.texts['remarks']}]"
    if sample.low == sample.high or quantity.states:
        return text
    return f"{text} ({writer.number(sample.low)}〜{writer.number(sample.high)})"
