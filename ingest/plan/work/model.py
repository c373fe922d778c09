"""What people enter, as it is given (`New...`) and as it stands in the database (`Work`, `Stop`, `Observation`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from schemas.work import Basis, WorkKind


@dataclass(frozen=True, slots=True)
class NewWork:
    """A piece of work. `starts`: aware. `minutes`: of each person. `device`: code of a device of the project.

    `km_before`, `km_after`: the odometer. `measure`: number of an improvement measure of the project.
    `client_key`: of the browser or program that sends it; the same entry is stored once.
    """

    kind: WorkKind
    starts: datetime
    minutes: int
    people: int = 1
    device: str | None = None
    place: str = ""
    note: str = ""
    photo: str = ""
    km_before: float | None = None
    km_after: float | None = None
    measure: int | None = None
    client_key: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewStop:
    """A planned stop, [starts, ends), aware. At most one of `network`, `gateway`, `device` (codes)."""

    starts: datetime
    ends: datetime
    reason: str
    network: str | None = None
    gateway: str | None = None
    device: str | None = None
    client_key: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewObservation:
    """A value that people bring. Both days belong to its period. `code`: a name of the plan."""

    code: str
    first_day: date
    last_day: date
    value: float
    unit: str
    source: str
    area: str = ""
    basis: Basis = Basis.MEASURED
    note: str = ""
    client_key: UUID | None = None


@dataclass(frozen=True, slots=True)
class Voided:
    """That an entry does not count any more: when, by whom and why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Work:
    """An entry of the work log. `device`: code, None also where the device is not of this project any more.

    `elsewhere`: that is so.
    """

    work_entry_id: int
    kind: WorkKind
    starts: datetime
    minutes: int
    people: int
    device: str | None
    device_name: str | None
    place: str
    note: str
    photo: str
    km_before: float | None
    km_after: float | None
    measure: int | None
    entered_at: datetime
    entered_by: str
    client_key: UUID | None
    voided: Voided | None
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Signed:
    """That an operator takes responsibility for a stop that was entered late: when, who and why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A planned stop. It reduces what is expected from `counts_from` on.

    Without a network, gateway and device it is of the whole project; unless `elsewhere`: what it is of belongs to
    another project now, and counts there and here by its days.
    """

    planned_stop_id: int
    starts: datetime
    ends: datetime
    reason: str
    network: str | None
    gateway: str | None
    device: str | None
    entered_at: datetime
    entered_by: str
    client_key: UUID | None
    signed: Signed | None
    voided: Voided | None
    elsewhere: bool = False

    @property
    def counts_from(self) -> datetime:
        """From here on it counts: from its entry, or from its beginning if it was entered before or is signed for."""
        return self.starts if self.signed is not None else max(self.starts, self.entered_at)

    @property
    def is_late(self) -> bool:
        """Whether it was entered after its beginning and nobody signed for it."""
        return self.counts_from > self.starts


@dataclass(frozen=True, slots=True)
class Observation:
    """A value that people brought."""

    observation_id: int
    code: str
    first_day: date
    last_day: date
    value: float
    unit: str
    area: str
    source: str
    basis: Basis
    note: str
    entered_at: datetime
    entered_by: str
    client_key: UUID | None
    voided: Voided | None


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an entry that was sent. `number`: of its row. `already`: it had been stored before."""

    number: int
    already: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a list: [since, until), at most `limit`. `below`: only rows with a lower number.

    `kind`: a WorkKind, or the code of an observation. `device`: its code. `text`: words of place, note or reason.
    """

    since: datetime | None = None
    until: datetime | None = None
    kind: str | None = None
    device: str | None = None
    text: str | None = None
    below: int | None = None
    limit: int = 1000
    voided: bool = True


@dataclass(frozen=True, slots=True)
class Things:
    """What the codes of a project stand for: the numbers of its networks, gateways, devices and measures."""

    networks: Mapping[str, int]
    gateways: Mapping[str, int]
    devices: Mapping[str, int]
    measures: Mapping[int, int]
    areas: tuple[str, ...]
