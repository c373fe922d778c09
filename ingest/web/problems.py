"""What goes wrong, said clearly: problem+json (RFC 9457) to programs, a page to people."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from ingest.errors import BatchRefused, StoreUnavailable
from ingest.web.headers import HEADERS
from ingest.web.render import page, writer_for

PROBLEM_TYPE = "application/problem+json"
_PROGRAMS = ("/api/", "/metrics", "/livez", "/readyz", "/openapi.json")
_TEXTS = {404: "not_found", 422: "bad_request", 503: "unavailable"}


def install(app: FastAPI) -> None:
    """Answer for everything that can be raised below."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StoreUnavailable, _unavailable)
    app.add_exception_handler(BatchRefused, _refused)
    app.add_exception_handler(Exception, _failed)


def answer(request: Request, status: int, detail: str) -> Response:
    """The problem in the form the asker can read."""
    if request.url.path.startswith(_PROGRAMS):
        body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
        return JSONResponse(body, status_code=status, media_type=PROBLEM_TYPE)
    return page(
        request, "problem.html", writer_for(request), status=status, text=_TEXTS.get(status, "failed"), detail=detail
    )


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # registered for nothing else
    response = answer(request, error.status_code, str(error.detail))
    response.headers.update(error.headers or {})
    return response


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # registered for nothing else
    said = "; ".join(f"{item['loc'][-1]}: {str(item['msg']).removeprefix('Value error, ')}" for item in error.errors())
    return answer(request, 422, said)


async def _unavailable(request: Request, error: Exception) -> Response:
    response = answer(request, 503, f"The database cannot be reached at the moment: {error}")
    response.headers["Retry-After"] = "5"
    return response


async def _refused(request: Request, error: Exception) -> Response:
    return answer(request, 422, f"This cannot be asked: {error}")


async def _failed(request: Request, _error: Exception) -> Response:
    """The error itself is logged by the server, never shown. This answer passes outside the other middleware."""
    response = answer(request, 500, "The server failed to answer this request.")
    response.headers.update(HEADERS)
    return response
