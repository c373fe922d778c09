"""The fleet as it was a moment ago: asked for once, however many people look at it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any

from ingest.errors import StoreUnavailable
from ingest.figures import account, fleet
from ingest.figures.model import DeviceState, GatewayState, Minute, NetworkState, ProjectState, QuarantineOpen

FRESH_S = 4.0
"""Shorter than the interval at which pages refresh, so that each refresh shows something new."""

PATIENCE_S = 8.0
"""While the database hangs, whoever waits longer is told so: threads are few."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """States of one project, or of all, read in one go."""

    projects: list[ProjectState]
    networks: list[NetworkState]
    gateways: list[GatewayState]
    devices: list[DeviceState]
    quarantine: list[QuarantineOpen]
    minutes: list[Minute]


class FleetCache:
    """One reading at a time for each project; whoever comes while it runs gets the same."""

    def __init__(self, connect: Callable[[], AbstractContextManager[Any]]) -> None:
        self._connect = connect
        self._lock = Lock()
        self._kept: dict[str | None, tuple[float, Fleet]] = {}

    def read(self, project: str | None) -> Fleet | None:
        """The fleet of `project` (None: all), at most FRESH_S old; None if there is no such project."""
        if not self._lock.acquire(timeout=PATIENCE_S):
            raise StoreUnavailable("the figures of the fleet take too long")
        try:
            now = monotonic()
            self._kept = {key: entry for key, entry in self._kept.items() if now - entry[0] < FRESH_S}
            if project not in self._kept:
                found = self._ask(project)
                if found is None:
                    return None
                self._kept[project] = (monotonic(), found)
            return self._kept[project][1]
        finally:
            self._lock.release()

    def _ask(self, project: str | None) -> Fleet | None:
        with self._connect() as connection:
            projects = fleet.project_states(connection)
            if project is not None and project not in {row.project for row in projects}:
                return None
            return Fleet(
                projects=projects,
                networks=fleet.network_states(connection, project),
                gateways=fleet.gateway_states(connection, project),
                devices=fleet.device_states(connection, project),
                quarantine=account.quarantine_open(connection, project),
                minutes=account.readings_per_minute(connection, project),
            )
