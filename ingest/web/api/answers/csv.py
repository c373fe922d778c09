"""Rows as CSV: no text that a spreadsheet takes for a formula, none that its code page lacks."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from ingest.web.api.answers.formats import Charset, Chosen, Form
from ingest.web.api.columns import Answer
from ingest.web.api.lookup import Lookup
from schemas.foreign import plain_cell
from schemas.japan import JST_OFFSET_S, to_cp932

_OPTIONS = csv.WriteOptions(include_header=False, quoting_style="needed")


def fitting(chosen: Chosen) -> Callable[[str], str]:
    """What makes a name fit for this form."""
    if chosen.form is not Form.CSV:
        return str
    return plain_cell if chosen.charset is Charset.UTF_8 else lambda text: to_cp932(plain_cell(text)).decode("cp932")


def replaced(chosen: Chosen, names: Lookup) -> list[str]:
    """The signs among the names that are written as another sign, or as 〓."""
    if chosen.charset is not Charset.CP932:
        return []
    texts = [*(device.device_name for device in names.devices.values())]
    for quantity in names.quantities.values():
        texts += [quantity.label_ja, quantity.unit_ja]
    return sorted(sign for sign in set("".join(texts)) if to_cp932(sign).decode("cp932") != sign)


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
        csv.write_csv(plain, sink, _OPTIONS)
        return self._head_once() + self._encoded(sink.getvalue().to_pybytes())

    def close(self) -> bytes:
        """The first line, if there was no other."""
        return self._head_once()

    def _head_once(self) -> bytes:
        head, self._head = self._head, ""
        return self._encoded(head.encode())

    def _encoded(self, text: bytes) -> bytes:
        return text if self._charset is Charset.UTF_8 else text.decode().encode("cp932", "replace")


def _plain(column: Any) -> Any:
    """The column as a CSV has it: times as in JSON."""
    if not pa.types.is_timestamp(column.type):
        return column
    local = pc.add(column.cast(pa.int64()), JST_OFFSET_S * 1_000_000).cast(pa.timestamp("us")).cast(pa.string())
    whole = pc.replace_substring_regex(local, pattern=r"\.000000$", replacement="")
    offset = pa.scalar("+09:00")
    return pc.binary_join_element_wise(pc.replace_substring(whole, " ", "T"), offset, pa.scalar(""))
