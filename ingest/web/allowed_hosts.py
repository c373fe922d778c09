"""Answers requests for our own host names alone."""

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.web import problems
from ingest.web.hosts import HostRule

ADVICE = "This service is not known by the name in this address. Its administrator adds names to web.allowed_hosts."


class AllowedHosts:
    """Answers 421 to requests for another host."""

    def __init__(self, app: ASGIApp, rule: HostRule) -> None:
        self._app = app
        self._rule = rule

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if its host is ours."""
        if scope["type"] == "http":
            host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), None)
            server = scope.get("server")
            if not self._rule.allows(host, server and server[0]):
                await problems.answer(Request(scope), problems.Trouble.MISDIRECTED, ADVICE)(scope, receive, send)
                return
        await self._app(scope, receive, send)
