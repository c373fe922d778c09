"""/metrics, /livez and /readyz: they ask no database and wait for no thread."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ingest.telemetry.health import reasons
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.local import is_local
from ingest.web.rules import METRICS, OPEN, allow

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SILENT = "the intake does not answer"

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
@allow(METRICS)
async def metrics(deps: Annotated[WebDependencies, Depends(dependencies)]) -> Response:
    """The metrics in the Prometheus text format."""
    text = deps.metrics()
    if text is None:
        return PlainTextResponse(f"{SILENT}\n", status_code=503)
    return Response(text, media_type=METRICS_TYPE)


@router.get("/livez")
@allow(OPEN)
async def alive(deps: Annotated[WebDependencies, Depends(dependencies)]) -> PlainTextResponse:
    """The event loop of the intake turns: that is all this says. It asks neither broker nor database."""
    return PlainTextResponse("ok\n") if deps.alive() else PlainTextResponse(f"{SILENT}\n", status_code=503)


@router.get("/readyz")
@allow(OPEN)
async def ready(request: Request, deps: Annotated[WebDependencies, Depends(dependencies)]) -> JSONResponse:
    """200 when messages are taken and stored, else 503 with the reasons. Warnings leave it ready.

    Reasons name hosts and devices: strangers elsewhere are told how many there are.
    """
    troubles = deps.health()
    why = reasons(troubles)
    if not (deps.caller.sees_everything or is_local(request, deps.door.sign_in.proxy_addresses)):
        return JSONResponse({"ready": not why, "reasons": len(why)}, status_code=503 if why else 200)
    blocking = [trouble.since_s for trouble in troubles if trouble.concern.blocks]
    body = {
        "ready": not why,
        "reasons": why,
        "since": datetime.fromtimestamp(min(blocking), UTC).isoformat(timespec="seconds") if blocking else None,
        "warnings": [trouble.detail for trouble in troubles if not trouble.concern.blocks],
    }
    return JSONResponse(body, status_code=503 if why else 200)
