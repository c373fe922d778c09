"""この端末への通知 (Web Push): somebody turns it on for the browser in front of them, and off again."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from ingest.access.caller import Kind
from ingest.access.roles import Verb
from ingest.errors import SettingsRefused
from ingest.figures.project import project_refs
from ingest.store.database import translated
from ingest.watch.delivery.database.phones import Phone, end_phone, keep_phone, phones_of
from ingest.watch.delivery.push_key import push_public_key
from ingest.web.accounts import Accounts
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.guard import caller_of
from ingest.web.pages.account import browser_name
from ingest.web.plan_door import project_seen, writing
from ingest.web.render import HERE, page, writer_for
from ingest.web.rules import OPEN, SIGNED_IN, allow

WORKER = HERE / "static" / "watch_push_worker.js"
MOST_PHONES = 20
"""Of a person."""
_KEY = re.compile(r"[A-Za-z0-9_-]{16,200}={0,2}")
_NAME = re.compile(r"([a-z0-9_-]+\.)+[a-z]([a-z0-9-]*[a-z0-9])?")
"""A name of the internet. What ends in a number, as 127.1 or 0x7f.1, is an address to most programs."""
_LONGEST = 1000

router = APIRouter(include_in_schema=False)
Deps = Annotated[WebDependencies, Depends(dependencies)]
ProjectCode = Annotated[str, Query(max_length=63)]
Sent = Annotated[Form, Depends(sent_form)]


@router.get("/watch/push_worker.js")
@allow(OPEN)
def push_worker() -> Response:
    """The program that shows a notice while no page is open. Its address bounds what it may see."""
    return FileResponse(Path(WORKER), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/watch/phone")
@allow(SIGNED_IN)
def phone_page(
    request: Request, deps: Deps, access: Accounts, project: ProjectCode = "", done: str = ""
) -> HTMLResponse:
    """The page, with the phones of this person."""
    writer = writer_for(request)
    caller = caller_of(request)
    with deps.database() as connection:
        projects = project_refs(connection)
        seen = project_seen(projects, project)
    with translated(), access.database() as connection:
        phones = phones_of(connection, caller.person_id or 0)
    return page(
        request,
        "watch_phone.html",
        writer,
        address="/watch/phone",
        project=seen,
        projects=projects,
        phones=phones,
        key=_public_key(deps),
        done=writer.texts[f"phone_done_{done}"] if done in ("on", "off") else "",
    )


@router.post("/watch/phone")
@allow(SIGNED_IN)
def register_phone(request: Request, form: Sent) -> JSONResponse:
    """Register the browser, by the program of the page. A registration that is no push service's is refused."""
    caller = caller_of(request)
    phone = Phone(
        form.text("endpoint"), form.text("p256dh"), form.text("auth"),
        browser_name(request.headers.get("user-agent", ""))[:100],
    )  # fmt: skip
    if caller.kind is not Kind.PERSON or caller.person_id is None or not _is_push_service(phone.endpoint):
        raise HTTPException(422, "This is no address of a push service.")
    if not (_KEY.fullmatch(phone.p256dh) and _KEY.fullmatch(phone.auth)):
        raise HTTPException(422, "The keys of the phone are missing.")
    with writing(request, form.text("project"), Verb.SEE) as (connection, project, _):
        if len(phones_of(connection, caller.person_id)) >= MOST_PHONES:
            raise HTTPException(422, f"At most {MOST_PHONES} phones: turn one off first.")
        keep_phone(connection, project.project_id, caller.person_id, phone)
    return JSONResponse({"kept": True})


@router.post("/watch/phone/{number}/end")
@allow(SIGNED_IN)
def turn_phone_off(request: Request, access: Accounts, number: int) -> Response:
    """Call a phone no more."""
    with translated(), access.database() as connection:
        if not (0 < number < 2**62 and end_phone(connection, caller_of(request).person_id or 0, number)):
            raise HTTPException(404, "There is no such phone of yours.")
    return go_to("/watch/phone?done=off")


def _public_key(deps: WebDependencies) -> str:
    """The key of this installation for browsers; empty where phones are not called."""
    if deps.door.push_key_file is None:
        return ""
    try:
        return push_public_key(deps.door.push_key_file)
    except SettingsRefused:
        return ""


def _is_push_service(address: str) -> bool:
    """Whether an address may be one of a push service: https, a name of the internet, its usual port.

    The watch sends to it: it must not be led to a machine of our own network.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    try:
        ip_address(host)
    except ValueError:
        named = _NAME.fullmatch(host) is not None and not host.endswith((".local", ".internal", ".localhost", ".lan"))
    else:
        named = False
    return (
        len(address) <= _LONGEST
        and parts.scheme == "https"
        and named
        and port in (None, 443)
        and "@" not in parts.netloc
    )
