"""What a request leaves in the audit log: refusals, visits, looks at the data of others. Bounded, off its path."""

from fastapi import Request

from ingest.access.audit import Action, Entry, entry_of
from ingest.access.caller import ANYBODY, Caller, Kind
from ingest.access.roles import Verb
from ingest.runtime.clients import client_of
from ingest.web.dependencies import whole_dependencies
from ingest.web.local import address_of
from ingest.web.programs import is_program
from ingest.web.rules import Rule
from ingest.web.trail import trail_of
from ingest.web.turned_away import TurnedAwayError, Why

MINUTE_S, HOUR_S = 60.0, 3600.0
SECRET = ("/link/", "/watch/ack/")
"""Behind these stands a secret, which the log must not have."""
_NOT_NOTED = (Why.UNKNOWN, Why.UNCLAIMED, Why.ELSEWHERE)
"""Nobody tried anything: they have yet to sign in, or are led to their own first page."""


def client_address(request: Request) -> str:
    """The address of whoever asks, as the audit log keeps it and wrong guesses are counted by."""
    return address_of(request, whole_dependencies(request).door.sign_in.proxy_addresses)


def note_refusal(request: Request, refused: TurnedAwayError) -> None:
    """Note that somebody was not let in: once a minute for a person, a token, or an address where nobody is known."""
    if refused.why in _NOT_NOTED:
        return
    caller: Caller = getattr(request.state, "caller", ANYBODY)
    address = client_address(request)
    trail = trail_of(request)
    if trail.is_due((Action.ACCESS_REFUSED, caller.actor or client_of(address)), MINUTE_S):
        after = {"why": refused.why.name.lower(), "method": request.method}
        path = next((f"{each}..." for each in SECRET if request.url.path.startswith(each)), request.url.path)
        trail.note(entry_of(caller, Action.ACCESS_REFUSED, path, after=after), address)


def note_visit(request: Request, rule: Rule) -> None:
    """Note what was looked at: each page once an hour for a person, and organisations of which one is no member."""
    caller: Caller = request.state.caller
    if rule.verb is None or caller.kind not in (Kind.PERSON, Kind.PROGRAM):
        return
    if rule.verb is Verb.SEE and caller.everywhere is not None:
        _note_looks_elsewhere(request, caller)
    if caller.kind is Kind.PERSON and not is_program(request):
        page = request.scope["route"].name
        _note_hourly(request, entry_of(caller, Action.PAGE_SEEN, page), (caller.person_id, page))


def _note_looks_elsewhere(request: Request, caller: Caller) -> None:
    """Without a chosen organisation all of them are seen."""
    for seat in caller.seats:
        if not seat.member and caller.chosen in (None, seat.organisation_id):
            entry = entry_of(caller, Action.LOOKED_ELSEWHERE, seat.code, organisation=seat.code)
            _note_hourly(request, entry, (caller.session or caller.token_id or caller.person_id, seat.organisation_id))


def _note_hourly(request: Request, entry: Entry, key: tuple[object, ...]) -> None:
    trail = trail_of(request)
    if trail.is_due((entry.action, *key), HOUR_S):
        trail.note(entry, client_address(request))
