"""Tries one Parquet file by reading every row of it (see `trial`)."""

from pathlib import Path
from typing import cast

import pyarrow as pa
from pyarrow import parquet

from ingest.handover.arrow import schema
from ingest.handover.files import BATCH_ROWS, by_group
from ingest.handover.parts import BY_NAME
from ingest.handover.trial import Candidate
from ingest.runtime.bounded_files import PIECE_BYTES, FileRefused, open_inside
from schemas.bilingual import Bilingual

FOOTER_BYTES = 16 * 2**20
"""Most bytes of one text in the footer of a file."""
FOOTER_ENTRIES = 200_000


def problem_of(directory: Path, candidate: Candidate) -> Bilingual | None:
    """Why the file cannot be used, or None."""
    try:
        with open_inside(directory, candidate.path) as file:
            return _problem(cast("pa.NativeFile", file), candidate)
    except FileRefused as error:
        return error.reason
    except MemoryError:
        return Bilingual("壊れています(読むのに記憶が足りません)", "damaged: reading it takes too much memory")
    except (pa.ArrowException, OSError, EOFError, ValueError) as error:
        why = str(error)[:400]
        return Bilingual(f"壊れています({why})", f"damaged: {why}")


def _problem(file: pa.NativeFile, candidate: Candidate) -> Bilingual | None:
    part = BY_NAME[candidate.part]
    with parquet.ParquetFile(
        file,
        buffer_size=PIECE_BYTES,
        thrift_string_size_limit=FOOTER_BYTES,
        thrift_container_size_limit=FOOTER_ENTRIES,
    ) as content:
        footer = content.metadata
        if footer.num_rows != candidate.rows:
            return _rows(footer.num_rows, candidate)
        if not content.schema_arrow.equals(schema(part.as_in(content.schema_arrow.names))):
            return Bilingual("列が目録と違います", "its columns are not those of the manifest")
        largest = max((footer.row_group(number).num_rows for number in range(footer.num_row_groups)), default=0)
        if largest > BATCH_ROWS:
            return Bilingual(
                f"壊れています(一つの組に {largest:,} 件、{BATCH_ROWS:,} 件までです)",
                f"damaged: {largest:,} rows in one group, at most {BATCH_ROWS:,}",
            )
        rows_read = sum(rows.num_rows for rows in by_group(content, part))
    return None if rows_read == candidate.rows else _rows(rows_read, candidate)


def _rows(found: int, candidate: Candidate) -> Bilingual:
    return Bilingual(
        f"件数が違います({candidate.rows:,} 件のはずが {found:,} 件)", f"{found:,} rows instead of {candidate.rows:,}"
    )
