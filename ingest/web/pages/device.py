"""機器: one device, its state, its last values, and every quantity over time."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import groupby
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse

from ingest.figures.device import corrections_of, device_state, latest, series
from ingest.figures.messages import last_uplinks, link_series
from ingest.figures.model import DeviceState, Latest
from ingest.figures.quantities import quantities_by_code
from ingest.web.chart.draw import draw, draw_link
from ingest.web.chart.frame import POINTS, Chart, Window
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.pages.levels import Level, levels_of
from ingest.web.render import page, writer_for
from ingest.web.text.write import Writer

RANGES = {"6h": timedelta(hours=6), "24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
DEFAULT_RANGE = "24h"
_NOT_DRAWN = frozenset({"position_latitude", "position_longitude"})

router = APIRouter(include_in_schema=False)


class QuantityChart(NamedTuple):
    """One card: the chart of one quantity and channel, and its last value."""

    latest: Latest
    chart: Chart
    several: bool


@router.get("/devices/{project}/{device}")
def device_page(
    request: Request,
    project: str,
    device: str,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    period: Annotated[str, Query(alias="range")] = DEFAULT_RANGE,
) -> HTMLResponse:
    """The page of one device."""
    span = RANGES.get(period, RANGES[DEFAULT_RANGE])
    writer = writer_for(request)
    window = Window(writer.now - span, writer.now)
    with deps.database() as connection:
        row = device_state(connection, project, device)
        if row is None:
            raise HTTPException(404, f"There is no device {project}/{device}.")
        values = latest(connection, project, device)
        levels = levels_of(connection, project, device, writer.now)
        charts = _charts(connection, row, values, window, writer, levels)
        link = link_series(connection, project, device, start=window.start, end=window.end, points=POINTS)
        corrections = corrections_of(connection, project, device)
        uplinks = last_uplinks(connection, project, device)
    return page(
        request,
        "device.html",
        writer,
        device=row,
        values=values,
        charts=charts,
        levels=list(levels.values()),
        links=draw_link(link, window, row.interval_s, writer),
        corrections=corrections,
        uplinks=uplinks,
        ranges=list(RANGES),
        chosen=next(name for name, length in RANGES.items() if length == span),
        refresh_s=5 if span <= RANGES["24h"] else 30,
    )


def _charts(
    connection: Any,
    row: DeviceState,
    values: list[Latest],
    window: Window,
    writer: Writer,
    levels: Mapping[tuple[str, int], Level],
) -> list[QuantityChart]:
    drawn: list[QuantityChart] = []
    known = quantities_by_code(connection, row.project)
    for code, group in groupby(values, key=lambda value: value.quantity):
        quantity = known.get(code)
        if quantity is None or code in _NOT_DRAWN:
            continue
        channels = list(group)
        points = series(connection, row.project, row.device, code, start=window.start, end=window.end, points=POINTS)
        for value in channels:
            mine = [point for point in points if point.channel == value.channel]
            level = levels.get((code, value.channel))
            lines = (
                [(stage.level_m, writer.either(stage.name, stage.name_en)) for stage in level.stages] if level else []
            )
            chart = draw(quantity, mine, window, row.interval_s, writer, lines)
            drawn.append(QuantityChart(value, chart, several=len(channels) > 1))
    return drawn
