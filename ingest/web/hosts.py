"""Under which names the pages may be asked for.

A page elsewhere can let its own name point to this machine (DNS rebinding); the browser then believes that what we
answer is that page's. It cannot give itself one of our names.
"""

from collections.abc import Sequence
from ipaddress import ip_address

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.web import problems

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  compared, not bound
ADVICE = "This service is not known by the name in this address. Its administrator adds names to web.allowed_hosts."


class HostRule:
    """Which Host is ours, where we listen on `listens_on` and are also called `names`.

    Always: `localhost`, and the address the connection came to, which is how a probe asks. Where we listen on all
    addresses, every address in figures: it may be one of a machine in front of us, and nobody can make a name of it.
    """

    def __init__(self, listens_on: str, names: Sequence[str] = ()) -> None:
        self._names = {"localhost", _plain(listens_on), *(_plain(name) for name in names)}
        self._any_address = listens_on in EVERYWHERE

    def allows(self, host: str | None, came_to: str | None) -> bool:
        """`host`: the header, None without one, which no browser leaves out. `came_to`: our end of the connection."""
        if host is None:
            return True
        name = _plain(_without_port(host))
        if name in self._names or (came_to is not None and name == _plain(came_to)):
            return True
        return self._any_address and _is_address(name)


class AllowedHosts:
    """Answers 421 to everybody who asks for somebody else."""

    def __init__(self, app: ASGIApp, rule: HostRule) -> None:
        self._app = app
        self._rule = rule

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it is for us."""
        if scope["type"] == "http":
            host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), None)
            server = scope.get("server")
            if not self._rule.allows(host, server and server[0]):
                await problems.answer(Request(scope), problems.Trouble.MISDIRECTED, ADVICE)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _plain(name: str) -> str:
    """As names are compared: an address of IPv6 without brackets and zone, and in one spelling."""
    bare = name.strip().removeprefix("[").removesuffix("]").lower().removesuffix(".")
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return bare
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
