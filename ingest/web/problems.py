"""Answers to errors: problem+json (RFC 9457) for programs, a page for people."""

from collections.abc import Sequence
from enum import Enum
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import compile_path

from ingest.access.caller import ANYBODY, Caller
from ingest.errors import BatchRefused, IntakeSilent, ReaderBusy, StoreTooSlow, StoreUnavailable
from ingest.web.callers import find_caller_if_any
from ingest.web.headers import HEADERS
from ingest.web.programs import is_program
from ingest.web.render import page, writer_for
from ingest.web.turned_away import TurnedAwayError, Why

SIGN_IN = "/sign-in"
ARRIVALS = "/arrivals"
PROBLEM_TYPE = "application/problem+json"


class Trouble(Enum):
    """The closed list of what can go wrong: type, title and status of a problem."""

    BAD_QUESTION = "bad-question", "Invalid request", 422
    NOT_FOUND = "not-found", "Not found", 404
    NOT_SIGNED_IN = "not-signed-in", "Nobody is signed in, and no valid token was sent", 401
    FORBIDDEN = "forbidden", "Not allowed", 403
    UNCLAIMED = "unclaimed", "This installation has no administrator yet", 403
    METHOD = "method-not-allowed", "Method not allowed here", 405
    NOT_ACCEPTABLE = "not-acceptable", "Not acceptable: none of the requested formats is available", 406
    MISDIRECTED = "misdirected", "Misdirected request: unknown host name", 421
    BUSY = "busy", "Too many requests at once; try again after Retry-After", 503
    INTAKE_SILENT = "intake-silent", "The ingestion process does not answer", 503
    UNAVAILABLE = "unavailable", "The database is unavailable", 503
    TOO_SLOW = "too-slow", "The database took too long", 504
    FAILED = "failed", "Internal error", 500

    def __init__(self, slug: str, title: str, status: int) -> None:
        self.uri = f"urn:noroshi:problem:{slug}"
        self.title = title
        self.status = status


_OF_REASON = {
    Why.UNKNOWN: Trouble.NOT_SIGNED_IN, Why.BAD_TOKEN: Trouble.NOT_SIGNED_IN, Why.BAD_PROXY: Trouble.NOT_SIGNED_IN,
    Why.NOT_ADMITTED: Trouble.FORBIDDEN, Why.NOT_ALLOWED: Trouble.FORBIDDEN, Why.SCOPE: Trouble.FORBIDDEN,
    Why.FORGED: Trouble.FORBIDDEN, Why.UNCLAIMED: Trouble.UNCLAIMED,
}  # fmt: skip
_PEOPLE_READ = {
    Why.UNKNOWN: "not_signed_in", Why.BAD_TOKEN: "not_signed_in", Why.BAD_PROXY: "bad_proxy",
    Why.NOT_ADMITTED: "not_admitted", Why.NOT_ALLOWED: "forbidden", Why.SCOPE: "forbidden", Why.FORGED: "forged",
    Why.UNCLAIMED: "unclaimed",
}  # fmt: skip
UNREADABLE = 400
"""The framework's word for a body that is no JSON: the same answer as for any other question that is wrong."""
_OF_STATUS = {404: Trouble.NOT_FOUND, 405: Trouble.METHOD, 406: Trouble.NOT_ACCEPTABLE, 422: Trouble.BAD_QUESTION}
_TEXTS = {
    404: "not_found",
    413: "too_large",
    421: "misdirected",
    422: "bad_request",
    503: "unavailable",
    504: "unavailable",
}


def install(app: FastAPI) -> None:
    """Register an answer for every error that a route can raise."""
    app.add_exception_handler(TurnedAwayError, _turned_away)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StoreUnavailable, _unavailable)
    app.add_exception_handler(StoreTooSlow, _too_slow)
    app.add_exception_handler(ReaderBusy, _busy)
    app.add_exception_handler(IntakeSilent, _silent)
    app.add_exception_handler(BatchRefused, _refused)
    app.add_exception_handler(Exception, _failed)


def answer(request: Request, trouble: Trouble, detail: str, text: str | None = None) -> Response:
    """The problem as a page for browsers, else as problem+json. `text`: of the page, where the status does not say."""
    if is_program(request):
        body = {"type": trouble.uri, "title": trouble.title, "status": trouble.status, "detail": detail}
        return JSONResponse(body, status_code=trouble.status, media_type=PROBLEM_TYPE)
    text = text or _TEXTS.get(trouble.status, "failed")
    # A request for another host learns nothing about this service.
    told: dict[str, Any] = {"health": []} if trouble is Trouble.MISDIRECTED else {}
    return page(request, "problem.html", writer_for(request), status=trouble.status, text=text, detail=detail, **told)


async def _turned_away(request: Request, error: Exception) -> Response:
    """Browsers that only want to look are led to the page for signing in, and from there to where they were going."""
    assert isinstance(error, TurnedAwayError)  # registered for nothing else
    if error.why is Why.ELSEWHERE:
        return RedirectResponse(ARRIVALS, 303, headers={"Vary": "Cookie"})
    trouble = _OF_REASON[error.why]
    looks = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if error.why is Why.UNKNOWN and looks and not is_program(request):
        goes_to = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return RedirectResponse(f"{SIGN_IN}?{urlencode({'to': goes_to})}", 303, headers={"Vary": "Accept, Cookie"})
    response = answer(request, trouble, error.detail, _PEOPLE_READ[error.why])
    if trouble is Trouble.NOT_SIGNED_IN:
        bad = ', error="invalid_token"' if error.why is Why.BAD_TOKEN else ""
        response.headers["WWW-Authenticate"] = f'Bearer realm="noroshi"{bad}'
    return response


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # registered for nothing else
    if not hasattr(request.state, "caller"):  # no route was found, so no guard has looked
        request.state.caller = await find_caller_if_any(request)
    if error.status_code == UNREADABLE:
        return answer(request, Trouble.BAD_QUESTION, str(error.detail))
    trouble = _OF_STATUS.get(error.status_code, Trouble.BAD_QUESTION)
    response = answer(request, trouble, str(error.detail), _TEXTS.get(error.status_code))
    response.status_code = error.status_code
    response.headers.update(error.headers or {})
    if error.status_code == Trouble.METHOD.status:
        response.headers["Allow"] = ", ".join(sorted(_methods_of(request)))
    return response


def _methods_of(request: Request) -> set[str]:
    """Every method of this path: each of its routes knows its own alone."""
    found: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        pattern, _, _ = compile_path(str(route.path))
        if pattern.match(request.url.path):
            found |= set(route.methods or ())
    return found


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # registered for nothing else
    said = "; ".join(
        f"{_named(item['loc'])}: {str(item['msg']).removeprefix('Value error, ')}" for item in error.errors()
    )
    return answer(request, Trouble.BAD_QUESTION, said)


def _named(place: Sequence[int | str]) -> str:
    """The name of the parameter, without the index of one value among several."""
    return [str(part) for part in place if isinstance(part, str)][-1]


async def _unavailable(request: Request, error: Exception) -> Response:
    caller: Caller = getattr(request.state, "caller", ANYBODY)
    why = f": {error}" if caller.sees_everything else "."  # it may name a host and an account
    detail = f"The database is unavailable at the moment{why}"
    response = answer(request, Trouble.UNAVAILABLE, detail)
    response.headers["Retry-After"] = "5"
    return response


async def _too_slow(request: Request, error: Exception) -> Response:
    return answer(
        request,
        Trouble.TOO_SLOW,
        f"The query took too long; ask for a shorter period or fewer devices. The database says: {error}",
    )


async def _busy(request: Request, error: Exception) -> Response:
    assert isinstance(error, ReaderBusy)  # registered for nothing else
    response = answer(request, Trouble.BUSY, f"{error}; try again in {error.retry_after_s} s.")
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response


async def _silent(request: Request, error: Exception) -> Response:
    response = answer(request, Trouble.INTAKE_SILENT, f"{error}; try again in 5 s.")
    response.headers["Retry-After"] = "5"
    return response


async def _refused(request: Request, error: Exception) -> Response:
    return answer(request, Trouble.BAD_QUESTION, f"Invalid value; the database refused the query: {error}")


async def _failed(request: Request, _error: Exception) -> Response:
    """The error itself is logged by the server, never shown. This answer passes outside the other middleware."""
    response = answer(request, Trouble.FAILED, "The server failed to answer this request; its log has the cause.")
    response.headers.update(HEADERS)
    return response
