"""Writes what became of flags: the difference to those that are kept, for many series at a time."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from ingest.store.database import Database
from ingest.watch.progress.database import Span
from ingest.watch.quality.database.flags import Change, flags_of, replace_flags
from ingest.watch.quality.database.series import Piece
from ingest.watch.quality.flags import Flag
from schemas.watch_quality import QualityTest

PIECES_AT_ONCE = 1_000
FLAGS_AT_ONCE = 10_000
"""So many are held, about, before they are written: 10 MB or so."""


class Judged(NamedTuple):
    """A piece of a series, from midnight to midnight, and all flags that begin in it."""

    piece: Piece
    flags: Sequence[Flag]


def keep_flags(connection: Database, tests: Collection[QualityTest], judged: Iterable[Judged]) -> None:
    """Let these be the flags of these tests in the pieces, of which no two overlap."""
    for some in _batches(judged):
        before = flags_of(connection, [each.piece for each in some], tests)
        replace_flags(connection, [_change(*pair) for pair in zip(some, before, strict=True)])


def _batches(judged: Iterable[Judged]) -> Iterator[list[Judged]]:
    batch: list[Judged] = []
    flags = 0
    for each in judged:
        batch.append(each)
        flags += len(each.flags)
        if len(batch) >= PIECES_AT_ONCE or flags >= FLAGS_AT_ONCE:
            yield batch
            batch, flags = [], 0
    if batch:
        yield batch


def _change(judged: Judged, before: Iterable[Flag]) -> Change:
    """A test has one flag that begins at a moment."""
    old = {(flag.test, flag.starts): flag for flag in before}
    new = {(flag.test, flag.starts): flag for flag in judged.flags}
    return Change(
        judged.piece.series,
        [flag for key, flag in old.items() if new.get(key) != flag],
        [flag for key, flag in new.items() if old.get(key) != flag],
    )


_Timed = TypeVar("_Timed", Span, Piece)


def joined(spans: Iterable[_Timed]) -> Iterator[_Timed]:
    """Spans of each device, or pieces of each series, in order, put together where they touch or overlap."""
    last: _Timed | None = None
    for span in sorted(spans):
        if last is not None and last[0] == span[0] and span.starts <= last.ends:
            last = last._replace(ends=max(last.ends, span.ends))
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last
