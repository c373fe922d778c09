"""The fleet as of a few seconds ago, read once however many people look at it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any

from ingest.errors import StoreUnavailable
from ingest.figures import account, fleet
from ingest.figures.model import Account, DeviceState, GatewayState, Minute, NetworkState, ProjectState, QuarantineOpen
from ingest.figures.stages import StageNow, stages_of_all
from schemas.bilingual import Bilingual
from schemas.japan import Month, now_jst

FRESH_S = 4.0
"""Seconds for which a fleet is kept: shorter than the refresh of pages, so that each refresh shows new data."""

PATIENCE_S = 8.0
"""Longest wait in seconds while the database hangs. Then the page reports it: threads are few."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """States of one project, or of all, read in one go."""

    projects: list[ProjectState]
    networks: list[NetworkState]
    gateways: list[GatewayState]
    devices: list[DeviceState]
    quarantine: list[QuarantineOpen]
    minutes: list[Minute]
    stages: list[StageNow]
    account: Account | None
    """The account of this project since this month began in Japan; None for all projects, which `live` covers."""


def _this_month() -> datetime:
    return Month.of(now_jst()).start


TOO_LONG = Bilingual("全体の集計に時間がかかりすぎています", "the figures of the fleet take too long")


class FleetCache:
    """Reads one fleet at a time. A caller that waits for the reading of its project gets the same result."""

    def __init__(self, connect: Callable[[], AbstractContextManager[Any]]) -> None:
        self._connect = connect
        self._lock = Lock()
        self._kept: dict[str | None, tuple[float, Fleet]] = {}

    def read(self, project: str | None) -> Fleet | None:
        """The fleet of `project` (None: all), at most FRESH_S old; None if there is no such project."""
        if not self._lock.acquire(timeout=PATIENCE_S):
            raise StoreUnavailable(TOO_LONG)
        try:
            asked = monotonic()
            self._kept = {key: entry for key, entry in self._kept.items() if asked - entry[0] < FRESH_S}
            if project not in self._kept:
                fleet = self._ask(project)
                if fleet is None:
                    return None
                self._kept[project] = (monotonic(), fleet)
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
                stages=stages_of_all(connection, project),
                account=None if project is None else account.identity_since(connection, project, _this_month()),
            )
