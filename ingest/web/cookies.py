"""The cookies: of a session, of a wall display, and one that ties an OpenID sign-in to the browser that began it."""

from fastapi import Request
from starlette.responses import Response

from ingest.web.dependencies import Door


def session_cookie(door: Door) -> str:
    """The name of the cookie. With `__Host-` a browser takes it by https alone, and from no host but this one."""
    return "__Host-noroshi" if door.https else "noroshi"


def open_id_cookie(door: Door) -> str:
    """The name of the cookie of a sign-in at the provider."""
    return f"{session_cookie(door)}-open-id"


def display_cookie(door: Door) -> str:
    """The name of the cookie with the token of a wall display. No route but the page of the wall looks at it."""
    return f"{session_cookie(door)}-wall"


def read_cookie(request: Request, name: str) -> str:
    """The value of a cookie; empty if there is none."""
    return request.cookies.get(name, "")


def set_cookie(response: Response, door: Door, name: str, secret: str, lives_s: int | None = None) -> None:
    """Give the browser a secret that no script reads. It is kept for `lives_s`, else until the browser is closed."""
    response.set_cookie(name, secret, max_age=lives_s, path="/", secure=door.https, httponly=True, samesite="lax")


def clear_cookie(response: Response, door: Door, name: str) -> None:
    """Have the browser forget it."""
    response.delete_cookie(name, path="/", secure=door.https, httponly=True, samesite="lax")
