"""Chooses the kind of chart for a quantity, and writes its words in the language of the reader."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from ingest.figures.model import Latest, LinkPoint, Point, Uplink
from ingest.web.chart.columns import columns
from ingest.web.chart.curve import Last, compass, curve
from ingest.web.chart.frame import Chart, Sample, Window
from ingest.web.chart.lanes import lanes
from ingest.web.text.writer import Writer
from schemas.quantity import Kind, Quantity

_COUNTED = frozenset({"rain_amount", "rain_intensity"})
"""Gauges that are drawn as columns from zero, although they are not counts."""

_ADDED = frozenset({"rain_amount"})
"""Gauges whose buckets are sums: six times half a millimetre are three millimetres of rain, not half a one."""


def draw(
    quantity: Quantity,
    points: list[Point],
    window: Window,
    interval_s: int,
    writer: Writer,
    stages: Sequence[tuple[float, str]] = (),
    latest: Latest | None = None,
) -> Chart:
    """The chart of one quantity and channel. `interval_s`: how often the device reports; more than that is a gap.

    `stages`: values at which something begins, with their names. `latest`: the last value.
    """
    added = quantity.kind is Kind.EVENT or quantity.code in _ADDED
    samples = _sums(points) if added else _samples(points)
    gap = _silence(samples, window, interval_s)

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
    last = _last(latest, window, writer)
    return curve(samples, window, gap=gap, describe=describe, number=writer.number, stages=stages, last=last)


def _last(latest: Latest | None, window: Window, writer: Writer) -> Last | None:
    if latest is None or not window.start <= latest.time <= window.end:
        return None
    remark = f" [{'、'.join(flags)}]" if (flags := writer.flags(latest.quality)) else ""
    what = writer.texts["last_value"].format(value=writer.latest(latest) + remark)
    return Last(latest.time, latest.value, writer.moment(latest.time), what)


def draw_link(
    points: list[LinkPoint], window: Window, interval_s: int, writer: Writer, uplinks: Sequence[Uplink] = ()
) -> list[tuple[str, str, Chart]]:
    """(text, unit, chart) of the signal strength and of the signal to noise, as far as messages have them.

    `uplinks`: the last messages, newest first.
    """
    rssi = [_link_sample(point.time, point.rssi_low, point.rssi_dbm, point.rssi_high) for point in points]
    snr = [_link_sample(point.time, point.snr_low, point.snr_db, point.snr_high) for point in points]
    series = (
        ("rssi", "dBm", rssi, [(uplink.time, uplink.rssi_dbm) for uplink in uplinks]),
        ("snr", "dB", snr, [(uplink.time, uplink.snr_db) for uplink in uplinks]),
    )
    drawn: list[tuple[str, str, Chart]] = []
    for name, unit, link_samples, newest in series:
        samples = [sample for sample in link_samples if sample is not None]

        def describe(sample: Sample, unit: str = unit) -> tuple[str, str]:
            return writer.clock(sample.at), f"{writer.number(sample.mean)} {unit}"

        if samples:
            gap = _silence(samples, window, interval_s)
            last = _last_link(newest, unit, window, writer)
            chart = curve(samples, window, gap=gap, describe=describe, number=writer.number, last=last)
            drawn.append((name, unit, chart))
    return drawn


def _last_link(
    newest: Sequence[tuple[datetime, float | None]], unit: str, window: Window, writer: Writer
) -> Last | None:
    for at, value in newest:
        if value is not None and window.start <= at <= window.end:
            words = writer.texts["last_value"].format(value=f"{writer.number(value)} {unit}")
            return Last(at, value, writer.moment(at), words)
    return None


def _silence(samples: list[Sample], window: Window, interval_s: int) -> timedelta:
    """How long a pause must be to be drawn as a gap: three intervals, as in the state of the device.

    The usual spacing of the samples counts if it is longer: the device probably had another interval then.
    """
    spacings = sorted(after.at - before.at for before, after in pairwise(samples))
    usual = spacings[len(spacings) // 2] if spacings else timedelta(0)
    return max(timedelta(seconds=3 * interval_s) + window.bucket, 3 * usual)


def _link_sample(at: datetime, low: float | None, mean: float | None, high: float | None) -> Sample | None:
    if low is None or mean is None or high is None:
        return None
    return Sample(at, low, mean, high)


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


def _sums(points: list[Point]) -> list[Sample]:
    """The sum of the values of each bucket."""
    return [
        Sample(point.time, point.total, point.total, point.total, point.flagged > 0)
        for point in points
        if point.total is not None
    ]


def _words(quantity: Quantity, sample: Sample, writer: Writer) -> str:
    text = writer.value(quantity, sample.mean)
    if sample.flagged:
        text += f" [{writer.texts['remarks']}]"
    if sample.low == sample.high:
        return text
    if quantity.states:
        others = [writer.state_name(quantity, state) for state in sample.states if state != round(sample.mean)]
        return f"{text} ({writer.texts['state_also'].format(names='、'.join(others))})" if others else text
    return f"{text} ({writer.number(sample.low)}〜{writer.number(sample.high)})"
