"""Answers to errors: problem+json (RFC 9457) for programs, a page for people."""

from collections.abc import Sequence
from enum import Enum

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from ingest.errors import BatchRefused, IntakeSilent, ReaderBusy, StoreTooSlow, StoreUnavailable
from ingest.web.headers import HEADERS
from ingest.web.render import page, writer_for

PROBLEM_TYPE = "application/problem+json"
_PROGRAMS = ("/api/", "/metrics", "/livez", "/readyz", "/openapi.json")


class Trouble(Enum):
    """The closed list of what can go wrong: type, title and status of a problem."""

    BAD_QUESTION = "bad-question", "Invalid request", 422
    NOT_FOUND = "not-found", "Not found", 404
    METHOD = "method-not-allowed", "Method not allowed: this API is read-only", 405
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


_OF_STATUS = {404: Trouble.NOT_FOUND, 405: Trouble.METHOD, 406: Trouble.NOT_ACCEPTABLE, 422: Trouble.BAD_QUESTION}
_TEXTS = {404: "not_found", 421: "misdirected", 422: "bad_request", 503: "unavailable", 504: "unavailable"}


def install(app: FastAPI) -> None:
    """Register an answer for every error that a route can raise."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StoreUnavailable, _unavailable)
    app.add_exception_handler(StoreTooSlow, _too_slow)
    app.add_exception_handler(ReaderBusy, _busy)
    app.add_exception_handler(IntakeSilent, _silent)
    app.add_exception_handler(BatchRefused, _refused)
    app.add_exception_handler(Exception, _failed)


def answer(request: Request, trouble: Trouble, detail: str) -> Response:
    """The problem as a page for browsers, else as problem+json."""
    if request.url.path.startswith(_PROGRAMS):
        body = {"type": trouble.uri, "title": trouble.title, "status": trouble.status, "detail": detail}
        return JSONResponse(body, status_code=trouble.status, media_type=PROBLEM_TYPE)
    text = _TEXTS.get(trouble.status, "failed")
    # A request for another host learns nothing about this service.
    told: dict[str, object] = {"health": []} if trouble is Trouble.MISDIRECTED else {}
    return page(request, "problem.html", writer_for(request), status=trouble.status, text=text, detail=detail, **told)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # registered for nothing else
    response = answer(request, _OF_STATUS.get(error.status_code, Trouble.BAD_QUESTION), str(error.detail))
    response.status_code = error.status_code
    response.headers.update(error.headers or {})
    return response


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
    response = answer(request, Trouble.UNAVAILABLE, f"The database is unavailable at the moment: {error}")
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
