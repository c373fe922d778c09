"""Finds who asks: by a token, a session, a proxy that is trusted, or because there are no accounts yet."""

from collections.abc import Callable
from typing import TypeVar

from anyio.to_thread import run_sync
from fastapi import Request

from ingest.access.access import Access
from ingest.access.caller import ANYBODY, UNCLAIMED, Caller, Kind
from ingest.access.proxy import ProxyRefused, login_of_proxy
from ingest.access.roles import Verb
from ingest.errors import NoroshiError, StoreUnavailable
from ingest.telemetry.health import Concern
from ingest.web.cookies import display_cookie, read_cookie, session_cookie
from ingest.web.dependencies import NO_DATABASE, WebDependencies, whole_dependencies
from ingest.web.local import is_local
from ingest.web.programs import bearer_token, is_program
from ingest.web.turned_away import TurnedAwayError, Why

Found = TypeVar("Found")


async def find_caller(request: Request) -> Caller:
    """Who asks; ANYBODY if nobody is known. Raises TurnedAwayError for a token that is not good, StoreUnavailable."""
    deps = whole_dependencies(request)
    if deps.access is None:
        return UNCLAIMED if _is_here(request) else ANYBODY
    token = bearer_token(request)
    if token is not None:
        return await _find_program(request, deps.access, token)
    login = named_by_proxy(request)
    if login is not None:
        return await _find_by_proxy(request, deps, deps.access, login)
    return await _find_by_session(request, deps, deps.access) or await _find_unclaimed(request, deps.access)


async def find_display(request: Request) -> Caller:
    """The wall display whose token is in its cookie; ANYBODY without one. Raises as `find_caller`."""
    deps = whole_dependencies(request)
    token = read_cookie(request, display_cookie(deps.door))
    if deps.access is None or not token:
        return ANYBODY
    return await _find_program(request, deps.access, token)


async def find_caller_if_any(request: Request) -> Caller:
    """Who asks, for a route that is open to everybody: a bad token and a database that is away make it ANYBODY.

    Without a token, a cookie and a proxy that names somebody the database is not asked; nor is it for a proxy that asks
    whether the service is well.
    """
    deps = whole_dependencies(request)
    if deps.access is not None and not _presents(request, deps):
        unclaimed = _is_here(request) and claimed_of(request).known is False
        return UNCLAIMED if unclaimed else ANYBODY
    try:
        return await find_caller(request)
    except (TurnedAwayError, NoroshiError):
        return ANYBODY


def _presents(request: Request, deps: WebDependencies) -> bool:
    """Whether the request has anything by which somebody could be known."""
    if bearer_token(request) is not None or read_cookie(request, session_cookie(deps.door)):
        return True
    try:
        return not is_program(request) and named_by_proxy(request) is not None
    except TurnedAwayError:
        return False


class Claimed:
    """Whether this installation has an admin. Once it has one it stays claimed as long as this process runs.

    Else whoever removes the last admin, or makes the database forget, would open every page on this machine.
    """

    def __init__(self) -> None:
        self.known: bool | None = None

    def ask(self, access: Access) -> bool:
        """Ask the database, unless it is claimed already."""
        if not self.known:
            self.known = access.has_admin()
        return self.known


def claimed_of(request: Request) -> Claimed:
    """What is known of this installation."""
    found = request.app.state.claimed
    assert isinstance(found, Claimed)  # set by create_app
    return found


async def is_claimed(request: Request) -> bool:
    """Whether somebody administers this installation, so that people sign in. Without accounts nobody does."""
    claimed, access = claimed_of(request), whole_dependencies(request).access
    if access is None or claimed.known:
        return bool(claimed.known)
    return await _ask(request, lambda: claimed.ask(access))


async def _find_program(request: Request, access: Access, token: str) -> Caller:
    caller = access.remembered(token) or await _ask(request, lambda: access.caller_of_token(token))
    if caller is None:
        raise TurnedAwayError(Why.BAD_TOKEN, "The token is not valid: it expired, was revoked, or never was.")
    return caller


async def _find_by_session(request: Request, deps: WebDependencies, access: Access) -> Caller | None:
    secret = read_cookie(request, session_cookie(deps.door))
    if not secret:
        return None
    return access.remembered(secret) or await _ask(request, lambda: access.caller_of_session(secret))


def named_by_proxy(request: Request) -> str | None:
    """The login that a trusted proxy names; None without one. Raises TurnedAwayError if it names nobody, or several."""
    peer = request.client.host if request.client else ""
    try:
        return login_of_proxy(whole_dependencies(request).door.sign_in, peer, request.scope["headers"])
    except ProxyRefused as refused:
        raise TurnedAwayError(Why.BAD_PROXY, f"The proxy in front does not say who asks: {refused}.") from None


async def _find_by_proxy(request: Request, deps: WebDependencies, access: Access, login: str) -> Caller:
    """The person named by a trusted proxy. Their own session counts: it knows which organisation they chose.

    A session of somebody else does not: another person may have left it in this browser. Whether the login is unknown
    or disabled is not told.
    """
    by_session = await _find_by_session(request, deps, access)
    if by_session is not None and by_session.login == login:
        return by_session
    caller = await _ask(request, lambda: access.caller_of_proxy(login))
    if caller is None:
        raise TurnedAwayError(Why.NOT_ADMITTED, "The proxy in front names somebody who is not let in here.")
    return caller


async def _find_unclaimed(request: Request, access: Access) -> Caller:
    claimed = claimed_of(request)
    if claimed.known or not _is_here(request):
        return ANYBODY
    return ANYBODY if await _ask(request, lambda: claimed.ask(access)) else UNCLAIMED


def _is_here(request: Request) -> bool:
    return is_local(request, whole_dependencies(request).door.sign_in.proxy_addresses)


async def _ask(request: Request, ask: Callable[[], Found]) -> Found:
    """What the accounts say, from a thread. Where the database is known to be away nobody waits for it."""
    if not is_program(request):  # the API does not ask the intake before it answers, so it may know an old state
        troubles = whole_dependencies(request).health()
        if any(trouble.concern is Concern.DATABASE for trouble in troubles):
            raise StoreUnavailable(NO_DATABASE)
    return await run_sync(ask)


def standing_of(request: Request) -> Callable[[], bool]:
    """What tells, from a thread, whether the caller of a long answer may still see what they were given."""
    deps, caller = whole_dependencies(request), request.state.caller
    token, secret = bearer_token(request), read_cookie(request, session_cookie(deps.door))
    access = deps.access
    if access is None or caller.kind not in (Kind.PERSON, Kind.PROGRAM):
        return lambda: True

    def ask() -> Caller | None:
        if token:
            return access.caller_of_token(token)
        return access.caller_of_session(secret) if caller.session else access.caller_of_proxy(caller.login)

    def stands() -> bool:
        try:
            now = ask()
        except NoroshiError:  # the database is away: the answer itself will fail, if it needs it
            return True
        return now is not None and _sees_as_much(now, caller)

    return stands


def _sees_as_much(now: Caller, then: Caller) -> bool:
    """Whether everything that was visible still is. What was chosen meanwhile, in another tab, takes nothing away."""
    if not (then.scopes <= now.scopes and now.may(Verb.SEE)):
        return False
    if now.everywhere is not None and now.everywhere.may(Verb.SEE):
        return True
    if then.everywhere is not None:
        return False
    if now.chosen != then.chosen:
        return {seat.organisation_id for seat in then.seats} <= {seat.organisation_id for seat in now.seats}
    return _ids(then) <= _ids(now)


def _ids(caller: Caller) -> set[str]:
    return {*caller.projects_setting.split(","), *(f"n{each}" for each in caller.networks)} - {""}
