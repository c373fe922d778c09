"""What the watch noticed for other programs (Atom, CAP 1.2), and a draft for L-Alert that people enter elsewhere."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.figures.project import project_refs
from ingest.figures.watch import Wanted
from ingest.figures.watch_events import WatchEvent, event_place, watch_event, watch_events
from ingest.watch.delivery.atom import MEDIA_TYPE_OF_FEED, Entry, Remark, atom_feed
from ingest.watch.delivery.cap import MEDIA_TYPE, CapSender, Reference, cap_alert, place_of
from ingest.watch.delivery.lalert import COLUMNS, DRAFT, lalert_rows, lalert_text
from ingest.watch.delivery.recorded import fact_of
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.pages.watch.incident import MOST_NUMBER, MOST_ROWS, find_incident
from ingest.web.plan_door import project_seen
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, WATCH, allow
from ingest.web.watch_problems import watch_problems
from schemas.bilingual import Bilingual
from schemas.japan import now_jst

ENTRIES = 100

router = APIRouter(include_in_schema=False)
Deps = Annotated[WebDependencies, Depends(dependencies)]
ProjectCode = Annotated[str, Query(max_length=63)]


@router.get("/watch/feed.atom")
@allow(WATCH)
def watch_feed(request: Request, deps: Deps, project: ProjectCode = "") -> Response:
    """The newest events of a project, each with a link to its CAP alert. For those who may see the project alone.

    Why nothing new may come although something is the matter is an entry, too, which leads to the page.
    """
    writer = writer_for(request)
    with deps.database() as connection:
        seen = project_seen(project_refs(connection), project)
        if seen is None:
            raise HTTPException(404, "There is no project.")
        events = watch_events(connection, Wanted(seen.code, limit=ENTRIES))
        problems = watch_problems(connection, deps, seen)
    base = _base(request, deps)
    entries = [
        Entry(fact_of(event, seen.name), event.recorded_at, f"{base}/watch/cap/{event.event_id}.xml")
        for event in events
    ]
    title = Bilingual(f"{seen.name} 監視", f"{seen.name}: watch")
    own = f"{base}/watch/feed.atom?project={seen.code}"
    said_at = now_jst().replace(minute=0, second=0, microsecond=0)  # so that readers show it again every hour
    remarks = [
        Remark(f"{seen.code}:watch:{each.reason}", each.text, said_at, f"{base}/watch?project={seen.code}")
        for each in problems
    ]
    feed = atom_feed(title, own, entries, now_jst(), writer.language.value, remarks)
    return Response(feed, media_type=f"{MEDIA_TYPE_OF_FEED}; charset=utf-8")


@router.get("/watch/cap/{number}.xml")
@allow(WATCH)
def watch_cap(request: Request, deps: Deps, number: int) -> Response:
    """An event as a CAP alert. Its scope is Restricted: it is for those who may see the project."""
    with deps.database() as connection:
        event = watch_event(connection, number) if 0 < number < MOST_NUMBER else None
        if event is None:
            raise HTTPException(404, "There is no such event.")
        names = {each.code: each.name for each in project_refs(connection)}
        where = event_place(connection, number)
        earlier = _earlier(event, watch_events(connection, Wanted(incident=event.incident_id or -1, limit=MOST_ROWS)))
    base = _base(request, deps)
    name = names.get(event.project, event.project)
    sender = CapSender(urlsplit(base).hostname or "noroshi", name, web=f"{base}/watch/incident/{event.incident_id}"
                       if event.incident_id else f"{base}/watch")  # fmt: skip
    place = place_of(where.latitude, where.longitude)
    fact = replace(fact_of(event, name), area=where.area)
    return Response(cap_alert(fact, sender, event.recorded_at, earlier, place), media_type=MEDIA_TYPE)


@router.get("/watch/incident/{number}/l-alert")
@allow(SEE)
def l_alert_page(request: Request, deps: Deps, number: int) -> HTMLResponse:
    """The draft and its data sheet, to be printed or copied. Nothing is sent by it."""
    writer = writer_for(request)
    with deps.database() as connection:
        one = find_incident(connection, number)
        events = watch_events(connection, Wanted(incident=number, limit=MOST_ROWS))
    facts = [fact_of(event, one.project_name) for event in events[::-1] if event.withdrawn_at is None]
    return page(
        request,
        "watch_l_alert.html",
        writer,
        address=f"/watch/incident/{number}/l-alert",
        one=one,
        draft=DRAFT,
        text=lalert_text(one.project_name, facts, writer.now),
        columns=COLUMNS,
        rows=lalert_rows(facts, writer.language.value),
    )


def _base(request: Request, deps: WebDependencies) -> str:
    """Where programs find us: the setting `web.url`, else what they asked for."""
    return deps.door.url.rstrip("/") or str(request.base_url).rstrip("/")


def _earlier(event: WatchEvent, events: list[WatchEvent]) -> list[Reference]:
    return [
        Reference(each.project, each.event_id, each.recorded_at)
        for each in events[::-1]
        if (each.at, each.event_id) < (event.at, event.event_id)
    ]
