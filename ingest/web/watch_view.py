"""What the pages of the watch show: what lasts, by kind, with who was told; and what may be said of it at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from fastapi import Request

from ingest.figures.model import GatewayState, State
from ingest.figures.stages import StageNow
from ingest.figures.watch import (
    Drill,
    Lasting,
    Maintenance,
    WatchHealth,
    drills_now,
    incidents_now,
    maintenance_now,
    watch_health,
)
from ingest.figures.watch_events import (
    WatchDelivery,
    WatchEvent,
    amended_lately,
    count_untold,
    deliveries_of_lasting,
    deliveries_untold,
)
from ingest.watch.document.unread import UnreadDocument, unread_documents
from ingest.web.api.lookup import find_fleet
from ingest.web.dependencies import WebDependencies
from ingest.web.fleet_cache import Fleet
from ingest.web.headline import HealthLine, Line, Reached, health_of, reached_stages
from ingest.web.watch_problems import watch_fails

KINDS = ("stage", "blind", "silence", "quality", "airtime")
"""In the order in which they are listed."""
MOST_AMENDED = 10
MOST_UNTOLD = 50
"""So many are shown, and that there are more is said."""
UNTOLD_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WatchView:
    """The watch at one moment. `told`: messages by incident. `present`: at a stage, without an incident of it.

    `gateways`: silent ones, which the watch may not have noticed yet. `unread`: documents of which this version of the
    program cannot read everything. `fails`: parts of the watch do not work.
    """

    health: WatchHealth
    service: Sequence[HealthLine]
    lasting: Sequence[Lasting]
    present: Sequence[Reached]
    gateways: Sequence[GatewayState]
    told: Mapping[int, Sequence[WatchDelivery]]
    maintenance: Sequence[Maintenance]
    drills: Sequence[Drill]
    amended: Sequence[WatchEvent]
    amended_more: bool
    untold: Sequence[WatchDelivery]
    untold_count: int
    unread: Sequence[UnreadDocument] = ()
    fails: bool = False

    @property
    def real(self) -> list[Lasting]:
        """What really lasts."""
        return [one for one in self.lasting if one.drill_id is None]

    @property
    def drilled(self) -> list[Lasting]:
        """What belongs to a drill."""
        return [one for one in self.lasting if one.drill_id is not None]

    def of_kind(self, kind: str) -> list[Lasting]:
        """What really lasts, of one kind."""
        return [one for one in self.real if one.kind == kind]

    @property
    def muted(self) -> int:
        """Windows of maintenance in which nobody is told now."""
        return sum(1 for window in self.maintenance if window.begun)

    @property
    def says_nothing(self) -> bool:
        """Whether it cannot be said that something does not happen: nobody watches, or nothing new is stored."""
        return self.health.state in ("stopped", "late") or any(line.blocks for line in self.service)

    def lines(self) -> list[Line]:
        """The lines of the headline, the gravest first, at least one."""
        count = {kind: len(self.of_kind(kind)) for kind in KINDS}
        causes = sum(not one.explained for one in self.of_kind("silence"))
        silent = causes or len(self.gateways)
        found = [
            Line("blind", sum(1 for line in self.service if line.blocks)),
            Line("watch_stopped", int(self.health.state == "stopped")),
            Line("watch_stage", len({_place(one) for one in self.of_kind("stage")} | {*map(_spot, self.present)})),
            Line("unseen", count["blind"]),
            Line("watch_late", int(self.health.state == "late")),
            Line("watch_fails", int(self.fails and self.health.state != "stopped")),
            Line("watch_unread", len(self.unread)),
            Line("watch_untold", self.untold_count),
            Line("watch_silence", silent),
            Line("watch_quality", count["quality"]),
            Line("watch_airtime", count["airtime"]),
        ]
        lasting = [line for line in found if line.how_many]
        if self.health.state == "none":
            return [*lasting, Line("watch_none", 0)]
        return lasting or [Line("watch_well", 0)]


def _place(one: Lasting) -> tuple[str, str]:
    return one.project, one.device or one.subject


def _spot(one: Reached) -> tuple[str, str]:
    return one.now.project, one.now.device


def read_watch(request: Request, deps: WebDependencies, project: str) -> WatchView:
    """The watch as the caller may see it, of one project or of all. Raises a 404 for a project that is not theirs."""
    fleet = find_fleet(request, project or None)
    wanted = project or None
    with deps.database() as connection:
        amended = amended_lately(connection, wanted, MOST_AMENDED + 1)
        lasting = incidents_now(connection, wanted)  # of this moment: a page shows what its reader has just done
        return WatchView(
            watch_health(connection),
            health_of(deps),
            lasting,
            _present(fleet, lasting),
            [row for row in fleet.gateways if row.state == State.SILENT and not _noticed(row, lasting)],
            _by_incident(deliveries_of_lasting(connection, wanted)),
            maintenance_now(connection, wanted),
            drills_now(connection, wanted),
            amended[:MOST_AMENDED],
            len(amended) > MOST_AMENDED,
            deliveries_untold(connection, wanted, UNTOLD_FOR, MOST_UNTOLD),
            count_untold(connection, wanted, UNTOLD_FOR),
            unread_documents(connection, wanted),
            watch_fails(deps),
        )


def _present(fleet: Fleet, lasting: Iterable[Lasting]) -> list[Reached]:
    """Devices that are at a stage now by their last value, of which the watch has no incident."""
    known = {(one.project, one.device) for one in lasting if one.kind == "stage" and one.drill_id is None}
    rest: list[StageNow] = [now for now in fleet.stages if (now.project, now.device) not in known]
    return [*reached_stages(rest, fleet.devices).values()]


def _noticed(row: GatewayState, lasting: Iterable[Lasting]) -> bool:
    return any(one.kind == "silence" and row.gateway == one.gateway and row.project == one.project for one in lasting)


def _by_incident(rows: Iterable[WatchDelivery]) -> dict[int, list[WatchDelivery]]:
    ordered = sorted((row for row in rows if row.incident_id is not None), key=lambda row: row.incident_id or 0)
    return {number: list(each) for number, each in groupby(ordered, key=lambda row: row.incident_id or 0)}
