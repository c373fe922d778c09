"""Compares a directory with a database, part by part."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest.handover import files
from ingest.handover.database import rows as store
from ingest.handover.difference import Difference, Row, difference
from ingest.handover.manifest import Manifest, PartEntry
from ingest.handover.months import months, span_of, stem, within
from ingest.handover.part import Part, Way
from ingest.handover.parts import BY_NAME
from ingest.handover.write import batches
from ingest.store.database import Database

Say = Callable[[PartEntry, Difference], None]


def compare(connection: Database, directory: Path, manifest: Manifest, say: Say) -> bool:
    """Whether every row of the verified files is in the database unchanged. `say` is called with each part."""
    complete = True
    with store.snapshot(connection):
        for entry in manifest.parts:
            found = part_difference(connection, directory, manifest, entry)
            say(entry, found)
            complete = complete and found.complete
    return complete


def part_difference(connection: Database, directory: Path, manifest: Manifest, entry: PartEntry) -> Difference:
    """The difference of one part. Rows of the database beyond the span of the files are ignored."""
    part = BY_NAME[entry.name]
    result = Difference()
    for path, span in _stretches(connection, part, manifest, entry):
        said = files.batches(directory / path, part) if path else iter(())
        present = not part.optional or store.exists(connection, part)
        found = batches(connection, part, manifest.project.code, span) if present else iter(())
        result.add(difference(said, found, _rows, _key(part), close=part.way is Way.DERIVED))
    return result


def _stretches(
    connection: Database, part: Part, manifest: Manifest, entry: PartEntry
) -> Iterator[tuple[str | None, store.Span]]:
    """Each Parquet file with its span, and the months that only the database has (path None)."""
    paths = {file.path.removesuffix(".parquet"): file.path for file in entry.files if file.format == "parquet"}
    span = span_of(part, manifest.span)
    if not part.monthly:
        yield paths.get(part.name), span
        return
    limits = store.limits(connection, part, manifest.project.code, span) if store.exists(connection, part) else None
    ends = [datetime.fromisoformat(end) for file in entry.files for end in (file.first, file.last) if end]
    every = [*ends, *(limits or ())]
    for month in months(min(every), max(every)) if every else ():
        yield paths.get(stem(part, month)), within(month, manifest.span)


def _rows(batch: pa.RecordBatch) -> Iterable[Row]:
    return zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _key(part: Part) -> Callable[[Row], Row]:
    places = [part.names.index(name) for name in part.key]
    return lambda row: tuple(row[place] for place in places)


def shown(row: Iterable[Any]) -> str:
    """A row for a person."""
    return " ".join("-" if value is None else str(value) for value in row)
