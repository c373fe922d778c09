"""Questions to paste: each operation's own, filled in with what this installation has."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from fastapi import HTTPException, Request

from ingest.errors import ReaderBusy, StoreUnavailable
from ingest.figures.device import latest
from ingest.figures.model import State
from ingest.web.api.lookup import find_fleet
from ingest.web.dependencies import WebDependencies
from schemas.japan import now_jst

_OF_DEVICE = "project={project}&device={device}"

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "read_index": ("",),
    "read_readings": (
        f"readings?{_OF_DEVICE}&quantity={{quantity}}&limit=100",
        f"readings?{_OF_DEVICE}&from={{yesterday}}&to={{today}}&format=csv",
    ),
    "read_uplinks": (f"uplinks?{_OF_DEVICE}&limit=100",),
    "read_reading_hours": (f"readings/hourly?{_OF_DEVICE}",),
    "read_reading_days": (
        "readings/daily?project={project}&from={yesterday}&to={today}&format=csv&charset=cp932&header=ja",
    ),
    "read_uplink_hours": (f"uplinks/hourly?{_OF_DEVICE}&format=arrow",),
    "read_uplink_days": ("uplinks/daily?project={project}",),
    "read_networks": ("networks?project={project}",),
    "read_gateways": ("gateways?project={project}",),
    "read_device": ("devices/{project}/{device}",),
    "read_quantities": ("quantities?project={project}",),
    "read_identity": ("identity",),
    "read_projects": ("projects",),
    "read_devices": ("devices?project={project}&limit=20", "devices?state=silent"),
    "read_latest": ("devices/{project}/{device}/latest",),
    "read_series": ("devices/{project}/{device}/series?quantity={quantity}&points=100",),
    "read_quarantine": ("quarantine", "quarantine?project={project}"),
    "read_work": ("work?project={project}",),
    "read_stops": ("stops?project={project}",),
    "read_observations": ("observations?project={project}",),
    "read_plan_catalogue": ("plan/catalogue",),
    "read_plan_kpis": ("plan/kpis?project={project}", "plan/kpis?project={project}&kind=month&day={yesterday}"),
    "read_plan_sums": ("plan/sums?project={project}&kind=month&level=network&level=device",),
    "read_plan_use": ("plan/use?project={project}",),
    "read_plan_snapshots": ("plan/snapshots?project={project}",),
    "read_plan_revisions": ("plan/revisions?project={project}&kind=month&day={yesterday}",),
    "read_plan_factors": ("plan/factors?project={project}", "plan/factors?project={project}&kind=year&target=90"),
    "read_plan_reviews": ("plan/reviews?project={project}&kind=quarter",),
    "read_outages": ("outages?project={project}", "outages?project={project}&lasting=true"),
    "read_watch_incidents": ("watch/incidents?project={project}&state=open", "watch/incidents?project={project}"),
    "read_watch_incident": ("watch/incidents/1",),
    "read_watch_events": ("watch/events?project={project}&from={yesterday}",),
    "read_watch_deliveries": ("watch/deliveries?project={project}&state=failed",),
    "read_chronology": ("watch/chronology?project={project}&from={yesterday}",),
    "read_plan_measures": ("plan/measures?project={project}", "plan/measures?project={project}&number=1"),
    "read_reports": ("reports?project={project}",),
    "read_report_order": ("reports/orders/1",),
    "read_report": ("reports/1",),
    "read_report_file": ("reports/1/files/xlsx",),
    "read_report_table": ("reports/1/tables/devices", "reports/1/tables/devices?encoding=cp932&times=excel"),
}
"""By operation, behind /api/v1/, in the order of the index and of the description. A test finds who has none."""


class Names(NamedTuple):
    """What stands in an example. `known`: this installation has it."""

    project: str = "PROJECT"
    device: str = "DEVICE"
    quantity: str = "air_temperature"
    known: bool = False

    def fill(self, template: str) -> str:
        """The example as a path of ours."""
        today = now_jst().date()
        days = {"today": today.isoformat(), "yesterday": (today - timedelta(days=1)).isoformat()}
        return "/api/v1/" + template.format(project=self.project, device=self.device, quantity=self.quantity, **days)

    def of(self, operation: str) -> list[str]:
        """The examples of an operation, filled in."""
        return [self.fill(each) for each in EXAMPLES[operation]]


def names_of(request: Request, deps: WebDependencies) -> Names:
    """A device that speaks and one quantity of it; where that cannot be told, names to be replaced."""
    try:
        devices = find_fleet(request, None).devices
        chosen = next((row for row in devices if row.state is State.LIVE), devices[0] if devices else None)
        if chosen is None:
            return Names()
        with deps.database() as connection:
            found = latest(connection, chosen.project, chosen.device)
    except (StoreUnavailable, ReaderBusy, HTTPException):
        return Names()
    quantity = found[0].quantity if found else Names().quantity
    return Names(chosen.project, chosen.device, quantity, known=True)
