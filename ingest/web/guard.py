"""Lets a request in, or not: who asks is found once, and held against the rule of the route."""

import hmac

from fastapi import Request

from ingest.access.caller import Caller, Kind
from ingest.access.roles import Scope, Verb
from ingest.web.callers import find_caller, find_caller_if_any, find_display, is_claimed
from ingest.web.dependencies import whole_dependencies
from ingest.web.forms import require_own_form
from ingest.web.local import is_local
from ingest.web.noted import note_refusal, note_visit
from ingest.web.programs import bearer_token
from ingest.web.rules import METRICS, Rule, rule_of
from ingest.web.turned_away import TurnedAwayError, Why

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


async def guard(request: Request) -> None:
    """Runs before every route. A route without a rule lets nobody in. Raises TurnedAwayError, StoreUnavailable."""
    rule = rule_of(request.scope["route"].endpoint)
    try:
        if rule is None:
            raise TurnedAwayError(Why.NOT_ALLOWED, "Nobody is allowed to use this path: it has no rule.")
        if rule is METRICS:
            request.state.caller = await _find_monitor(request)
        elif rule.anybody:
            request.state.caller = await find_caller_if_any(request)
        else:
            request.state.caller = await find_caller(request)
            if rule.display and request.state.caller.kind is Kind.ANYBODY:
                request.state.caller = await find_display(request)
            await _require(request, request.state.caller, rule)
        by_token = rule.scope is not None and request.state.caller.kind is Kind.PROGRAM
        # No browser adds a token by itself, so a page elsewhere cannot make one send anything in a program's name.
        if request.method not in SAFE_METHODS and not by_token:
            await require_own_form(request, request.state.caller, rule)
    except TurnedAwayError as refused:
        await request.close()  # what was sent as a file is not kept
        note_refusal(request, refused)
        raise
    note_visit(request, rule)


def caller_of(request: Request) -> Caller:
    """Who asks. The guard has let them in before any route runs."""
    found = request.state.caller
    assert isinstance(found, Caller)  # set by the guard
    return found


async def _require(request: Request, caller: Caller, rule: Rule) -> None:
    """Raise TurnedAwayError unless the rule lets the caller in."""
    if caller.kind is Kind.ANYBODY:
        if await is_claimed(request):
            raise TurnedAwayError(Why.UNKNOWN, "Sign in, or send `Authorization: Bearer` and a token.")
        raise TurnedAwayError(
            Why.UNCLAIMED,
            "Nobody administers this installation yet, so only its own machine is answered: run `noroshi access init`.",
        )
    if caller.kind is Kind.PROGRAM and not has_scope(caller, rule.scope):
        need = (
            "No token may be used for this path." if rule.scope is None else f"The token lacks the scope {rule.scope}."
        )
        raise TurnedAwayError(Why.SCOPE, need)
    allowed = caller.kind is Kind.PERSON if rule.verb is None else caller.may(rule.verb)
    if not allowed and request.url.path == "/" and caller.kind is Kind.PERSON and caller.may(Verb.ARRIVALS):
        raise TurnedAwayError(Why.ELSEWHERE, "The first page of an installer is /arrivals.")
    if not allowed:
        raise TurnedAwayError(Why.NOT_ALLOWED, "Your role does not allow this; an administrator can change it.")


def has_scope(caller: Caller, scope: Scope | None) -> bool:
    """Whether a token may be used for this. Who may read single readings may read their sums."""
    if scope is Scope.FIGURES:
        return bool(caller.scopes & {Scope.FIGURES, Scope.READINGS})
    return scope is not None and scope in caller.scopes


async def _find_monitor(request: Request) -> Caller:
    """Who reads /metrics. Neither this machine nor the token of the settings asks the database."""
    deps = whole_dependencies(request)
    token, own = bearer_token(request), deps.door.metrics_token
    if token is not None:
        if own is not None and hmac.compare_digest(token.encode(), own.get_secret_value().encode()):
            return MONITOR
        caller = await find_caller(request)
        if Scope.METRICS in caller.scopes and caller.everywhere is not None:
            return caller
        raise TurnedAwayError(Why.SCOPE, f"The token lacks the scope {Scope.METRICS}.")
    if is_local(request, deps.door.sign_in.proxy_addresses):
        return MONITOR
    raise TurnedAwayError(
        Why.UNKNOWN,
        "/metrics answers this machine alone; from elsewhere send `Authorization: Bearer` and web.metrics_token,"
        " or a token with the scope metrics.",
    )


MONITOR = Caller(Kind.PROGRAM, name="metrics", scopes=frozenset({Scope.METRICS}))
"""Whoever may read /metrics without being known: it sees no project."""
