"""What can be asked of rows over time, and what it means for the database."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import HTTPException
from pydantic import BaseModel, Field

from ingest.figures.names import DeviceName, device_names, project_name
from ingest.figures.quantities import quantities
from ingest.figures.table import Selection, Table
from ingest.web.api.ask import Moment
from ingest.web.api.formats import Charset, Form

LIMIT, MOST = 1000, 10_000

Code = Annotated[str, Field(max_length=63)]


class Question(BaseModel):
    """Rows of devices in [from, to)."""

    project: Code | None = Field(None, description="Code of a project; without it, all of them", examples=["fukuroi"])
    device: list[Code] = Field(
        [], max_length=100, description="Code of a device of the project; may be given several times"
    )
    start: Moment | None = Field(
        None, alias="from", description="Beginning of the period, itself included. A day begins at midnight in Japan"
    )
    end: Moment | None = Field(None, alias="to", description="End of the period, itself excluded; now if absent")
    format: Form | None = Field(
        None, description="Wins over the Accept header. csv, arrow and parquet bring the whole period at once"
    )
    charset: Charset | None = Field(None, description="Of a CSV: UTF-8 with a byte order mark, or CP932")
    header: Annotated[str, Field(pattern="^(codes|ja)$")] = Field(
        "codes", description="First line of a CSV: names as in JSON, or Japanese headings"
    )
    limit: int | None = Field(None, ge=1, le=MOST, description=f"Most rows of a page of JSON; {LIMIT} if absent")
    cursor: Annotated[str, Field(max_length=500)] | None = Field(
        None, description="next_cursor of the page before, with the rest of its question unchanged"
    )

    def selection(self, connection: Any, table: Table, start: datetime, end: datetime) -> Selection:  # noqa: ARG002
        """The rows that are meant. `connection`: to look up what is said by its code."""
        return Selection(table, start, end, self.project, self.device)


class SeriesQuestion(Question):
    """Rows of quantities of devices in [from, to)."""

    quantity: list[Code] = Field(
        [], max_length=100, description="Code of /quantities; may be given several times", examples=[["river_level"]]
    )
    channel: list[Annotated[int, Field(ge=0, le=32767)]] = Field(
        [], max_length=100, description="Only these channels; may be given several times"
    )

    def selection(self, connection: Any, table: Table, start: datetime, end: datetime) -> Selection:
        """The rows that are meant. Raises a 404 for a quantity that nobody here measures."""
        numbers = self._numbers(connection) if self.quantity else []
        return Selection(table, start, end, self.project, self.device, numbers, sorted(set(self.channel)))

    def _numbers(self, connection: Any) -> list[int]:
        known = [quantity for _, quantity in quantities(connection, self.project)]
        unknown = set(self.quantity) - {quantity.code for quantity in known}
        if unknown:
            raise HTTPException(404, no_quantity(min(unknown), self.project))
        return sorted(quantity.id for quantity in known if quantity.code in self.quantity)


class ReadingQuestion(SeriesQuestion):
    """Single readings of devices in [from, to)."""

    counted: bool = Field(
        True,
        description="true: what counts, without annulled values and with recalibrated ones. false: as it was measured",
    )


def no_quantity(code: str, project: str | None) -> str:
    """What a 404 says about a quantity."""
    where = "the catalogue or of any project" if project is None else f"the catalogue or of a project {project!r}"
    return f"There is no quantity {code!r} of {where}."


def period(question: Question, span: timedelta, now: datetime) -> tuple[datetime, datetime]:
    """[from, to): the `span` before `to` unless said otherwise. Raises a 422 if it is none."""
    end = question.end or now
    start = question.start or end - span
    if start >= end:
        raise HTTPException(422, "from must be before to.")
    return start, end


def known_devices(connection: Any, question: Question) -> list[DeviceName]:
    """The devices that are meant. Raises a 404 for a project or a device that is not there."""
    if question.project is None:
        if question.device:
            raise HTTPException(422, "device: codes are unique within a project only; give project as well.")
        return device_names(connection, None)
    if project_name(connection, question.project) is None:
        raise HTTPException(404, f"There is no project {question.project!r}.")
    found = device_names(connection, question.project, question.device)
    for code in question.device:
        if code not in {row.device for row in found}:
            raise HTTPException(404, f"There is no device {code!r} in a project {question.project!r}.")
    return found
