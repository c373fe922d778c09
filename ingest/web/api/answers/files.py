"""A whole selection as one file: its name, its headers, and the bytes as they are read."""

from collections.abc import Iterator
from typing import Any, Protocol

import pyarrow as pa

from ingest.figures.rows import batches
from ingest.figures.table import Selection
from ingest.web.api.answers.arrow import ArrowWriter, Batches, ParquetWriter
from ingest.web.api.answers.csv import CsvWriter, fitting, replaced
from ingest.web.api.answers.formats import Chosen, Form
from ingest.web.api.answers.stream import Produce
from ingest.web.api.columns import Answer
from ingest.web.api.lookup import Lookup
from ingest.web.api.parameters import RowsQuery
from schemas.japan import to_jst


class Writer(Protocol):
    """Writes one answer. `close` gives what is still to be written."""

    def write(self, batch: pa.RecordBatch) -> bytes:
        """What can be sent after these rows."""
        ...

    def close(self) -> bytes:
        """What is still to be sent."""
        ...


def file_producer(answer: Answer, names: Lookup, selection: Selection, chosen: Chosen, header: str) -> Produce:
    """What reads the rows of a selection and gives them as the bytes of a file. `header`: see CsvWriter."""

    def produce(connection: Any) -> Iterator[bytes]:
        maker = Batches(answer, names, fitting(chosen))
        writer = _writer_for(chosen, answer, maker.schema, header)
        for rows in batches(connection, selection):
            yield writer.write(maker.make(rows))
        yield writer.close()

    return produce


def file_headers(
    answer: Answer, query: RowsQuery, selection: Selection, chosen: Chosen, names: Lookup
) -> dict[str, str]:
    """The name of the file; and which signs of names CP932 lacks, that are written as another one."""
    who = [query.project or "all", *query.device[:1]]
    days = [f"{to_jst(at):%Y%m%d}" for at in (selection.start, selection.end)]
    name = "_".join([answer.name, *who, *days])
    headers = {"Vary": "Accept", "Content-Disposition": f'attachment; filename="{name}.{chosen.form}"'}
    if signs := replaced(chosen, names):
        headers["Noroshi-Replaced-Characters"] = " ".join(f"U+{ord(sign):04X}" for sign in signs)
    return headers


def _writer_for(chosen: Chosen, answer: Answer, schema: pa.Schema, header: str) -> Writer:
    if chosen.form is Form.CSV:
        return CsvWriter(answer, chosen.charset, header)
    return ArrowWriter(schema) if chosen.form is Form.ARROW else ParquetWriter(schema)
