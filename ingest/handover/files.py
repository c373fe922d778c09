"""The files of a part: written side by side in both formats and hashed on the way; read back batch by batch."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, NamedTuple, Self, cast

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from ingest.handover.arrow import completed, csv_heading, csv_lines, schema
from ingest.handover.column import Type
from ingest.handover.manifest import FileEntry
from ingest.handover.part import Part
from ingest.runtime.bounded_files import PIECE_BYTES, pieces_of

BATCH_ROWS = 50_000
"""Rows in memory at once; also the row group of a Parquet file, so that both sides of a comparison are cut alike."""
PAYLOAD_ROWS = 500
"""`BATCH_ROWS` for the quarantine, where a row may be a message of a quarter of a megabyte."""
PACKING = 4
"""Level of gzip: twice as quick as the usual 6, and a few per cent larger."""


class _Hashed(io.RawIOBase):
    """A new file that counts and hashes the bytes written to it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("xb")
        self.sha256 = hashlib.sha256()
        self.bytes = 0

    def writable(self) -> bool:
        """Part of the file protocol that pyarrow and gzip ask for."""
        return True

    def write(self, data: Any) -> int:
        """Write all of `data`, and return how many bytes that is."""
        self.sha256.update(data)
        self._file.write(data)
        self.bytes += memoryview(data).nbytes
        return memoryview(data).nbytes

    def tell(self) -> int:
        """The position, which pyarrow writes into a Parquet file."""
        return self.bytes

    def close(self) -> None:
        """Close this object and the file under it."""
        self._file.close()
        super().close()


class Pair:
    """One Parquet and one CSV file of the same rows. `entries` is there when the block ends without an error."""

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
            # gzip gets no name and no time, so that the same rows give the same file.
            packed = gzip.GzipFile("", "wb", PACKING, cast("IO[bytes]", csv_file), mtime=0)
            self._csv = self._stack.enter_context(packed)
        self._unpacked = 0
        self._write_csv(csv_heading(part))
        self._rows = 0
        self._limits: list[Any] = []

    def write(self, rows: pa.RecordBatch) -> None:
        """Add rows to both files."""
        self._parquet.write_batch(rows)
        self._write_csv(csv_lines(self._part, rows))
        self._rows += rows.num_rows
        if self._part.time_of:
            found = pc.min_max(rows.column(self._part.time_of))
            self._limits += [limit.as_py() for limit in (found["min"], found["max"])]

    def _write_csv(self, lines: bytes) -> None:
        self._unpacked += len(lines)
        self._csv.write(lines)

    def entries(self) -> tuple[FileEntry, FileEntry]:
        """The entries of both files for the manifest, once they are closed."""
        first, last = (_text(limit(self._limits)) if self._limits else None for limit in (min, max))
        written = zip(self._paths, ("parquet", "csv"), self._files, strict=True)
        parquet_entry, csv_entry = (
            FileEntry.model_validate(
                {"path": path, "format": form, "rows": self._rows, "bytes": file.bytes,
                 "sha256": file.sha256.hexdigest(), "first": first, "last": last,
                 "unpacked_bytes": self._unpacked if path.endswith(".gz") else None}
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


def batch_rows(part: Part) -> int:
    """Rows of the part that are read or written at once: few where each may carry a whole message."""
    usual = PAYLOAD_ROWS if any(column.type is Type.BYTES for column in part.columns) else BATCH_ROWS
    return part.at_once or usual


def batches(path: Path, part: Part) -> Iterator[pa.RecordBatch]:
    """The rows of a verified Parquet file, in the batches in which they were written, with all columns of the part."""
    with parquet.ParquetFile(path, buffer_size=PIECE_BYTES) as file:
        for rows in by_group(file, part):
            yield completed(part, rows)


def by_group(file: parquet.ParquetFile, part: Part) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file, one row group after the other: read at once, Arrow would keep all of them."""
    for group in range(file.metadata.num_row_groups):
        yield from file.iter_batches(batch_size=batch_rows(part), row_groups=[group], use_threads=False)


class Csv(NamedTuple):
    """The size of a CSV file: records without the heading, and bytes when unpacked."""

    rows: int
    bytes: int


def count_csv(file: BinaryIO, *, packed: bool, most_bytes: int) -> Csv:
    """Count the line ends outside quotes, in pieces. Stop after `most_bytes`.

    Raises OSError, EOFError or zlib.error for a packed file that is damaged.
    """
    records = size = 0
    quoted = False
    held = b""
    for piece in unpacked(file) if packed else pieces_of(file):
        size += len(piece)
        if size > most_bytes:
            break
        text = held + piece
        held = b"\r" if text.endswith(b"\r") else b""
        between = text.removesuffix(held).split(b'"')
        records += b'"'.join(between[quoted::2]).count(b"\r\n")
        quoted ^= len(between) % 2 == 0
    return Csv(max(records - 1, 0), size)


def unpacked(file: BinaryIO) -> Iterator[bytes]:
    """The content of a gzip file, in pieces of limited size. Raises EOFError, OSError or zlib.error."""
    unpack = zlib.decompressobj(wbits=31)
    for packed in pieces_of(file):
        rest = packed
        while rest:
            if unpack.eof:
                raise OSError("something follows the end of the packed data")
            yield unpack.decompress(rest, PIECE_BYTES)
            rest = unpack.unconsumed_tail or unpack.unused_data
    yield unpack.flush()
    if not unpack.eof:
        raise EOFError("the packed data is not complete")


def sha256(path: Path) -> str:
    """The SHA-256 of a file, as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
