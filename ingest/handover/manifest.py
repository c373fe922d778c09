"""The manifest: it describes the files, so that strangers can read them and can see that nothing is missing."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ingest.handover.column import Column
from ingest.handover.part import Part
from schemas.quantity import Quantity

FORMAT = "noroshi-handover"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
README = "README.txt"


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnEntry(_Said):
    """One column. `values`: what numbers stand for; of flags the sum is stored."""

    name: str
    type: str
    unit: str
    ja: str
    en: str
    values: Mapping[str, str] = {}


Count = Annotated[int, Field(ge=0, le=10**15)]


class FileEntry(_Said):
    """One file. `first` and `last`: the span of its rows, where they have a time. `unpacked_bytes`: of a packed one."""

    path: str
    format: Literal["parquet", "csv"]
    rows: Count
    bytes: Count
    sha256: str
    first: str | None = None
    last: str | None = None
    unpacked_bytes: Count | None = None


class PartEntry(_Said):
    """One table. `rows` counts each row once, though it is in two formats. `derived`: an import works it out anew."""

    name: str
    ja: str
    en: str
    rows: Count
    derived: bool
    sort: tuple[str, ...]
    columns: tuple[ColumnEntry, ...]
    files: tuple[FileEntry, ...]


class ProjectEntry(_Said):
    """Whose data it is."""

    code: str
    name: str


class SpanEntry(_Said):
    """The days in Japan that were asked for, both included. None: from the beginning, or to the end."""

    first_day: date | None = None
    last_day: date | None = None


class QuantityEntry(_Said):
    """One line of the catalogue of quantities."""

    code: str
    unit: str
    unit_ja: str
    kind: str
    label_ja: str
    label_en: str


class Manifest(_Said):
    """`identity`: the account of the project since the beginning, whatever the span.

    `raw_from`: readings before this were deleted after their period of retention; their sums are in the files.
    """

    format: Literal["noroshi-handover"]
    format_version: int
    program: str
    schema_version: int
    postgresql: str
    made_at: datetime
    made_by: str
    project: ProjectEntry
    span: SpanEntry
    identity: Mapping[str, int]
    raw_from: AwareDatetime | None = None
    quantities: tuple[QuantityEntry, ...]
    parts: tuple[PartEntry, ...]

    def part(self, name: str) -> PartEntry | None:
        """The part of this name, if it was written."""
        return next((part for part in self.parts if part.name == name), None)


def part_entry(part: Part, files: tuple[FileEntry, ...]) -> PartEntry:
    """The entry of a part."""
    rows = sum(file.rows for file in files if file.format == "parquet")
    columns = tuple(map(column_entry, part.columns))
    derived = part.way == "derived"
    return PartEntry(
        name=part.name, ja=part.ja, en=part.en, rows=rows, derived=derived, sort=part.key, columns=columns, files=files
    )


def column_entry(column: Column) -> ColumnEntry:
    """The entry of a column."""
    said = (column.name, str(column.type), column.unit, column.ja, column.en)
    names = ("name", "type", "unit", "ja", "en")
    return ColumnEntry(**dict(zip(names, said, strict=True)), values=column.values)


def quantity_entries(catalogue: Iterable[Quantity]) -> tuple[QuantityEntry, ...]:
    """The catalogue as the project sees it."""
    return tuple(
        QuantityEntry(**{name: str(getattr(quantity, name)) for name in QuantityEntry.model_fields})
        for quantity in catalogue
    )
