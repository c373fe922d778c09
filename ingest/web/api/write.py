"""Record batches as the bytes of a file: CSV, Arrow or Parquet. What is written so far is taken away each time."""

from io import RawIOBase
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, ipc, parquet

from ingest.web.api.columns import Answer
from ingest.web.api.formats import Charset, Chosen, Form
from schemas.japan import JST_OFFSET_S

GROUP_ROWS = 100_000
"""Rows of a group in a Parquet file: what is held before it is written."""

_CSV = csv.WriteOptions(include_header=False, quoting_style="needed")


class Writer(Protocol):
    """Writes one answer. `close` gives what is still to be written."""

    def write(self, batch: pa.RecordBatch) -> bytes:
        """What can be sent after these rows."""
        ...

    def close(self) -> bytes:
        """What is still to be sent."""
        ...


class Sink(RawIOBase):
    """A file that forgets what is taken from it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: Any) -> int:
        """Keep a copy until it is taken."""
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def writable(self) -> bool:
        """Always."""
        return True

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


class ArrowWriter:
    """The Arrow IPC stream format."""

    def __init__(self, schema: pa.Schema) -> None:
        self._sink = Sink()
        self._writer = ipc.new_stream(pa.PythonFile(self._sink, "w"), schema)

    def write(self, batch: pa.RecordBatch) -> bytes:
        """The bytes of a batch."""
        self._writer.write_batch(batch)
        return self._sink.take()

    def close(self) -> bytes:
        """The end of the stream."""
        self._writer.close()
        return self._sink.take()


class ParquetWriter:
    """A Parquet file, group after group."""

    def __init__(self, schema: pa.Schema) -> None:
        self._sink = Sink()
        self._schema = schema
        self._writer = parquet.ParquetWriter(pa.PythonFile(self._sink, "w"), schema, compression="zstd")
        self._held: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> bytes:
        """The bytes of a group, once there are enough rows for one."""
        self._held.append(batch)
        if sum(held.num_rows for held in self._held) >= GROUP_ROWS:
            self._write_group()
        return self._sink.take()

    def close(self) -> bytes:
        """The last group and the footer."""
        if self._held:
            self._write_group()
        self._writer.close()
        return self._sink.take()

    def _write_group(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._held, self._schema), row_group_size=2 * GROUP_ROWS)
        self._held.clear()


class CsvWriter:
    """A CSV as Excel and programs read it. Texts are quoted, numbers are not, nothing stands for unknown."""

    def __init__(self, answer: Answer, charset: Charset, header: str) -> None:
        names = [column.ja if header == "ja" else column.name for column in answer.columns]
        self._charset = charset
        self._head = ("﻿" if charset is Charset.UTF_8 else "") + ",".join(f'"{name}"' for name in names) + "\n"

    def write(self, batch: pa.RecordBatch) -> bytes:
        """The lines of a batch."""
        sink = pa.BufferOutputStream()
        plain = pa.RecordBatch.from_arrays([_plain(column) for column in batch.columns], names=batch.schema.names)
        csv.write_csv(plain, sink, _CSV)
        return self._head_once() + self._encoded(sink.getvalue().to_pybytes())

    def close(self) -> bytes:
        """The first line, if there was no other."""
        return self._head_once()

    def _head_once(self) -> bytes:
        head, self._head = self._head, ""
        return self._encoded(head.encode())

    def _encoded(self, text: bytes) -> bytes:
        return text if self._charset is Charset.UTF_8 else text.decode().encode("cp932", "replace")


def writer_for(chosen: Chosen, answer: Answer, schema: pa.Schema, header: str) -> Writer:
    """The writer of this form."""
    if chosen.form is Form.CSV:
        return CsvWriter(answer, chosen.charset, header)
    return ArrowWriter(schema) if chosen.form is Form.ARROW else ParquetWriter(schema)


def _plain(column: Any) -> Any:
    """The column as a CSV has it: times as in JSON."""
    if not pa.types.is_timestamp(column.type):
        return column
    local = pc.add(column.cast(pa.int64()), JST_OFFSET_S * 1_000_000).cast(pa.timestamp("us")).cast(pa.string())
    whole = pc.replace_substring_regex(local, pattern=r"\.000000$", replacement="")
    offset = pa.scalar("+09:00")
    return pc.binary_join_element_wise(pc.replace_substring(whole, " ", "T"), offset, pa.scalar(""))
