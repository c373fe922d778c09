"""Rows as Arrow: names as dictionaries, times in Japan, nothing made twice; written as an Arrow or a Parquet file."""

from collections.abc import Callable, Mapping, Sequence
from io import RawIOBase
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc, parquet

from ingest.figures.names import DeviceName
from ingest.figures.table import Row
from ingest.web.api.columns import Answer, Column, Sort
from ingest.web.api.lookup import EVENTS, FLAGS, Lookup
from schemas.quantity import Quantity

_MOMENT = pa.timestamp("us", tz="Asia/Tokyo")
_CODE = pa.dictionary(pa.int32(), pa.string())
_TYPES: Mapping[Sort, pa.DataType] = {
    Sort.MOMENT: _MOMENT,
    Sort.DAY: pa.date32(),
    Sort.INTEGER: pa.int64(),
    Sort.TRUTH: pa.bool_(),
    Sort.IDENTIFIER: pa.int64(),
    Sort.SINGLE: pa.float32(),
    Sort.NUMBER: pa.float64(),
    Sort.DOCUMENT: pa.string(),
    Sort.WORDS: pa.string(),
}

_OF_DEVICE: Mapping[Sort, Callable[[DeviceName], str]] = {
    Sort.PROJECT: lambda device: device.project,
    Sort.DEVICE: lambda device: device.device,
    Sort.DEVICE_NAME: lambda device: device.device_name,
}
_OF_QUANTITY: Mapping[Sort, Callable[[Quantity], str]] = {
    Sort.QUANTITY: lambda quantity: quantity.code,
    Sort.QUANTITY_LABEL: lambda quantity: quantity.label_ja,
    Sort.UNIT: lambda quantity: quantity.unit,
    Sort.UNIT_JA: lambda quantity: quantity.unit_ja,
}

GROUP_ROWS = 100_000
"""Rows of a group in a Parquet file: what is held before it is written."""

Fitting = Callable[[str], str]
"""Makes a text fit to be written."""


class Batches:
    """Turns rows of one answer into record batches of one schema."""

    def __init__(self, answer: Answer, names: Lookup, fitting: Fitting = str) -> None:
        self._columns = answer.columns
        places = {name: place for place, name in enumerate(answer.table.all_columns)}
        self._places = [places[column.source] for column in answer.columns]
        self._texts = {column.sort: _texts(column.sort, names, fitting) for column in answer.columns}
        self.schema = pa.schema([_field(column) for column in answer.columns])

    def make(self, rows: Sequence[Row]) -> pa.RecordBatch:
        """The rows as one batch. There must be one."""
        values = list(zip(*rows, strict=True))
        arrays = [self._array(column, values[place]) for column, place in zip(self._columns, self._places, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _array(self, column: Column, values: Sequence[Any]) -> "pa.Array[Any]":
        known = self._texts[column.sort]
        if known is not None:
            return known.of(values)
        kind = _TYPES[column.sort]
        if column.sort is Sort.DOCUMENT:
            return pa.array([None if value is None else orjson.dumps(value).decode() for value in values], kind)
        if column.sort is Sort.MOMENT:
            return pa.array(values, pa.int64()).cast(kind)
        return pa.array(values, kind)


class _Texts:
    """Texts by number, as a dictionary that is the same in every batch."""

    def __init__(self, texts: Mapping[int, str], *, absent: int | None = None) -> None:
        self._numbers = pa.array(list(texts), pa.int32())
        self._texts = pa.array(list(texts.values()), pa.string())
        self._absent = absent

    def of(self, numbers: Sequence[int | None]) -> "pa.Array[Any]":
        found: pa.Array[Any] = pa.array(numbers, pa.int32())
        if self._absent is not None:
            found = found.fill_null(self._absent)
        places = pc.index_in(found, value_set=self._numbers)
        return pa.DictionaryArray.from_arrays(places, self._texts)


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


def _texts(sort: Sort, names: Lookup, fitting: Fitting) -> _Texts | None:
    if sort in _OF_DEVICE:
        return _Texts({number: fitting(_OF_DEVICE[sort](device)) for number, device in names.devices.items()})
    if sort in _OF_QUANTITY:
        return _Texts({number: fitting(_OF_QUANTITY[sort](quantity)) for number, quantity in names.quantities.items()})
    if sort is Sort.GATEWAY:
        return _Texts({number: fitting(code) for number, code in names.gateways.items()})
    if sort is Sort.FLAGS:
        return _Texts(dict(enumerate(FLAGS)), absent=0)
    return _Texts(EVENTS) if sort is Sort.EVENT else None


def _field(column: Column) -> "pa.Field[Any]":
    told = {"ja": column.ja, "description": column.text}
    return pa.field(column.name, _TYPES.get(column.sort, _CODE), metadata=told)
