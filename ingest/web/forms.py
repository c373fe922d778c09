"""Tells a form that one of our own pages sent from one that a page elsewhere made a browser send."""

import hmac
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from ingest.access.caller import Caller
from ingest.web.dependencies import Door, whole_dependencies
from ingest.web.noted import client_address
from ingest.web.rules import Rule
from ingest.web.turned_away import TurnedAwayError, Why
from ingest.web.upload import Uploads

MOST_BYTES = 128 * 1024
"""Longest form. `create_app` bounds every body by it; a route that takes a file has a bound of its own."""
MOST_FIELDS = 100
FORM = "application/x-www-form-urlencoded"
FORM_WITH_FILE = "multipart/form-data"
CSRF_FIELD = "csrf"
_PORTS = {"http": ":80", "https": ":443"}


async def require_own_form(request: Request, caller: Caller, rule: Rule) -> None:
    """Raise TurnedAwayError for a request that changes something and does not come from a page of ours.

    Its Origin (or Referer) must be ours. Where somebody must be known, the form carries the value of their session too.
    """
    if not comes_from_us(request, whole_dependencies(request).door):
        raise TurnedAwayError(Why.FORGED, "The request does not come from a page of this service (Origin).")
    wanted = FORM_WITH_FILE if rule.upload else FORM
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in ("", wanted):
        raise HTTPException(415, f"Send a form as {wanted}.")
    if rule.upload:
        _refuse_large(request, rule.upload)
    if rule.anybody:
        return
    form = await _read_form(request, rule)
    given = form.get(CSRF_FIELD, "")
    if (
        isinstance(given, UploadFile)
        or not caller.csrf
        or not hmac.compare_digest(given.encode(), caller.csrf.encode())
    ):
        raise TurnedAwayError(Why.FORGED, "The form is not one of this session; load the page again.")


def _refuse_large(request: Request, most_bytes: int) -> None:
    """Raises HTTPException before anything of a body is read that says it is too large, so that a page can say so.

    The framework bounds those that do not say how large they are, and answers with a plain line.
    """
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said) > most_bytes:
        raise HTTPException(413, f"At most {most_bytes} bytes are taken.")


async def _read_form(request: Request, rule: Rule) -> FormData:
    """The fields; of a rule with an upload with one file, which is on the disk as far as it is large.

    The route bounds the body. Raises ReaderBusy while many files are being read.
    """
    if not rule.upload:
        return await request.form(max_files=0, max_fields=MOST_FIELDS)
    uploads: Uploads = request.app.state.uploads
    with uploads.one(client_address(request)):
        return await request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=MOST_BYTES)


def comes_from_us(request: Request, door: Door) -> bool:
    """Whether Origin, or Referer where a browser leaves that out, names the host that was asked, or `web.url`."""
    said = request.headers.get("origin")
    if said is None:
        said = request.headers.get("referer")
    if not said:
        return False
    try:
        parts = urlsplit(said)
    except ValueError:  # as `http://[`
        return False
    if parts.scheme not in _PORTS or (door.https and parts.scheme != "https"):
        return False
    origin = _host(parts.scheme, parts.netloc)
    own = {_host(parts.scheme, request.headers.get("host", ""))}
    if urlsplit(door.url).scheme == parts.scheme:
        own.add(_host(parts.scheme, urlsplit(door.url).netloc))
    return bool(origin) and origin in own


def _host(scheme: str, netloc: str) -> str:
    """Host and port, without the port that goes without saying."""
    return netloc.lower().removesuffix(_PORTS[scheme])
