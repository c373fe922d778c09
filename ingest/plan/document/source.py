"""What files say about one plan, before anybody knows whether it fits: nested texts, and the line of each."""

from dataclasses import dataclass, field
from typing import Any

from ingest.plan.document.fault import Path
from ingest.registry.problem import Place


@dataclass(slots=True)
class Row:
    """A KPI of a table. `body`: its fields; `columns`: names of the fields the table has a column for.

    A field that has a column and is not in `body` is emptied; one without a column stays as it is.
    """

    place: Place
    project: str
    body: dict[str, Any]
    columns: frozenset[str]
    years: frozenset[str]


@dataclass(slots=True)
class Source:
    """All that the files say about the plan of one project. `body`: None if tables of KPIs are all there is."""

    project: str
    body: dict[str, Any] | None = None
    spots: dict[Path, Place] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
