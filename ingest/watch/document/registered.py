"""What rules need to know of the registry: devices by code, and quantities as a project has them."""

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.watch.document.database import DeviceRow, QuantityRow
from ingest.watch.stages.rule import Series, Working

SECOND_US = 1_000_000
LEAST_PATIENCE_S = 900
"""A device that reports every second may be late by more than three of its intervals."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a project. `seen`: what it has measured, as quantity_id and channel."""

    row: DeviceRow
    seen: frozenset[tuple[int, int]]

    @property
    def patience_us(self) -> int:
        """After so long without a reading it is silent."""
        return patience_us(self.row.interval_s, self.row.calm_interval_s)

    def has(self, quantity: QuantityRow, channel: int) -> bool:
        """Whether it has measured a quantity on a channel."""
        return (quantity.quantity_id, channel) in self.seen

    def series(self, quantity: QuantityRow, channel: int) -> Series:
        """A quantity of it."""
        return Series(self.row.device_id, quantity.quantity_id, channel)


class Registered:
    """Devices and quantities of all projects."""

    def __init__(self, devices: Iterable[DeviceRow], quantities: Iterable[QuantityRow]) -> None:
        self._devices: dict[tuple[int, str], Device] = {}
        self._projects: dict[str, list[str]] = {}
        for row in devices:
            seen = frozenset((quantity, channel) for quantity, channel in row.seen)
            self._devices[row.project_id, row.code] = Device(row, seen)
            self._projects.setdefault(row.code, []).append(row.project)
        self._quantities = {(row.project_id, row.code): row for row in quantities}
        self._codes = {row.quantity_id: row.code for row in self._quantities.values()}

    def device(self, project_id: int, code: str) -> Device | None:
        """The device of this code in a project."""
        return self._devices.get((project_id, code))

    def projects_of(self, code: str) -> list[str]:
        """The projects that have a device of this code."""
        return self._projects.get(code, [])

    def quantity(self, project_id: int, code: str) -> QuantityRow | None:
        """A quantity as a project has it: its own, or everybody's with the range that the project gave it."""
        return self._quantities.get((project_id, code)) or self._quantities.get((None, code))

    def quantities_of(self, project_id: int) -> list[str]:
        """The codes that a project may use."""
        return sorted({code for owner, code in self._quantities if owner in (None, project_id)})

    def measured_by(self, device: Device, channel: int) -> list[str]:
        """The codes of what a device has measured on a channel."""
        return sorted(self._codes[quantity] for quantity, at in device.seen if at == channel)


def patience_us(interval_s: int, calm_interval_s: int | None) -> int:
    """After so long without a reading a device is silent, whatever mode it is in; a quarter of an hour at least."""
    return int(max(3 * interval_s, 1.5 * (calm_interval_s or 0), LEAST_PATIENCE_S)) * SECOND_US


def season_of(season_from: str | None, season_to: str | None) -> tuple[Working, ...]:
    """The season of operation of a device; without one it works all the year."""
    return () if season_from is None or season_to is None else (Working((season_from, season_to)),)
