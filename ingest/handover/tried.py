"""What a trial finds in one Parquet file (see `trial`): every row of it is read."""

from pathlib import Path
from typing import cast

import pyarrow as pa
from pyarrow import parquet

from ingest.handover.arrow import schema
from ingest.handover.files import BATCH_ROWS, batch_rows
from ingest.handover.parts import BY_NAME
from ingest.handover.trial import Candidate
from ingest.runtime.bounded_files import PIECE_BYTES, FileRefused, open_inside
from schemas.bilingual import Bilingual

FOOTER_BYTES = 16 * 2**20
"""Of text, or of entries, in what a file says about itself."""
FOOTER_ENTRIES = 200_000


def problem_of(directory: Path, one: Candidate) -> Bilingual | None:
    """Why it cannot be used, or None."""
    try:
        with open_inside(directory, one.path) as file:
            return _problem(cast("pa.NativeFile", file), one)
    except FileRefused as error:
        return error.reason
    except MemoryError:
        return Bilingual("壊れています(読むのに記憶が足りません)", "damaged: reading it takes too much memory")
    except (pa.ArrowException, OSError, EOFError, ValueError) as error:
        why = str(error)[:400]
        return Bilingual(f"壊れています({why})", f"damaged: {why}")


def _problem(file: pa.NativeFile, one: Candidate) -> Bilingual | None:
    part = BY_NAME[one.part]
    with parquet.ParquetFile(
        file,
        buffer_size=PIECE_BYTES,
        thrift_string_size_limit=FOOTER_BYTES,
        thrift_container_size_limit=FOOTER_ENTRIES,
    ) as content:
        told = content.metadata
        if told.num_rows != one.rows:
            return _rows(told.num_rows, one)
        if not content.schema_arrow.equals(schema(part)):
            return Bilingual("列が目録と違います", "its columns are not those of the manifest")
        largest = max((told.row_group(number).num_rows for number in range(told.num_row_groups)), default=0)
        if largest > BATCH_ROWS:
            return Bilingual(
                f"壊れています(一つの組に {largest:,} 件、{BATCH_ROWS:,} 件までです)",
                f"damaged: {largest:,} rows in one group, at most {BATCH_ROWS:,}",
            )
        found = sum(rows.num_rows for rows in content.iter_batches(batch_size=batch_rows(part), use_threads=False))
    return None if found == one.rows else _rows(found, one)


def _rows(found: int, one: Candidate) -> Bilingual:
    return Bilingual(f"件数が違います({one.rows:,} 件のはずが {found:,} 件)", f"{found:,} rows instead of {one.rows:,}")
