"""Converts codes of the files to ids of this database."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.handover.column import Type
from ingest.handover.part import Part

Ids = dict[str, Mapping[Any, int]]
"""Kind of thing -> code, or number of a row -> id."""


def with_ids(part: Part, batch: pa.RecordBatch, ids: Ids, *, packed: bool = False) -> Iterator[tuple[Any, ...]]:
    """The rows of the table: ids in place of codes. With `packed`, times are microseconds."""
    columns: list[list[Any]] = []
    for column, values in zip(part.columns, batch.columns, strict=True):
        if column.name in part.left_out:
            continue
        if column.many:
            columns.append([_many(text, ids.get(column.refers)) for text in values.to_pylist()])
        elif column.refers:
            columns.append(_ids(values, ids[column.refers]))
        elif packed and column.type is Type.TIME:
            columns.append(pc.cast(values, pa.int64()).to_pylist())
        else:
            columns.append(values.to_pylist())
    return zip(*columns, strict=True)


def _many(text: str | None, ids: Mapping[Any, int] | None) -> list[Any] | None:
    """A list in JSON as an array: of ids if it is one of codes, else of texts."""
    if text is None:
        return None
    each = json.loads(text)
    return [str(one) for one in each] if ids is None else [ids[one] for one in each]


def _ids(codes: "pa.Array[Any]", ids: Mapping[Any, int]) -> list[Any]:
    """Each code is looked up once a batch."""
    coded: Any = pc.dictionary_encode(codes)
    found = [ids[code] for code in coded.dictionary.to_pylist()]
    return [None if index is None else found[index] for index in coded.indices.to_pylist()]
