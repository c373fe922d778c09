"""Spike, rate and range: the days around what is new or changed are judged anew."""

from collections.abc import Iterator, Sequence

from ingest.store.database import Database
from ingest.watch.progress.database import Span
from ingest.watch.quality.database.candidates import flagged, suspicious
from ingest.watch.quality.database.series import Piece, Series, readings_of
from ingest.watch.quality.expectations import Expectations
from ingest.watch.quality.flags import MOMENTARY, days_of, judge_moments
from ingest.watch.quality.keep import Judged, joined, keep_flags


def keep_moments(connection: Database, expectations: Expectations, spans: Sequence[Span]) -> None:
    """Judge the days of these spans, of those series that are worth a look or have flags there."""
    bounds, reach = expectations.bounds(), expectations.reach()
    days = [Span(span.device_id, *days_of(span.starts - reach, span.ends + reach)) for span in spans]
    found = suspicious(connection, spans, bounds, reach) | flagged(connection, days, MOMENTARY)
    pieces = list(_pieces(found, days))
    wide = []
    for piece in pieces:
        far = expectations.of(piece.series).reach
        wide.append(Piece(piece.series, piece.starts - far, piece.ends + far))
    judged = (
        Judged(piece, judge_moments(readings, expectations.of(piece.series), piece.starts, piece.ends))
        for piece, readings in zip(pieces, readings_of(connection, wide), strict=True)
    )
    keep_flags(connection, MOMENTARY, judged)


def _pieces(found: set[Series], days: Sequence[Span]) -> Iterator[Piece]:
    devices = {series.device_id for series in found}
    of_device: dict[int, list[Span]] = {device_id: [] for device_id in devices}
    for span in joined(day for day in days if day.device_id in devices):
        of_device[span.device_id].append(span)
    for series in sorted(found):
        for span in of_device[series.device_id]:
            yield Piece(series, span.starts, span.ends)
