"""People between the two steps of signing in: the password was right, the code is yet to come."""

import secrets
from collections import OrderedDict
from threading import Lock
from time import monotonic
from typing import NamedTuple

LASTS_S = 180.0
MOST = 200
"""So many at a time, of whom each knew a password; beyond it the first has to begin anew."""


class _Entered(NamedTuple):
    login: str
    password: str
    at_s: float


class Halfway:
    """Keeps login and password in memory, so that they need not travel through the page of the second step."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entered: OrderedDict[str, _Entered] = OrderedDict()

    def keep(self, login: str, password: str) -> str:
        """The ticket with which the code is to come, within LASTS_S."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            self._drop_old()
            self._entered[ticket] = _Entered(login, password, monotonic())
            if len(self._entered) > MOST:
                self._entered.popitem(last=False)
        return ticket

    def take(self, ticket: str) -> tuple[str, str] | None:
        """Login and password of a ticket, which is used up by it; None if it is too old or none of ours."""
        with self._lock:
            self._drop_old()
            found = self._entered.pop(ticket, None)
        return None if found is None else (found.login, found.password)

    def _drop_old(self) -> None:
        before_s = monotonic() - LASTS_S
        while self._entered and next(iter(self._entered.values())).at_s < before_s:
            self._entered.popitem(last=False)
