"""Rows as Arrow record batches, and record batches as the lines of a CSV file."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.handover.column import Column, Type
from ingest.handover.part import Part
from schemas.foreign import FORMULA

_ARROW = {
    Type.TEXT: pa.string(),
    Type.JSON: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.SHORT_NUMBER: pa.float32(),
    Type.BOOLEAN: pa.bool_(),
    Type.DATE: pa.date32(),
    Type.TIME: pa.timestamp("us", "UTC"),
    Type.BYTES: pa.binary(),
}
CRLF = "\r\n"

# Both also take texts beside arrays, which their stubs do not allow.
_join: Any = pc.binary_join
_join_cells: Any = pc.binary_join_element_wise


def schema(part: Part) -> pa.Schema:
    """The columns of the part, with their meaning as metadata of the Parquet file."""
    return pa.schema([_field(column) for column in part.columns])


def _field(column: Column) -> "pa.Field[Any]":
    meaning = {"ja": column.ja, "en": column.en, "unit": column.unit}
    return pa.field(column.name, _ARROW[column.type], metadata={key: text for key, text in meaning.items() if text})


def batch(part: Part, rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """Rows in the order of the part's columns."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in part.columns)
    arrays = [pa.array(values, _ARROW[column.type]) for values, column in zip(columns, part.columns, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema(part))


def completed(part: Part, rows: pa.RecordBatch) -> pa.RecordBatch:
    """The rows with every column of the part: those that an earlier version did not have as `before`."""
    there = set(rows.schema.names)
    if len(there) == len(part.columns):
        return rows
    arrays: list[Any] = [
        rows.column(column.name)
        if column.name in there
        else pa.array([column.before] * rows.num_rows, _ARROW[column.type])
        for column in part.columns
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema(part))


def csv_heading(part: Part) -> bytes:
    """The byte order mark by which Excel knows UTF-8, and the names of the columns."""
    return ("\ufeff" + ",".join(part.names) + CRLF).encode()


def csv_lines(part: Part, rows: pa.RecordBatch) -> bytes:
    """RFC 4180: CRLF, quotes where they are needed. Unknown is empty, an empty text is two quotes.

    A text that a spreadsheet would compute gets an apostrophe before it. Not so in JSON, where a sign starts a number.

    Times are ISO 8601 in UTC with offset, numbers in the shortest form that gives the same number again.
    """
    if not rows.num_rows:
        return b""
    cells = [_cells(column, values) for column, values in zip(part.columns, rows.columns, strict=True)]
    lines = _join_cells(*cells, ",", null_handling="replace", null_replacement="")
    document = pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines)
    content: bytes = _join(document, CRLF)[0].as_buffer().to_pybytes()
    return content + CRLF.encode()


def _cells(column: Column, values: "pa.Array[Any]") -> "pa.Array[Any]":
    if column.type is Type.TEXT:
        return _quoted(pc.replace_substring_regex(values, FORMULA, r"'\1"))
    if column.type is Type.JSON:
        return _quoted(values)
    if column.type is Type.BYTES:
        return pa.array([None if value is None else value.hex() for value in values.to_pylist()], pa.string())
    if column.type is Type.TIME:
        return _iso(values)
    return pc.cast(values, pa.string())


def _iso(times: "pa.Array[Any]") -> "pa.Array[Any]":
    """Times such as 2026-04-01T00:00:00.000000+00:00. The zone is removed first: Arrow is 20 times as slow with it."""
    text = pc.cast(pc.cast(times, pa.timestamp("us")), pa.string())
    written: pa.Array[Any] = _join_cells(pc.replace_substring(text, " ", "T"), "+00:00", "")
    return written


def _quoted(values: "pa.Array[Any]") -> "pa.Array[Any]":
    needed = pc.match_substring_regex(values, '[",\r\n]|^$')
    inner = pc.replace_substring(values, '"', '""')
    quoted: pa.Array[Any] = pc.if_else(needed, _join_cells('"', inner, '"', ""), values)
    return quoted
