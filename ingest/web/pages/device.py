"""機器: one device, its state, its last values, and every quantity over time."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import groupby
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse

from ingest.figures.device import corrections_of, device_state, latest, series
from ingest.figures.lacking import lacking
from ingest.figures.messages import last_uplinks, link_series
from ingest.figures.model import DeviceState, Latest
from ingest.figures.quality import QualityFlags, quality_flags
from ingest.figures.quantities import quantities_by_code
from ingest.figures.quarantine import parts_of_device
from ingest.figures.rain import Rain, rain_of
from ingest.figures.said import (
    Conflict,
    ProfileInUse,
    UnknownKey,
    conflict_count,
    conflicts,
    profile_in_use,
    unknown_keys,
)
from ingest.web.chart.draw import draw, draw_link
from ingest.web.chart.frame import POINTS, Chart, Window
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.pages.levels import Level, levels_of
from ingest.web.render import page, writer_for
from ingest.web.rules import READ, allow
from ingest.web.text.writer import Writer
from schemas.lacking import cautions, of_devices
from schemas.quantity import Quantity

RANGES = {"6h": timedelta(hours=6), "24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
DEFAULT_RANGE = "24h"
CONFLICTS_SHOWN = 20
TESTED = timedelta(days=7)
"""Flags of quality are shown of so many days; a clock may be ahead."""
_NOT_DRAWN = frozenset({"position_latitude", "position_longitude"})
_RAIN = ("rain_amount", "rain_total")

router = APIRouter(include_in_schema=False)


class QuantityChart(NamedTuple):
    """One card: the chart of one quantity and channel, and its last value."""

    latest: Latest
    chart: Chart
    several: bool


class SentBeside(NamedTuple):
    """What the device sent beside good readings. `pages`: of the conflicts; `shown`: the page that is shown."""

    conflicts: list[Conflict]
    total: int
    shown: int
    pages: int
    unknown: list[UnknownKey]
    profile: ProfileInUse | None
    set_aside: int


class Beside(NamedTuple):
    """What the page shows beside the charts. `rain`: how much fell lately, by channel. `tested`: flags of quality."""

    rain: dict[int, Rain]
    said: SentBeside
    tested: list[QualityFlags]


@router.get("/devices/{project}/{device}")
@allow(READ)
def device_page(
    request: Request,
    project: str,
    device: str,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    period: Annotated[str, Query(alias="range")] = DEFAULT_RANGE,
    conflict_page: Annotated[int, Query(alias="conflicts", ge=1, le=1_000_000)] = 1,
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
        known = quantities_by_code(connection, project)
        levels = levels_of(connection, project, device, writer.now)
        charts = _charts(connection, row, values, window, writer, levels, known)
        link = link_series(connection, project, device, start=window.start, end=window.end, points=POINTS)
        uplinks = last_uplinks(connection, project, device)
        missing = [caution for each in lacking(connection, project, device) for caution in cautions(of_devices(each))]
        corrections = corrections_of(connection, project, device)
        tested = quality_flags(connection, [project], [device], writer.now - TESTED, writer.now + TESTED)
        beside = Beside(_rain(connection, row, values, writer), _said(connection, row, conflict_page), tested)
    return page(
        request,
        "device.html",
        writer,
        device=row,
        values=values,
        known=known,
        charts=charts,
        levels=levels,
        links=draw_link(link, window, row.charted_interval_s, writer, uplinks),
        uplinks=uplinks,
        lacking=missing,
        corrections=corrections,
        beside=beside,
        ranges=list(RANGES),
        chosen=next(name for name, length in RANGES.items() if length == span),
        refresh_s=5 if span <= RANGES["24h"] else 30,
    )


def _rain(connection: Any, row: DeviceState, values: list[Latest], writer: Writer) -> dict[int, Rain]:
    """How much rain fell, by channel. Empty, without a query, for a device that is no rain gauge."""
    if not any(value.quantity in _RAIN for value in values):
        return {}
    return {rain.channel: rain for rain in rain_of(connection, [row.project], [row.device], writer.now)}


def _said(connection: Any, row: DeviceState, wanted_page: int) -> SentBeside:
    count = conflict_count(connection, row.project, row.device)
    pages = max(1, -(-count // CONFLICTS_SHOWN))
    shown = min(wanted_page, pages)
    offset = (shown - 1) * CONFLICTS_SHOWN
    return SentBeside(
        conflicts(connection, row.project, row.device, limit=CONFLICTS_SHOWN, offset=offset) if count else [],
        count,
        shown,
        pages,
        unknown_keys(connection, row.project, row.device),
        profile_in_use(connection, row.project, row.device),
        parts_of_device(connection, row.device_id),
    )


def _charts(
    connection: Any,
    row: DeviceState,
    values: list[Latest],
    window: Window,
    writer: Writer,
    levels: Mapping[tuple[str, int], Level],
    known: Mapping[str, Quantity],
) -> list[QuantityChart]:
    drawn: list[QuantityChart] = []
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
            chart = draw(quantity, mine, window, row.charted_interval_s, writer, lines, value)
            drawn.append(QuantityChart(value, chart, several=len(channels) > 1))
    return drawn
