"""受信確認: what arrives now, for somebody who has just mounted a device."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from ingest.figures.arrivals import Arrival, last_arrivals
from ingest.figures.device import latest_of_devices
from ingest.figures.model import Latest
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.device_search import fold
from ingest.web.render import page, writer_for
from ingest.web.rules import ARRIVALS, allow
from ingest.web.signal import signal_word

SHOWN = 20
VALUES = 6
REFRESH_S = 3

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ArrivalView:
    """A device as the page shows it. `signal`: the word for its radio, None without one."""

    device: Arrival
    signal: str | None
    values: list[Latest]

    @property
    def ago_s(self) -> float:
        """How long ago it was heard last; less than nothing if the clocks of two machines differ, so at least 0."""
        return max(0.0, self.device.silent_s or 0.0)

    @property
    def fresh(self) -> bool:
        """Whether it was heard within the interval that holds now, with half of one to spare."""
        return self.device.state == "live" and self.ago_s <= 1.5 * self.device.interval_now_s


@router.get("/arrivals")
@allow(ARRIVALS)
def arrivals_page(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    q: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """The page. It refreshes itself, the device heard last on top."""
    with deps.database() as connection:
        found = last_arrivals(connection, fold(q).split(), SHOWN)
        rows = [row for row in found if row.device_id]
        values = latest_of_devices(connection, [row.device_id for row in rows if row.last_received_at is not None])
    return page(
        request,
        "arrivals.html",
        writer_for(request),
        rows=[ArrivalView(row, signal_word(row), values.get(row.device_id, [])[:VALUES]) for row in rows],
        found=found[0].found if found else 0,
        total=found[0].total if found else 0,
        networks=found[0].networks if found else 0,
        q=q,
        refresh_s=REFRESH_S,
    )
