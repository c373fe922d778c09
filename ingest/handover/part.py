"""A part of a hand-over: one table, as one pair of files or one pair a month."""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple, Self

from ingest.handover.column import Column


class Way(StrEnum):
    """How a part comes back into a database."""

    REGISTRY = "registry"
    """Inserted row by row. A row that exists already must be the same."""
    ROWS = "rows"
    """Copied as it is."""
    SHARED = "shared"
    """Inserted unless it is there. A row that exists already must be the same; nothing refers to it by a number."""
    DERIVED = "derived"
    """Not written: the database computes it again from the other parts."""


class Part(NamedTuple):
    """One table of the hand-over. The order of its rows is that of `key`, texts by code point, unknown first."""

    name: str
    ja: str
    en: str
    way: Way
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    time_of: str = ""
    """The column of time that a span selects by; empty if the part is always exported whole."""
    monthly: bool = False
    """One pair of files for each month in Japan, instead of one for all."""
    optional: bool = False
    """The table belongs to a later version. A database without it has no such part."""
    numbered: str = ""
    """The column with the number of a row, by which rows of this and of later parts refer to it."""
    left_out: tuple[str, ...] = ()
    """Columns that are for the order alone, and do not go into a table."""
    at_once: int = 0
    """Rows in memory at once, where each may be megabytes; 0: as many as usual."""
    packed: bool = False
    """The CSV file is packed, though there is only one."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        return tuple(column.name for column in self.columns)

    def as_in(self, names: Collection[str]) -> Self:
        """The part as a file with columns of these names has it: those that are `later` may be absent."""
        return self._replace(columns=tuple(each for each in self.columns if not each.later or each.name in names))

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def csv_suffix(self) -> str:
        """Files that may be large are packed. The others are not, so that Excel can open them."""
        return ".csv.gz" if self.monthly or self.packed else ".csv"
