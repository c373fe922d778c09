"""The fleet as of a few seconds ago, read once however many people look at it."""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import NamedTuple

from fastapi import Request

from ingest.errors import StoreUnavailable
from ingest.figures import account, fleet
from ingest.figures.model import Account, DeviceState, GatewayState, Minute, NetworkState, ProjectState, QuarantineOpen
from ingest.figures.stages import StageNow, stages_of_all
from ingest.figures.watch import Lasting, WatchHealth, incidents_now, watch_health
from ingest.watch.document.unread import UnreadDocument, unread_documents
from ingest.web.dependencies import WebDependencies
from schemas.bilingual import Bilingual
from schemas.japan import Month, now_jst

FRESH_S = 4.0
"""Seconds for which a fleet is kept: shorter than the refresh of pages, so that each refresh shows new data."""

PATIENCE_S = 8.0
"""Longest wait in seconds while the database hangs. Then the page reports it: threads are few."""

MOST_KEPT = 64
"""Fleets kept at a time: of projects, and of callers who may see different things. Beyond it the oldest goes."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """States of one project, or of all that the caller may see, read in one go."""

    projects: list[ProjectState]
    networks: list[NetworkState]
    gateways: list[GatewayState]
    devices: list[DeviceState]
    quarantine: list[QuarantineOpen]
    minutes: list[Minute]
    stages: list[StageNow]
    lasting: list[Lasting]
    watch: WatchHealth
    unread: list[UnreadDocument]
    account: Account | None
    """The account since this month began in Japan; None for the whole installation, whose account is `live`."""


def _this_month() -> datetime:
    return Month.of(now_jst()).start


TOO_LONG = Bilingual("全体の集計に時間がかかりすぎています", "the figures of the fleet take too long")


class _Key(NamedTuple):
    """What a fleet depends on: what its caller may see, and the project that is asked for."""

    projects: str
    networks: str
    project: str | None


class FleetCache:
    """Reads one fleet at a time. Callers who may see the same, and wait for the same project, get the same result."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[_Key, tuple[float, Fleet]] = {}

    def read(self, deps: WebDependencies, project: str | None) -> Fleet | None:
        """The fleet of `project` (None: all) as the caller of `deps` may see it, at most FRESH_S old.

        None if there is no such project, or if it is not theirs to see.
        """
        key = _Key(deps.caller.projects_setting, deps.caller.networks_setting, project)
        kept = self._kept.get(key)
        if kept is not None and monotonic() - kept[0] < FRESH_S:
            return kept[1]  # without the lock: nobody waits for the reading of somebody else
        if not self._lock.acquire(timeout=PATIENCE_S):
            raise StoreUnavailable(TOO_LONG)
        try:
            asked = monotonic()
            fresh = {key: entry for key, entry in self._kept.items() if asked - entry[0] < FRESH_S}
            self._kept = dict(list(fresh.items())[-MOST_KEPT + 1 :])
            if key not in self._kept:
                fleet = _read_fleet(deps, project)
                if fleet is None:
                    return None
                self._kept = {**self._kept, key: (monotonic(), fleet)}
            return self._kept[key][1]
        finally:
            self._lock.release()


def cache_of(request: Request) -> FleetCache:
    """The cache of the application."""
    found = request.app.state.fleet
    assert isinstance(found, FleetCache)  # set by create_app
    return found


def _read_fleet(deps: WebDependencies, project: str | None) -> Fleet | None:
    whole = project is None and deps.caller.sees_everything
    with deps.database() as connection:
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
            lasting=incidents_now(connection, project),
            watch=watch_health(connection),
            unread=unread_documents(connection, project),
            account=None if whole else account.identity_since(connection, project, _this_month()),
        )
