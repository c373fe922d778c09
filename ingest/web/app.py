"""The web application: what is mounted where, and who may do what with the answers."""

from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from ingest.web import health, problems
from ingest.web.api import v1
from ingest.web.api.stream import Slots
from ingest.web.dependencies import WebDependencies
from ingest.web.fleet import FleetCache
from ingest.web.headers import SecurityHeaders
from ingest.web.live import LiveIdentity
from ingest.web.pages import device, overview, quarantine
from ingest.web.render import HERE

__all__ = ["LiveIdentity", "WebDependencies", "create_app"]


def create_app(deps: WebDependencies) -> FastAPI:
    """Pages, API and health of one process. Reads only; serves no page that asks another host for anything."""
    app = FastAPI(
        title="Noroshi",
        version=version("noroshi"),
        summary="Field sensor ingestion for municipalities: states, series and the account of every message.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.dependencies = deps
    app.state.fleet = FleetCache(deps.database)
    app.state.slots = Slots()
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(SecurityHeaders)
    problems.install(app)
    for router in (health.router, v1.router, overview.router, device.router, quarantine.router):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    return app
