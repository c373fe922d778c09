"""What the API answers. Rows are the figures themselves; every time carries +09:00."""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, Field

from ingest.figures.model import Account, DeviceState, Latest, Point, ProjectState, QuarantineOpen
from schemas.japan import to_jst

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

NextCursor = Annotated[str | None, Field(description="Give it as `cursor` for the next page; null: this was the last")]
Next = Annotated[str | None, Field(description="Address of the next page, as in the Link header")]

Row = TypeVar("Row", bound="DataclassInstance")


def in_japan(rows: Iterable[Row]) -> list[Row]:
    """The same rows with every time on a Japanese clock."""
    return [replace(row, **_local_times(row)) for row in rows]


def _local_times(row: "DataclassInstance") -> dict[str, Any]:
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {name: to_jst(value) for name, value in values.items() if isinstance(value, datetime)}


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = Field(description="Which of the closed list of problems", pattern="^urn:noroshi:problem:[a-z-]+$")
    title: str
    status: int
    detail: str = Field(description="What is wrong, and what to ask instead")


class Paged(BaseModel):
    """A period, and how to ask for what comes next."""

    start: Annotated[datetime, Field(alias="from", description="Beginning of the period, included")]
    end: Annotated[datetime, Field(alias="to", description="End of the period, excluded")]
    next_cursor: NextCursor
    next: Next


class ProcessIdentity(BaseModel):
    """Messages since the process started: received = stored + duplicate + quarantined + in_flight."""

    received: int
    stored: int
    duplicate: int
    quarantined: int
    in_flight: int
    exact: bool


class IdentityAnswer(BaseModel):
    """The account of messages: of this process, and of the database since its beginning."""

    process: ProcessIdentity | None = Field(
        description="Of the running process, which counts messages of every project; null for who may not see all"
    )
    account: Account


class ProjectsAnswer(BaseModel):
    """All projects with their states."""

    projects: list[ProjectState]


class DevicesAnswer(BaseModel):
    """Some devices in the order of project and code, and how to ask for the next ones."""

    devices: list[DeviceState]
    next_cursor: NextCursor
    next: Next


class LatestAnswer(BaseModel):
    """The last value of every quantity and channel of a device."""

    project: str
    device: str
    latest: list[Latest]


class SeriesAnswer(BaseModel):
    """One quantity of a device over time. A time without measurement has no point."""

    project: str
    device: str
    quantity: str
    unit: str
    start: datetime
    end: datetime
    points: list[Point]


class QuarantineAnswer(BaseModel):
    """What is set aside and not yet replayed, by reason."""

    quarantine: list[QuarantineOpen]
