"""The files of a part: written side by side in both formats and hashed on the way; read back batch by batch."""

import gzip
import hashlib
import io
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from ingest.handover.arrow import csv_heading, csv_lines, schema
from ingest.handover.manifest import FileEntry
from ingest.handover.part import Part

BATCH_ROWS = 50_000
"""Rows in memory at once; also the row group of a Parquet file, so that both sides of a comparison are cut alike."""
PACKING = 4
"""Of gzip: twice as quick as the usual 6, a few per cent larger."""


class _Hashed(io.RawIOBase):
    """A new file that knows the hash and the size of what was written to it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("xb")
        self.sha256 = hashlib.sha256()
        self.bytes = 0

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: Any) -> int:
        """All of it, always."""
        self.sha256.update(data)
        self._file.write(data)
        self.bytes += memoryview(data).nbytes
        return memoryview(data).nbytes

    def tell(self) -> int:
        """Where a Parquet file stands is written into it."""
        return self.bytes

    def close(self) -> None:
        """Close the file under it too."""
        self._file.close()
        super().close()


class Pair:
    """One Parquet and one CSV file of the same rows. The entries are there when it is left without an error."""

    def __init__(self, directory: Path, part: Part, stem: str) -> None:
        self._part = part
        self._paths = (f"{stem}.parquet", f"{stem}{part.csv_suffix}")
        self._stack = ExitStack()
        parquet_file, csv_file = (self._stack.enter_context(_Hashed(directory / path)) for path in self._paths)
        self._files = (parquet_file, csv_file)
        self._parquet = self._stack.enter_context(
            parquet.ParquetWriter(cast("IO[bytes]", parquet_file), schema(part), compression="zstd")
        )
        self._csv: Any = csv_file
        if self._paths[1].endswith(".gz"):
            # Without a name and a time in it, so that the same rows give the same file.
            packed = gzip.GzipFile("", "wb", PACKING, cast("IO[bytes]", csv_file), mtime=0)
            self._csv = self._stack.enter_context(packed)
        self._csv.write(csv_heading(part))
        self._rows = 0
        self._limits: list[Any] = []

    def write(self, rows: pa.RecordBatch) -> None:
        """Add rows to both."""
        self._parquet.write_batch(rows)
        self._csv.write(csv_lines(self._part, rows))
        self._rows += rows.num_rows
        if self._part.time_of:
            found = pc.min_max(rows.column(self._part.time_of))
            self._limits += [limit.as_py() for limit in (found["min"], found["max"])]

    def entries(self) -> tuple[FileEntry, FileEntry]:
        """What the manifest says about the two, once they are closed."""
        first, last = (_text(limit(self._limits)) if self._limits else None for limit in (min, max))
        written = zip(self._paths, ("parquet", "csv"), self._files, strict=True)
        parquet_entry, csv_entry = (
            FileEntry.model_validate(
                {"path": path, "format": form, "rows": self._rows, "bytes": file.bytes,
                 "sha256": file.sha256.hexdigest(), "first": first, "last": last}
            )
            for path, form, file in written
        )  # fmt: skip
        return parquet_entry, csv_entry

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)


def _text(limit: date | datetime) -> str:
    return limit.isoformat()


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file, in the batches in which they were written."""
    with parquet.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=BATCH_ROWS)


def parquet_rows(path: Path) -> int:
    """How many rows a Parquet file says it has."""
    with parquet.ParquetFile(path) as file:
        return int(file.metadata.num_rows)


def parquet_columns(path: Path) -> pa.Schema:
    """Names and types of the columns of a Parquet file."""
    with parquet.ParquetFile(path) as file:
        return file.schema_arrow


def csv_rows(path: Path) -> int:
    """How many records a CSV file has under its heading: line ends outside quotes, counted."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        quotes = records = 0
        for line in file:
            quotes += line.count(b'"')
            records += quotes % 2 == 0 and line.endswith(b"\r\n")
    return max(records - 1, 0)


def sha256(path: Path) -> str:
    """The hash of a file as it is now."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
