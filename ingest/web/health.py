"""/metrics, /livez and /readyz: they ask no database and wait for no thread."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ingest.web.dependencies import WebDependencies, dependencies

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(deps: Annotated[WebDependencies, Depends(dependencies)]) -> Response:
    """The metrics in the Prometheus text format."""
    return Response(deps.metrics(), media_type=METRICS_TYPE)


@router.get("/livez")
async def alive() -> PlainTextResponse:
    """The event loop turns: that is all this says. It asks neither broker nor database."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def ready(deps: Annotated[WebDependencies, Depends(dependencies)]) -> JSONResponse:
    """200 when messages are taken and stored, else 503 with the reasons."""
    reasons = deps.ready()
    return JSONResponse({"ready": not reasons, "reasons": reasons}, status_code=503 if reasons else 200)
