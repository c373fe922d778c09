"""The headers that limit browsers: nothing from other hosts, nothing inline, no frames around our pages."""

from urllib.parse import urlsplit, urlunsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


REFERRER = "Referrer-Policy"
"""A page may limit this further."""

LEADS_OUT = "leads_out"
"""In the state of a request: the one location elsewhere that its answer may lead to, which is the OpenID provider."""


class SecurityHeaders:
    """Adds the headers to every answer, errors included. Files are revalidated, figures are never kept.

    Redirects become paths, so that no request can send a browser to another host.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers at the start of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        keeping = "no-cache" if scope["path"].startswith("/static/") else "no-store"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", keeping)
                if "location" in headers and headers["location"] != scope.get("state", {}).get(LEADS_OUT):
                    headers["Location"] = within(headers["location"])
                for name, value in HEADERS.items():
                    headers[name] = headers.get(name, value) if name == REFERRER else value
            await send(message)

        await self._app(scope, receive, send_with_headers)


def within(location: str) -> str:
    """A location as a path on this host: without a host, and not `//name`, which browsers take for one."""
    parts = urlsplit(location)
    path = "/" + parts.path.lstrip("/\\")
    return urlunsplit(("", "", path, parts.query, parts.fragment))
