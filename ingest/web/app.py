"""The web application: its routes, and the limits on who may use the answers."""

from importlib.metadata import version

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from ingest.account import Balance
from ingest.web import health, problems
from ingest.web.api import v1
from ingest.web.api.answers.slots import Slots
from ingest.web.api.answers.stream import AT_ONCE
from ingest.web.api.openapi import DESCRIPTION, TAGS, DescribedApp
from ingest.web.dependencies import WebDependencies, database_answers
from ingest.web.fleet_cache import FleetCache
from ingest.web.headers import SecurityHeaders
from ingest.web.hosts import AllowedHosts
from ingest.web.pages import device, jobs, overview, quarantine, reference
from ingest.web.render import HERE

__all__ = ["Balance", "WebDependencies", "create_app"]


def create_app(deps: WebDependencies) -> FastAPI:
    """Pages, API and health of one process. Reads only; serves no page that asks another host for anything."""
    app = DescribedApp(
        title="Noroshi",
        version=version("noroshi"),
        summary="Field sensor ingestion for municipalities: readings, states and the account of every message.",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        license_info={"name": "Apache 2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.dependencies = deps
    app.state.fleet = FleetCache(deps.database)
    app.state.slots = Slots(AT_ONCE)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(AllowedHosts, rule=deps.hosts)
    app.add_middleware(SecurityHeaders)
    problems.install(app)
    for router in (health.router, v1.router, reference.router):
        app.include_router(router)
    for router in (overview.router, device.router, quarantine.router, jobs.router):
        app.include_router(router, dependencies=[Depends(database_answers)])
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    return app
