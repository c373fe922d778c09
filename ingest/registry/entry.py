"""The result of both readers, of tables and of YAML: entries of text with their places, not yet checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.registry.columns import Column
from ingest.registry.problem import Kind, Place, Problem


class Cell(NamedTuple):
    """One value as written. `text` "" is an empty cell. `heading` is how the file calls the column."""

    column: Column
    text: str
    heading: str
    row: int


class Entry(NamedTuple):
    """One row of a table, or one item of a list in YAML. `absent`: required names that it lacks."""

    kind: Kind
    place: Place
    cells: tuple[Cell, ...]
    absent: tuple[str, ...] = ()


class ProfileEntry(NamedTuple):
    """One profile. It is nested, so only YAML can hold it."""

    place: Place
    body: Mapping[str, object]


@dataclass(slots=True)
class Contents:
    """All entries of one file, and all problems with its form."""

    entries: list[Entry] = field(default_factory=list)
    profiles: list[ProfileEntry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
