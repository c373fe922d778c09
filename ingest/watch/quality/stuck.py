"""A stuck value: judged when an hour is closed, found by the sums by hour."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from ingest.store.database import Database
from ingest.watch.progress.database import Span
from ingest.watch.quality.database.candidates import Flat, Standing, flagged, flat, flat_until
from ingest.watch.quality.database.series import Piece, Series, readings_of
from ingest.watch.quality.expectations import Expectations
from ingest.watch.quality.flags import days_of, judge_stuck
from ingest.watch.quality.keep import Judged, joined, keep_flags
from schemas.watch_quality import LONGEST_STUCK_H, QualityTest

STUCK_REACH = timedelta(hours=LONGEST_STUCK_H * 1.5)


def keep_stuck(
    connection: Database, expectations: Expectations, closed: Sequence[Span], touched: Sequence[Span]
) -> None:
    """Judge what may have stood still when these hours were measured, or is said to have.

    `closed`: the newest hours. What changed before them may change what was measured after it, too.
    """
    spans = [*closed, *touched]
    if not spans:
        return
    near = [Span(span.device_id, span.starts, span.ends + STUCK_REACH) for span in spans]
    late = set(touched)
    before = flagged(connection, near, [QualityTest.STUCK])
    found = flat(connection, spans, expectations.tolerances(), STUCK_REACH)
    lasting = [each for each in found if each.span in late or each.series in before]
    untils = flat_until(
        connection,
        [Standing(each.series, each.span.ends, expectations.of(each.series).tolerance) for each in lasting],
        STUCK_REACH,
    )
    until_of = dict(zip(lasting, untils, strict=True))
    pieces = list(joined(_pieces(expectations, found, before, until_of)))
    wide = [piece._replace(starts=piece.starts - expectations.of(piece.series).stuck_reach) for piece in pieces]
    judged = (
        Judged(piece, judge_stuck(readings, expectations.of(piece.series), piece.starts, piece.ends))
        for piece, readings in zip(pieces, readings_of(connection, wide), strict=True)
    )
    keep_flags(connection, [QualityTest.STUCK], judged)


def _pieces(
    expectations: Expectations, found: Iterable[Flat], before: AbstractSet[Series], until_of: Mapping[Flat, datetime]
) -> Iterator[Piece]:
    """The days of those that may have stood still for long, or are said to have."""
    for each in found:
        ends, limits = each.span.ends, expectations.of(each.series).stuck_h
        until = max(ends, until_of.get(each, ends))
        short = limits is None or each.lasted + (until - ends) <= timedelta(hours=limits.suspect)
        if each.series in before or not short:
            yield Piece(each.series, *days_of(each.span.starts, until))
