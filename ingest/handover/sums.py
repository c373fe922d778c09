"""Sums whose readings are deleted: they cannot be computed again, so an import writes them as the files have them."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.handover import files
from ingest.handover.coded import Ids, with_ids
from ingest.handover.column import Type
from ingest.handover.database import incoming as into
from ingest.handover.database import sums as kept
from ingest.handover.manifest import Manifest, PartEntry
from ingest.handover.part import Part, Way
from ingest.handover.parts import BY_NAME
from ingest.handover.rollups import TABLES, WORKED_OUT
from ingest.store.database import Database
from schemas.japan import JST


def bring_back(connection: Database, directory: Path, manifest: Manifest, ids: Ids) -> None:
    """Write the sums of readings deleted here or at the origin, and keep rollups from replacing them by nothing."""
    end = kept.end(connection, manifest.raw_from)
    if end is None:
        return
    kept.begin(connection)
    written = 0
    for entry in manifest.parts:
        part = BY_NAME[entry.name]
        if part.way is Way.DERIVED:
            table = _table(part)
            for batch in _older(directory, entry, part, table, end):
                into.copy_rows(connection, table, with_ids(table, batch, ids))
                written += batch.num_rows
    if written:
        kept.settle(connection, end, list(ids["device"].values()))


def _table(part: Part) -> Part:
    """The part of the table under the view that was exported."""
    columns = tuple(column for column in part.columns if column.name not in WORKED_OUT)
    return part._replace(name=TABLES[part.name], columns=columns)


def _older(directory: Path, entry: PartEntry, part: Part, table: Part, end: datetime) -> Iterator[pa.RecordBatch]:
    limit: Any = end.astimezone(JST).date() if part.column(part.time_of).type is Type.DATE else end
    for file in entry.files:
        if file.format == "parquet" and file.first is not None and type(limit).fromisoformat(file.first) < limit:
            for batch in files.batches(directory / file.path, part):
                times = batch.column(part.time_of)
                older: Any = pc.less(times, pa.scalar(limit, times.type))
                yield batch.filter(older).select(table.names)
