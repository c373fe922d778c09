"""What is looked at: devices and gateways as they are now, what may excuse them, and what follows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.watch.model import Kind, Thing
from schemas.bilingual import Bilingual

UNNAMED = Bilingual("", "")
RAINING = Bilingual("雨の中", "while it rains")
RAIN_UNKNOWN = Bilingual("雨量も分からない", "rain is not known either")

DEVICE_RANK, GROUP_RANK = 1, 2
"""The rank of a silent device, and of a silent gateway or network, which takes many with it."""
BLIND_RANK, UNSURE_RANK = 2, 1
"""The rank of a gauge that says nothing while it rains, and where nobody knows whether it rains."""


class DeviceNow(NamedTuple):
    """A device as `figure_device_state` has it. `behind`: the gateways it stands behind (registry, last heard by).

    `state`: live, silent, resting, never or disabled, by the patience of the figures (`patience_s`).
    `calm`: the long one of two intervals holds. `working`: it is enabled, in season and installed.
    """

    device_id: int
    project_id: int
    network_id: int
    gateway_id: int | None
    last_gateway_id: int | None
    code: str
    state: str
    heard_at: datetime | None
    interval_s: int
    patience_s: float
    has_calm: bool
    calm: bool
    working: bool

    @property
    def behind(self) -> frozenset[int]:
        """Its gateways: of the registry, and the one that heard it last."""
        return frozenset(each for each in (self.gateway_id, self.last_gateway_id) if each is not None)


class GatewayNow(NamedTuple):
    """A gateway as `figure_gateway_state` has it. `sign_at`: its last sign; `silent_from`: None unless silent.

    `working`: some device behind it is to work, or none stands behind it.
    """

    gateway_id: int
    project_id: int
    network_id: int
    code: str
    state: str
    sign_at: datetime | None
    silent_from: datetime | None
    working: bool


class Stop(NamedTuple):
    """A planned stop of a thing that lasts, or ended lately; without any of the three: of the whole project."""

    project_id: int
    network_id: int | None
    gateway_id: int | None
    device_id: int | None
    starts: datetime
    ends: datetime


class Silence(NamedTuple):
    """Something says nothing. `since`: its last sign, or when it was to work again; `at`: when its patience ran out."""

    since: datetime
    patience: timedelta
    at: datetime


@dataclass(frozen=True, slots=True)
class Condition:
    """What holds now of one subject, from `at` on. `group`: the subject that explains it, of which people are told.

    `name`: what is to be said beside the kind.
    """

    kind: Kind
    thing: Thing
    rank: int
    at: datetime
    group: str | None = None
    measure: str | None = None
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    name: Bilingual = UNNAMED
    details: Mapping[str, object] = field(default_factory=dict)


class OpenIncident(NamedTuple):
    """An open incident of silence or blindness, with what its last event said."""

    subject: str
    kind: Kind
    thing: Thing
    rank: int
    opened_at: datetime
    last_at: datetime
    group: str | None
