"""Cuts spans of time at midnights and months in Japan."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from ingest.handover.column import Type
from ingest.handover.database.rows import Span
from ingest.handover.manifest import SpanEntry
from ingest.handover.part import Part
from schemas.japan import JST, Month


def span_of(part: Part, asked: SpanEntry) -> Span:
    """The span of a part within the days asked for."""
    after = None if asked.last_day is None else asked.last_day + timedelta(days=1)
    if not part.time_of:
        return Span()
    if part.column(part.time_of).type is Type.DATE:
        return Span.of(asked.first_day, after)
    return Span.of(_midnight(asked.first_day), _midnight(after))


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), JST)


def months(first: datetime, last: datetime) -> Iterator[Month]:
    """Every month in Japan from that of the first moment to that of the last."""
    number, end = (moment.astimezone(JST).year * 12 + moment.astimezone(JST).month - 1 for moment in (first, last))
    for each in range(number, end + 1):
        yield Month(each // 12, each % 12 + 1)


def within(month: Month, asked: SpanEntry) -> Span:
    """The span of a month within the days asked for."""
    starts = [month.start, *filter(None, [_midnight(asked.first_day)])]
    after = None if asked.last_day is None else asked.last_day + timedelta(days=1)
    ends = [month.end, *filter(None, [_midnight(after)])]
    return Span.of(max(starts), min(ends))


def stem(part: Part, month: Month) -> str:
    """The path of the files of a month, without their suffixes."""
    return f"{part.name}/{month.year:04d}-{month.month:02d}"
