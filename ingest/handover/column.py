"""A column of a hand-over: its name, its type, and its meaning in two languages."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Type(StrEnum):
    """The types of columns. In CSV everything is text; empty without quotes means unknown, "" is an empty text."""

    TEXT = "text"
    JSON = "json"
    INTEGER = "int64"
    NUMBER = "float64"
    SHORT_NUMBER = "float32"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "timestamp"
    BYTES = "bytes"


class Column(NamedTuple):
    """One column of a part.

    `into`: the column of the table it comes from and goes back to. If `refers` names a kind of thing, the file
    has the code of that thing and the table its id. `many`: the table has an array, and the file a list in JSON.
    `values`: what numbers stand for; of flags the sum is stored. `later`: files of earlier versions lack the column,
    and its values are `before` then: unknown, or what that version meant.
    """

    name: str
    type: Type
    ja: str
    en: str
    unit: str = ""
    into: str = ""
    refers: str = ""
    values: Mapping[str, str] = {}
    many: bool = False
    later: bool = False
    before: bool | None = None

    @property
    def target(self) -> str:
        """The column of the table."""
        return self.into or self.name
