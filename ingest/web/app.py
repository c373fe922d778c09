"""The web application: its routes, and the limits on who may use the answers."""

from importlib.metadata import version

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from ingest.account import Balance
from ingest.web import health, problems
from ingest.web.allowed_hosts import AllowedHosts
from ingest.web.api import v1
from ingest.web.api.answers.slots import Slots
from ingest.web.api.answers.stream import AT_ONCE
from ingest.web.api.openapi import DESCRIPTION, TAGS, DescribedApp
from ingest.web.callers import Claimed
from ingest.web.dependencies import WebDependencies, database_answers
from ingest.web.fleet_cache import FleetCache
from ingest.web.forms import MOST_BYTES, MOST_FIELDS
from ingest.web.guard import guard
from ingest.web.halfway import Halfway
from ingest.web.headers import SecurityHeaders
from ingest.web.pace import Pace
from ingest.web.pages import (
    account,
    arrivals,
    audit,
    choose,
    device,
    jobs,
    organisations,
    overview,
    people,
    people_deeds,
    quarantine,
    reference,
    sign_in,
    tokens,
    verify,
)
from ingest.web.pages.plan import (
    board,
    change_targets,
    close,
    costs,
    factors,
    figures,
    guide,
    kpis,
    measure_deeds,
    measures,
    model,
    outages,
    reviews,
    usage,
    work,
    work_deeds,
    work_new,
)
from ingest.web.pages.report import before_inspection, report, reports, returned, schedules, submission
from ingest.web.pages.watch import ack as watch_ack
from ingest.web.pages.watch import arrange as watch_arrange
from ingest.web.pages.watch import chronology as watch_chronology
from ingest.web.pages.watch import deeds as watch_deeds
from ingest.web.pages.watch import feeds as watch_feeds
from ingest.web.pages.watch import incident as watch_incident
from ingest.web.pages.watch import now as watch_now
from ingest.web.pages.watch import phone as watch_phone
from ingest.web.pages.watch import wall as watch_wall
from ingest.web.render import HERE
from ingest.web.trail import Trail
from ingest.web.upload import Uploads

__all__ = ["Balance", "WebDependencies", "create_app"]


def create_app(deps: WebDependencies) -> FastAPI:
    """Pages, API and health of one process. No page asks another host for anything."""
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
        dependencies=[Depends(guard)],
        max_body_size=MOST_BYTES,
        form_limits={"max_fields": MOST_FIELDS, "max_files": 0},
    )
    _keep(app, deps)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(AllowedHosts, rule=deps.hosts)
    app.add_middleware(SecurityHeaders)
    problems.install(app)
    _include_routers(app)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    return app


def _keep(app: FastAPI, deps: WebDependencies) -> None:
    """What the requests of a process share."""
    app.state.dependencies = deps
    app.state.fleet = FleetCache()
    app.state.trail = Trail(deps.access)
    app.state.claimed = Claimed()
    app.state.halfway = Halfway()
    app.state.wall_pace = Pace(most=10, each_s=6.0)
    app.state.link_pace = Pace(most=40, each_s=3.0)
    app.state.uploads = Uploads()
    app.state.slots = Slots(AT_ONCE)


def _include_routers(app: FastAPI) -> None:
    for router in (health.router, v1.router, reference.router, sign_in.router, verify.router, watch_ack.router):
        app.include_router(router)
    for router in (overview.router, device.router, quarantine.router, jobs.router, arrivals.router):
        app.include_router(router, dependencies=[Depends(database_answers)])
    # Literal paths before those with a number in them: /people/new is no person.
    for router in (
        account.router, choose.router, people_deeds.router, people.router, tokens.router, organisations.router,
        audit.router, outages.router, work_new.router, work_deeds.router, work.router,
    ):  # fmt: skip
        app.include_router(router, dependencies=[Depends(database_answers)])
    for router in (
        watch_now.router,
        watch_incident.router,
        watch_deeds.router,
        watch_arrange.router,
        watch_wall.router,
        watch_feeds.router,
        watch_phone.router,
        watch_chronology.router,
    ):
        app.include_router(router, dependencies=[Depends(database_answers)])
    for router in (measure_deeds.router, measures.router, close.router):
        app.include_router(router, dependencies=[Depends(database_answers)])
    for router in (
        board.router, kpis.router, model.router, guide.router, change_targets.router, reviews.router,
        costs.router, factors.router, figures.router, usage.router,
    ):  # fmt: skip
        app.include_router(router, dependencies=[Depends(database_answers)])
    for router in (
        before_inspection.router, schedules.router, reports.router, returned.router, submission.router, report.router,
    ):  # fmt: skip
        app.include_router(router, dependencies=[Depends(database_answers)])
