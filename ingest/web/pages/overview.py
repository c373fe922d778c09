"""概況: the whole fleet on one page, silent devices first."""

from collections.abc import Container
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from ingest.figures.device import latest_of_devices
from ingest.figures.lacking import lacking
from ingest.figures.model import DeviceState, GatewayState, Latest, NetworkState, ProjectState, State
from ingest.figures.rain import Rain, rain_of
from ingest.web.api.lookup import find_fleet
from ingest.web.chart.columns import sparkline
from ingest.web.chart.map import Place, Sheet, sheet
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.device_search import FILTERS, GROUPS, PAGE_SIZE, find, urgency
from ingest.web.fleet_cache import Fleet
from ingest.web.headline import headline, health_of, reached_stages, unseen_devices, watching
from ingest.web.render import page, writer_for
from ingest.web.rules import READ, allow
from ingest.web.watch_problems import watch_fails
from schemas.bilingual import Bilingual
from schemas.lacking import cautions

SHOWN_VALUES = 3
_HOUSEKEEPING = frozenset(
    {"battery_level", "battery_voltage", "position_latitude", "position_longitude", "device_uptime"}
)
_WORST_FIRST = (State.SILENT, State.NEVER, State.LIVE, State.RESTING, State.DISABLED, State.EMPTY)

router = APIRouter(include_in_schema=False)


class Dot(NamedTuple):
    """A device or gateway on the map; `row` is its state."""

    x: float
    y: float
    row: DeviceState | GatewayState


class MapView(NamedTuple):
    """The sheet and its dots, silent ones on top."""

    sheet: Sheet
    devices: list[Dot]
    gateways: list[Dot]


class NetworkView(NamedTuple):
    """A network and its gateways, the silent ones first."""

    row: NetworkState
    gateways: list[GatewayState]


class LastValues(NamedTuple):
    """A few last values of each device on the page, measurements before the state of the device.

    `battery`: remarks about the battery. `rain`: what fell lately, by project, device and channel of rain gauges.
    """

    measured: dict[int, list[Latest]]
    battery: dict[int, int | None]
    rain: dict[tuple[str, str, int], Rain]


@router.get("/")
@allow(READ)
def overview(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    project: str = "",
    q: Annotated[str, Query(max_length=200)] = "",
    state: str = "",
    page_number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """The page. Searching and turning pages are parts of its address, so that they can be sent to a colleague."""
    fleet = find_fleet(request, project or None)
    reached = reached_stages(fleet.stages, fleet.devices, fleet.lasting)
    counted = counts(fleet, project)
    silent = bool(counted["silent"]) or any(row.state == State.SILENT for row in fleet.gateways)
    watched = watching(
        fleet.watch.state, fleet.lasting, somebody_silent=silent, unread=len(fleet.unread), fails=watch_fails(deps)
    )
    found = find(fleet.devices, q, state, page_number, reached)
    return page(
        request,
        "overview.html",
        writer_for(request),
        fleet=fleet,
        chosen=project,
        counts=counted,
        lines=headline(health_of(deps), len(reached), fleet.gateways, counted, watched),
        reached=reached,
        unseen=unseen_devices(fleet.lasting),
        drilled=sum(1 for one in fleet.lasting if one.drill_id is not None),
        live=deps.live() if deps.caller.sees_everything else None,
        networks=network_views(fleet),
        map=map_view(fleet, reached),
        spark=sparkline([minute.readings for minute in fleet.minutes]),
        found=found,
        last=_last_values(deps, found.rows),
        q=q,
        state=state if state in FILTERS else "",
        groups=FILTERS if reached else tuple(GROUPS),
        page_size=PAGE_SIZE,
        lacking=_lacking(deps, project),
        refresh_s=5,
    )


def _lacking(deps: WebDependencies, project: str) -> list[Bilingual]:
    with deps.database() as connection:
        return [caution for each in lacking(connection, project or None) for caution in cautions(each)]


def counts(fleet: Fleet, project: str) -> dict[str, int]:
    """Devices in each of the four groups of the headline, and `total`."""
    rows = [row for row in fleet.projects if project in ("", row.project)]
    by_group = {group: sum(_count(row, state) for row in rows for state in states) for group, states in GROUPS.items()}
    return {**by_group, "total": sum(row.devices for row in rows)}


def _count(row: ProjectState, state: State) -> int:
    return {
        State.LIVE: row.live,
        State.SILENT: row.silent,
        State.NEVER: row.never,
        State.RESTING: row.resting,
        State.DISABLED: row.disabled,
    }[state]


def _rank(row: NetworkState | GatewayState) -> tuple[bool, int, int]:
    """Sort key: silent rows and rows with silent devices first, then the worse state, then more silent devices."""
    return (row.silent == 0 and row.state != State.SILENT, _WORST_FIRST.index(State(row.state)), -row.silent)


def network_views(fleet: Fleet) -> list[NetworkView]:
    """Networks with their gateways, worst first."""
    ordered = sorted(fleet.gateways, key=lambda row: (row.project, row.network))
    behind = {key: list(rows) for key, rows in groupby(ordered, key=lambda row: (row.project, row.network))}
    views = [NetworkView(row, sorted(behind.get((row.project, row.network), []), key=_rank)) for row in fleet.networks]
    return sorted(views, key=lambda view: _rank(view.row))


def map_view(fleet: Fleet, reached: Container[int] = ()) -> MapView | None:
    """The map of everything with a position; None if nothing has one. Devices at a stage are on top."""
    devices = sorted(fleet.devices, key=lambda row: urgency(row, reached), reverse=True)
    rows: list[DeviceState | GatewayState] = [*devices, *fleet.gateways]
    places = [place for row in rows if (place := _place(row)) is not None]
    on = sheet(places)
    return on and MapView(on, _dots(on, devices), _dots(on, fleet.gateways))


def _place(row: DeviceState | GatewayState) -> Place | None:
    if row.latitude is None or row.longitude is None:
        return None
    return Place(row.latitude, row.longitude)


def _dots(on: Sheet, rows: list[DeviceState] | list[GatewayState]) -> list[Dot]:
    return [Dot(*on.at(place), row) for row in rows if (place := _place(row)) is not None]


def _last_values(deps: WebDependencies, rows: list[DeviceState]) -> LastValues:
    with deps.database() as connection:
        latest = latest_of_devices(connection, [row.device_id for row in rows if row.last_time is not None])
        gauges = {
            (value.project, value.device) for values in latest.values() for value in values if _counts_rain(value)
        }
        projects, devices = [project for project, _ in gauges], [device for _, device in gauges]
        fell = rain_of(connection, projects, devices, datetime.now(UTC)) if gauges else []
    return LastValues(
        {
            device_id: [value for value in values if value.quantity not in _HOUSEKEEPING][:SHOWN_VALUES]
            for device_id, values in latest.items()
        },
        {row.device_id: _battery_quality(row, latest.get(row.device_id, [])) for row in rows},
        {(rain.project, rain.device, rain.channel): rain for rain in fell},
    )


def _battery_quality(row: DeviceState, values: list[Latest]) -> int | None:
    """The remarks about the battery value that is shown: its level if there is one, else its voltage."""
    shown = "battery_voltage" if row.battery_level is None else "battery_level"
    return next((value.quality for value in values if value.quantity == shown and not value.channel), None)


def _counts_rain(value: Latest) -> bool:
    """Whether a value is a running total of rain, which means nothing by itself."""
    return value.quantity == "rain_total"
