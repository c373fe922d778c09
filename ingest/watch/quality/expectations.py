"""What is expected of every series of an installation, by the documents of its projects."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Protocol

from ingest.store.database import Database
from ingest.watch.quality.checks import Expected
from ingest.watch.quality.database.candidates import Bound
from ingest.watch.quality.database.series import Place, Series, devices, quantities
from ingest.watch.quality.defaults import DEFAULTS, NOTHING, expect
from schemas.watch_quality import QualitySeries, WatchQuality

VERSION = 1
"""Of the tests and their defaults: with another one the newest days are judged again."""


class HasQuality(Protocol):
    """A watch document, as far as it is about quality."""

    @property
    def quality(self) -> WatchQuality | None:
        """Its part about quality; None: the defaults hold."""


class Documents(Protocol):
    """The documents of the projects."""

    def document_of(self, project_id: int, /) -> HasQuality | None:
        """The document that holds; None: the project has none."""


class Expectations:
    """Looked up by series. Projects whose document turns the tests off expect nothing."""

    def __init__(self, places: Iterable[Place], gauges: Mapping[int, str], rules: Documents) -> None:
        self._places = {place.device_id: place for place in places}
        self._gauges = gauges
        self.device_ids = {(place.project_id, place.code): place.device_id for place in self._places.values()}
        self.by_project: dict[int, WatchQuality] = {}
        for project_id in sorted({place.project_id for place in self._places.values()}):
            document = rules.document_of(project_id)
            self.by_project[project_id] = (document and document.quality) or WatchQuality()
        self._found: dict[Series, Expected] = {}

    @property
    def device_list(self) -> list[int]:
        """The devices whose readings are tested."""
        return [each.device_id for each in self._places.values() if self.by_project[each.project_id].enabled]

    @property
    def fingerprint(self) -> str:
        """Changes with everything that the flags depend on beside the readings."""
        said = {str(number): each.model_dump(mode="json") for number, each in self.by_project.items()}
        return hashlib.sha256(json.dumps([VERSION, said], sort_keys=True).encode()).hexdigest()[:16]

    def of(self, series: Series) -> Expected:
        """What is expected of a series; nothing of one that is no gauge."""
        found = self._found.get(series)
        if found is None:
            found = self._found[series] = self._find(series)
        return found

    def _find(self, series: Series) -> Expected:
        place, quantity = self._places.get(series.device_id), self._gauges.get(series.quantity_id)
        if place is None or quantity is None or not self.by_project[place.project_id].enabled:
            return NOTHING
        entries = self.by_project[place.project_id].series
        return expect(quantity, [each for each in entries if _is_of(each, place.code, quantity, series.channel)])

    def _all(self) -> Iterable[tuple[int, Expected]]:
        """The defaults of every quantity and every entry of every document, over the defaults."""
        entries = [entry for quality in self.by_project.values() for entry in quality.series]
        for quantity_id, quantity in self._gauges.items():
            yield quantity_id, DEFAULTS.get(quantity, NOTHING)
            for entry in entries:
                if entry.quantity == quantity:
                    yield quantity_id, expect(quantity, [entry])

    def bounds(self) -> list[Bound]:
        """The least of what is expected of each quantity anywhere; quantities without such a test are left out."""
        least: dict[int, Bound] = {}
        for quantity_id, expected in self._all():
            low = max((each.bounds[len(each.bounds) // 2 - 1] for each in expected.ranges), default=None)
            high = min((each.bounds[len(each.bounds) // 2] for each in expected.ranges), default=None)
            before = least.get(quantity_id, Bound(quantity_id, None, None, None, None))
            least[quantity_id] = Bound(
                quantity_id,
                _least(before.jump, None if expected.spike is None else expected.spike.suspect),
                _least(before.rate_per_h, None if expected.rate_per_h is None else expected.rate_per_h.suspect),
                None if low is None and before.low is None else max(x for x in (low, before.low) if x is not None),
                _least(before.high, high),
            )
        return [bound for bound in least.values() if any(each is not None for each in bound[1:])]

    def tolerances(self) -> dict[int, float]:
        """The greatest difference that is none, of each quantity that is tested for a stuck value."""
        greatest: dict[int, float] = {}
        for quantity_id, expected in self._all():
            if expected.stuck_h is not None:
                greatest[quantity_id] = max(greatest.get(quantity_id, 0), expected.tolerance)
        return greatest

    def reach(self) -> timedelta:
        """The farthest that any grade for spike and rate looks."""
        return max((expected.reach for _, expected in self._all()), default=NOTHING.reach)

    def drifting(self) -> list[tuple[Series, Expected]]:
        """The series that are compared with neighbours."""
        ids = {code: number for number, code in self._gauges.items()}
        found = {}
        for project_id, quality in self.by_project.items():
            for entry in quality.series:
                for code in entry.devices or ():
                    device_id, quantity_id = self.device_ids.get((project_id, code)), ids.get(entry.quantity)
                    if device_id is not None and quantity_id is not None:
                        series = Series(device_id, quantity_id, entry.channel or 0)
                        found[series] = self.of(series)
        return [(series, expected) for series, expected in found.items() if expected.drift is not None]

    def project_of(self, series: Series) -> int:
        """The project of its device."""
        return self._places[series.device_id].project_id


def load_expectations(connection: Database, rules: Documents) -> Expectations:
    """What is expected now."""
    return Expectations(devices(connection), quantities(connection), rules)


def _is_of(entry: QualitySeries, device: str, quantity: str, channel: int) -> bool:
    return (
        entry.quantity == quantity
        and (entry.devices is None or device in entry.devices)
        and entry.channel in (None, channel)
    )


def _least(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else min(one, other)
