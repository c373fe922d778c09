"""What a request may say: the parameters of every route, and what they mean for the database."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Query, Request
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from ingest.figures.quantities import quantities
from ingest.figures.table import Selection, Table
from ingest.web.api.answers.formats import Charset, Form
from ingest.web.api.lookup import no_quantity
from ingest.web.api.openapi import DescribedApp
from ingest.web.dependencies import WebDependencies, dependencies
from schemas.japan import EPOCH

ROWS, MOST_ROWS = 1000, 10_000
"""Rows of a page of readings or messages: without `limit`, and with the greatest `limit`."""
DEVICES, MOST_DEVICES = 100, 1000
"""The same for a page of devices."""

_LAST = datetime(2200, 1, 1, tzinfo=UTC)
_RFC_3339 = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:T(?P<clock>\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?P<offset>Z|[+-]\d\d:\d\d)?)?", re.ASCII
)

Deps = Annotated[WebDependencies, Depends(dependencies)]

Code = Annotated[str, Field(max_length=63)]
ProjectCode = Annotated[str | None, Query(description="Code of a project; without it, all of them")]
BoundedProjectCode = Annotated[
    str | None, Query(description="Code of a project; without it, all of them", max_length=63)
]
"""The published description bounds the code on some routes and not on others: changing that would change an answer."""


def refuse_unknown(request: Request) -> None:
    """Raise a 422 for what would otherwise be ignored: a parameter not declared, or a single one given twice."""
    app = request.app
    assert isinstance(app, DescribedApp)  # made by create_app
    declared = app.query_parameters(request.scope["route"].name)
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in declared:
            known = f"Known parameters: {', '.join(sorted(declared))}" if declared else "This path takes no parameters"
            raise HTTPException(422, f"{name[:100]}: unknown parameter. {known}.")
        if name in seen and not declared[name]:
            raise HTTPException(422, f"{name}: given more than once; it takes a single value.")
        seen.add(name)


def _parse_time(text: object) -> object:
    """An aware time. A `+` of an offset that was not escaped arrives as a space: it is taken for the + it was."""
    if not isinstance(text, str):
        return text
    written = _RFC_3339.fullmatch(text.strip().replace(" ", "+").upper())
    if written is None:
        raise ValueError(f"invalid time {text!r}; write 2026-11-24T09:00:00+09:00, or 2026-11-24 for a day in Japan")
    day, clock, offset = written.group("day", "clock", "offset")
    if clock and not offset:
        raise ValueError(f"the time has no UTC offset; write {day}T{clock}+09:00 for Japan, or {day}T{clock}Z for UTC")
    try:
        at = datetime.fromisoformat(f"{day}T{clock}{offset}" if clock else f"{day}T00:00:00+09:00")
    except ValueError:
        raise ValueError(f"there is no such date or time: {text!r}") from None
    if not EPOCH <= at < _LAST:
        raise ValueError(f"the time must be from {EPOCH:%Y-%m-%d} UTC until before {_LAST:%Y-%m-%d} UTC, not {text!r}")
    return at


QueryTime = Annotated[
    datetime,
    BeforeValidator(_parse_time),
    WithJsonSchema({
        "type": "string",
        "anyOf": [{"format": "date-time"}, {"format": "date"}],
        "examples": ["2026-11-24T09:00:00+09:00", "2026-11-24"],
    }),
]  # fmt: skip
"""A time of RFC 3339 with its offset, or a day, which begins at midnight in Japan."""


def settle_period(
    start: datetime | None, end: datetime | None, span: timedelta, *, now: datetime, longest: timedelta | None = None
) -> tuple[datetime, datetime]:
    """[start, end): the `span` before `end`, which is `now`, unless said otherwise.

    Raises a 422 if it is none, or longer than `longest`.
    """
    end = end or now
    start = start or end - span
    if start >= end:
        raise HTTPException(422, "from must be before to.")
    if longest is not None and end - start > longest:
        raise HTTPException(422, f"from and to are more than {longest.days} days apart; ask for a shorter period.")
    return start, end


class RowsQuery(BaseModel):
    """Rows of devices in [from, to)."""

    project: Code | None = Field(None, description="Code of a project; without it, all of them", examples=["fukuroi"])
    device: list[Code] = Field(
        [], max_length=100, description="Code of a device of the project; may be given several times"
    )
    start: QueryTime | None = Field(
        None, alias="from", description="Beginning of the period, itself included. A day begins at midnight in Japan"
    )
    end: QueryTime | None = Field(None, alias="to", description="End of the period, itself excluded; now if absent")
    format: Form | None = Field(
        None, description="Wins over the Accept header. csv, arrow and parquet bring the whole period at once"
    )
    charset: Charset | None = Field(None, description="Of a CSV: UTF-8 with a byte order mark, or CP932")
    header: Annotated[str, Field(pattern="^(codes|ja)$")] = Field(
        "codes", description="First line of a CSV: names as in JSON, or Japanese headings"
    )
    limit: int | None = Field(None, ge=1, le=MOST_ROWS, description=f"Most rows of a page of JSON; {ROWS} if absent")
    cursor: Annotated[str, Field(max_length=500)] | None = Field(
        None, description="next_cursor of the page before, with the rest of its question unchanged"
    )

    def selection(self, connection: Any, table: Table, start: datetime, end: datetime) -> Selection:  # noqa: ARG002
        """The rows that are meant. `connection`: to look up what is said by its code."""
        return Selection(table, start, end, self.project, self.device)


class SeriesQuery(RowsQuery):
    """Rows of quantities of devices in [from, to)."""

    quantity: list[Code] = Field(
        [], max_length=100, description="Code of /quantities; may be given several times", examples=[["river_level"]]
    )
    channel: list[Annotated[int, Field(ge=0, le=32767)]] = Field(
        [], max_length=100, description="Only these channels; may be given several times"
    )

    def selection(self, connection: Any, table: Table, start: datetime, end: datetime) -> Selection:
        """The rows that are meant. Raises a 404 for a quantity that nobody here measures."""
        numbers = self._find_numbers(connection) if self.quantity else []
        return Selection(table, start, end, self.project, self.device, numbers, sorted(set(self.channel)))

    def _find_numbers(self, connection: Any) -> list[int]:
        known = [quantity for _, quantity in quantities(connection, self.project)]
        unknown = set(self.quantity) - {quantity.code for quantity in known}
        if unknown:
            raise no_quantity(min(unknown), self.project)
        return sorted(quantity.id for quantity in known if quantity.code in self.quantity)


class ReadingsQuery(SeriesQuery):
    """Single readings of devices in [from, to)."""

    counted: bool = Field(
        True,
        description="true: what counts, without annulled values and with recalibrated ones. false: as it was measured",
    )
    graded: bool = Field(
        False,
        description="true: two more columns, `grade` and `tests`, with what the tests of quality say of each reading",
    )
