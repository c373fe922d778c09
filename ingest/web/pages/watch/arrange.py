"""監視の段取り: maintenance, changes of the duty, drills, and what the watch missed. Forms for operators."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.roles import Verb
from ingest.figures.names import device_names
from ingest.figures.project import project_refs
from ingest.figures.watch import drills_now, maintenance_now
from ingest.plan.work.database import things_of
from ingest.plan.work.model import Things
from ingest.store.database import Database
from ingest.watch.deeds.drill import Injected, begin_drill, end_drill, inject
from ingest.watch.deeds.duty import change_duty, duties_after, void_duty
from ingest.watch.deeds.maintenance import begin_maintenance, end_maintenance
from ingest.watch.deeds.model import Doer, NewDuty, NewMaintenance, NewMissed, Way
from ingest.watch.deeds.noting import enter_missed
from ingest.watch.delivery.database.deciding import read_notice
from ingest.watch.delivery.queue import queue_deliveries
from ingest.watch.engine.keep import keep_events
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, go_to, sent_writing
from ingest.web.guard import caller_of
from ingest.web.pages.watch.deeds import NO_RANK, local_time
from ingest.web.plan_door import project_seen, writing
from ingest.web.render import page, writer_for
from ingest.web.rules import OPERATE, allow
from ingest.web.watch_duty import duty_shown
from schemas.bilingual import Bilingual
from schemas.watch_notice import WatchNotice

DONE = ("maintenance", "maintenance_ended", "duty", "duty_voided", "drill", "injected", "drill_ended", "missed")
NEEDS_A_TIME = Bilingual("日時を書いてください", "Write the time")
CHOOSE_A_THING = Bilingual("対象を選んでください", "Choose what is worked on")
EVERYTHING = "everything"
"""Of the form: the whole project. It has to be chosen: nobody is told of anything of it."""
LEVELS = ("network", "gateway", "device")

router = APIRouter(include_in_schema=False)
Deps = Annotated[WebDependencies, Depends(dependencies)]
ProjectCode = Annotated[str, Query(max_length=63)]
Sent = Annotated[Form, Depends(sent_writing)]


@router.get("/watch/arrange")
@allow(OPERATE)
def arrange_page(request: Request, deps: Deps, project: ProjectCode = "", done: str = "") -> HTMLResponse:
    """The page with its forms."""
    return _show(request, deps, project, Form(), done=done)


def _show(request: Request, deps: WebDependencies, code: str, form: Form, *, done: str = "") -> HTMLResponse:
    writer = writer_for(request)
    with deps.database() as connection:
        projects = project_refs(connection)
        seen = project_seen(projects, code)
        things = Things({}, {}, {}, {}, ()) if seen is None else things_of(connection, seen.project_id)
        notice = WatchNotice() if seen is None else read_notice(connection, seen.project_id)
        changes = [] if seen is None else duties_after(connection, [seen.project_id], writer.now)
        windows, drills = (
            (maintenance_now(connection, seen.code), drills_now(connection, seen.code)) if seen else ([], [])
        )
        devices = [] if seen is None else device_names(connection, seen.code)
    caller = caller_of(request)
    if not form.values:
        begins, later = f"{writer.now:%Y-%m-%dT%H:%M}", writer.now + timedelta(hours=2)
        form = Form({"starts": begins, "ends": f"{later:%Y-%m-%dT%H:%M}", "from": begins, "at": begins,
                     "to": f"{later:%Y-%m-%dT%H:%M}", "until": f"{later:%Y-%m-%dT%H:%M}"})  # fmt: skip
    return page(
        request,
        "watch_arrange.html",
        writer,
        status=422 if form.errors else 200,
        address="/watch/arrange",
        project=seen,
        projects=[each for each in projects if caller.may(Verb.OPERATE, each.project_id)],
        may_write=seen is not None and caller.may(Verb.OPERATE, seen.project_id),
        form=form,
        windows=windows,
        drills=drills,
        people=[(person.code, person.name) for person in notice.people],
        names={person.code: person.name for person in notice.people},
        changes=changes,
        duty=duty_shown(notice, changes, writer.now),
        networks=[*things.networks],
        gateways=[*things.gateways],
        devices=[(each.device, each.device_name) for each in devices],
        done=writer.texts[f"watch_done_{done}"] if done in DONE else "",
    )


@router.post("/watch/maintenance")
@allow(OPERATE)
def enter_maintenance(request: Request, deps: Deps, form: Sent) -> Response:
    """Nobody is told of a thing for a time."""
    starts, ends = _needed(form, "starts"), _needed(form, "ends")
    level, _, thing = form.text("thing").partition(":")
    if level != EVERYTHING and not (level in LEVELS and thing):
        form.refuse("thing", CHOOSE_A_THING)
    network, gateway, device = (thing if level == each and thing else None for each in LEVELS)

    def begin(connection: Database, doer: Doer, project_id: int) -> None:
        assert starts is not None  # else the form was refused
        assert ends is not None
        window = NewMaintenance(starts, ends, form.text("reason"), device, gateway, network)
        begin_maintenance(connection, doer, project_id, window)

    return _do(request, deps, form, begin, "reason", "maintenance")


@router.post("/watch/maintenance/{number}/end")
@allow(OPERATE)
def end_of_maintenance(request: Request, deps: Deps, number: int, form: Sent) -> Response:
    """People are told again."""
    return _do(
        request, deps, form, lambda connection, doer, project_id: end_maintenance(connection, doer, project_id, number),
        "reason", "maintenance_ended",
    )  # fmt: skip


@router.post("/watch/duty")
@allow(OPERATE)
def enter_duty(request: Request, deps: Deps, form: Sent) -> Response:
    """Somebody takes the duty over for a time."""
    starts, ends = _needed(form, "from"), _needed(form, "to")

    def change(connection: Database, doer: Doer, project_id: int) -> None:
        assert starts is not None  # else the form was refused
        assert ends is not None
        change_duty(connection, doer, project_id, NewDuty(form.text("person"), starts, ends))

    return _do(request, deps, form, change, "person", "duty")


@router.post("/watch/duty/{number}/void")
@allow(OPERATE)
def take_back_duty(request: Request, deps: Deps, number: int, form: Sent) -> Response:
    """The rota holds again."""
    return _do(
        request, deps, form, lambda connection, doer, project_id: void_duty(connection, doer, project_id, number),
        "person", "duty_voided",
    )  # fmt: skip


@router.post("/watch/drill")
@allow(OPERATE)
def start_drill(request: Request, deps: Deps, form: Sent) -> Response:
    """Begin a drill."""
    until = _needed(form, "until")

    def begin(connection: Database, doer: Doer, project_id: int) -> None:
        assert until is not None  # else the form was refused
        begin_drill(connection, doer, project_id, form.text("title"), until)

    return _do(request, deps, form, begin, "title", "drill")


@router.post("/watch/drill/inject")
@allow(OPERATE)
def inject_into_drill(request: Request, deps: Deps, form: Sent) -> Response:
    """Let a station reach a rank within the drill, or be well again; people are told, and that it is a drill."""
    rank = form.number("rank")
    if rank is None:
        form.refuse("device", NO_RANK)
    injected = [Injected(form.text("device"), rank or 0)]
    keep = partial(keep_events, queue=queue_deliveries)
    return _do(
        request, deps, form, lambda connection, doer, project_id: inject(connection, doer, project_id, injected, keep),
        "device", "injected",
    )  # fmt: skip


@router.post("/watch/drill/end")
@allow(OPERATE)
def finish_drill(request: Request, deps: Deps, form: Sent) -> Response:
    """End the drill."""
    return _do(request, deps, form, end_drill, "title", "drill_ended")


@router.post("/watch/missed")
@allow(OPERATE)
def enter_what_was_missed(request: Request, deps: Deps, form: Sent) -> Response:
    """Something happened of which the watch said nothing (見逃し)."""
    at = _needed(form, "at")

    def write(connection: Database, doer: Doer, project_id: int) -> None:
        assert at is not None  # else the form was refused
        missed = NewMissed(at, form.text("note"), form.text("station") or None, form.text("place"))
        enter_missed(connection, doer, project_id, missed)

    return _do(request, deps, form, write, "note", "missed")


def _needed(form: Form, name: str) -> datetime | None:
    found = local_time(form, name)
    if found is None:
        form.refuse(name, NEEDS_A_TIME)
    return found


def _do(
    request: Request, deps: WebDependencies, form: Form, deed: Callable[[Database, Doer, int], object], field: str,
    done: str,
) -> Response:  # fmt: skip
    """Do it in the project that the form names, and go back; else the page that says why not. Raises HTTPException."""
    code = form.text("project")
    if not form.errors:
        try:
            with writing(request, code, Verb.OPERATE) as (connection, project, by):
                deed(connection, Doer(by, Way.PAGE), project.project_id)
        except NotThere as error:
            raise HTTPException(404, error.said.en) from error
        except ChangeRefused as error:
            form.refuse(field, error.said)
    if form.errors:
        return _show(request, deps, code, form)
    return go_to(f"/watch/arrange?project={code}&done={done}")
