"""One session of a Sparkplug node: the births in it, and what metrics mean by them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ingest.decode.common.names import in_catalogue
from ingest.decode.sparkplug.limits import BIRTH_WEIGHT, weigh
from schemas.certificate import Certificate, Known
from schemas.profile import FieldBinding

KEPT_SESSIONS = 8
"""Sessions of one node, and births of one device in a session. Older messages are quarantined, never read wrongly."""


class Meaning(NamedTuple):
    """A known metric, and the binding its name has in the catalogue."""

    known: Known
    binding: FieldBinding | None


class Owners:
    """Which device of a session announced an alias. Computed when first needed: it only explains a refusal."""

    def __init__(self, devices: Mapping[str, list[Certificate]]) -> None:
        self._devices = devices
        self._by_alias: dict[int, str] | None = None

    def get(self, alias: int, /) -> str | None:
        """The device that announced this alias, or None."""
        if self._by_alias is None:
            self._by_alias = {
                known.alias: device
                for device, births in self._devices.items()
                for known in births[-1].metrics
                if known.alias is not None
            }
        return self._by_alias.get(alias)


class View:
    """What the metrics of one device's messages mean. `foreign`: aliases of others behind the same node."""

    __slots__ = ("by_alias", "by_name", "foreign", "prepared")

    def __init__(self, own: Iterable[Certificate], foreign: Owners | Mapping[int, str]) -> None:
        meanings = [Meaning(known, in_catalogue(known.name)) for certificate in own for known in certificate.metrics]
        self.by_alias = {one.known.alias: one for one in meanings if one.known.alias is not None}
        self.by_name = {one.known.name.encode(): one for one in meanings}
        self.prepared: object = None  # a cache for the reader of this view
        self.foreign = foreign


class Session:
    """The births from one birth of a node to its death or next birth. `weight`: of all of them, as `weigh` counts."""

    def __init__(self, birth: Certificate) -> None:
        self.birth = birth
        self.ended_us: int | None = None
        self.unregistered: set[str] = set()
        self.weight = weigh(birth)
        self._devices: dict[str, list[Certificate]] = {}
        self._views: dict[str, View] = {}
        self._earlier: dict[str, tuple[Certificate, View]] = {}
        self._owners = Owners(self._devices)
        self._in_force: dict[str, int] = {}
        self._weight_in_force = self.weight

    @property
    def devices(self) -> int:
        """How many devices were born in this session."""
        return len(self._devices)

    def births_of(self, device: str) -> list[Certificate]:
        """The births of a device that are kept, the newest last."""
        return self._devices.get(device, [])

    def in_force(self, without: str) -> int:
        """The weight of the newest births, without that of the device `without`."""
        return self._weight_in_force - self._in_force.get(without, 0)

    def add(self, birth: Certificate) -> None:
        """Add the birth of a device. Of too many the oldest go; the oldest that stays keeps its time and no metrics."""
        births = self._devices.setdefault(birth.device, [])
        births.append(birth)
        births.sort(key=lambda one: one.received_us)
        self.weight += weigh(birth)
        if len(births) >= KEPT_SESSIONS:
            self.weight -= sum(weigh(one) for one in births[: 1 - KEPT_SESSIONS]) - BIRTH_WEIGHT
            births[: 1 - KEPT_SESSIONS] = [births[-KEPT_SESSIONS]._replace(metrics=())]
        self._changed(birth.device)

    def give_up_from(self, said_ms: int) -> list[Certificate]:
        """Remove and return births not older than `said_ms`: they overtook the birth of a later session."""
        later = [birth for births in self._devices.values() for birth in births if (birth.said_ms or 0) >= said_ms]
        for birth in later:
            births = self._devices[birth.device]
            births.remove(birth)
            self.weight -= weigh(birth)
            if not births:
                del self._devices[birth.device]
            self._changed(birth.device)
        return later

    def forget_older(self, weight: int) -> None:
        """Drop the metrics of births that are no longer in force, until `weight` is freed. Their times stay."""
        older = [(one.received_us, device) for device, births in self._devices.items() for one in births[:-1]]
        until = self.weight - weight
        for received_us, device in sorted(older):
            if self.weight <= until:
                return
            births = self._devices[device]
            place = next(place for place, one in enumerate(births) if one.received_us == received_us)
            self.weight -= weigh(births[place]) - BIRTH_WEIGHT
            births[place] = births[place]._replace(metrics=())
            self._earlier.pop(device, None)

    def _changed(self, device: str) -> None:
        births = self._devices.get(device)
        before, now = self._in_force.pop(device, 0), weigh(births[-1]) if births else 0
        self._weight_in_force += now - before
        if births:
            self._in_force[device] = now
        self._views.pop(device, None)
        self._earlier.pop(device, None)
        self._owners = Owners(self._devices)

    def view(self, device: str) -> View | None:
        """The view by the newest births; None if the device was not born in this session."""
        view = self._views.get(device)
        if view is None and (not device or self._devices.get(device)):
            own = (self.birth, self._devices[device][-1]) if device else (self.birth,)
            view = self._views[device] = View(own, self._owners)
        return view

    def view_at(self, device: str, said_ms: int | None) -> View | None:
        """The view by the births in force at a time of the node's clock; before the first birth, by that one.

        None if the metrics of that birth are forgotten.
        """
        births = self._devices.get(device)
        if not births or (birth := _in_force(births, said_ms)) is births[-1]:
            return self.view(device)
        if not birth.metrics:
            return None
        kept, view = self._earlier.get(device, (None, None))
        if kept is not birth or view is None:
            view = View((self.birth, birth), self._owners)
            self._earlier[device] = (birth, view)
        return view


def _in_force(births: list[Certificate], said_ms: int | None) -> Certificate:
    if said_ms is None:
        return births[-1]
    return next((one for one in reversed(births) if (one.said_ms or 0) <= said_ms), births[0])
