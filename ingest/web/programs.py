"""Tells programs from browsers: a program gets problem+json, a browser a page."""

from starlette.requests import HTTPConnection

_PATHS = ("/api/", "/metrics", "/livez", "/readyz", "/openapi.json")


def bearer_token(request: HTTPConnection) -> str | None:
    """The token of `Authorization: Bearer`; None without one. Other schemes may be between browser and proxy."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def is_program(request: HTTPConnection) -> bool:
    """Whether a program asks: by the path of one, or with a token."""
    return request.scope["path"].startswith(_PATHS) or bearer_token(request) is not None
