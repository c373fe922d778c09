"""The dependencies of pages and API on other rooms, passed in by the composition root."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fastapi import Request
from pydantic import SecretStr

from ingest.access.access import Access
from ingest.access.caller import ANYBODY, Caller
from ingest.access.roles import Verb
from ingest.account import Balance
from ingest.errors import StoreUnavailable
from ingest.report.read.apart import Taker
from ingest.settings.sign_in import SignInSettings
from ingest.store.database import translated
from ingest.store.wall import Wall
from ingest.telemetry.health import Concern, Trouble
from ingest.web.hosts import HostRule
from ingest.web.notices import Notices
from ingest.web.rules import rule_of
from schemas.bilingual import Bilingual, quoted


@dataclass(frozen=True)
class Door:
    """What the settings say about letting people in.

    `url`: where people find the pages, empty if that is not known. `https`: whether browsers reach them by https, so
    that the cookie of a session is kept from everything else. `metrics_token`: opens /metrics from elsewhere.
    `mail_sender`: the address that e-mails come from; empty while none are sent. `push_key_file`: of notices to phones.
    """

    url: str = ""
    https: bool = False
    metrics_token: SecretStr | None = None
    sign_in: SignInSettings = field(default_factory=SignInSettings)
    mail_sender: str = ""
    push_key_file: Path | None = None


@dataclass(frozen=True)
class WebDependencies:
    """Access to the database and to the running process.

    `connect`: a database connection for the length of a `with` block; called from threads.
    `live`: the balance of the intake, now. `metrics`: the text of /metrics. Both are None while it does not answer.
    `health`: what is wrong with the service; empty when all is well. `alive`: whether the loop of the intake turns.
    `connect_stream`: as `connect`, for long answers, which must not keep the others waiting.
    `hosts`: the host names that are answered. `door`: the settings of letting people in.
    `access`: the accounts; None for an installation without any, which answers this machine as an unclaimed one does.
    `caller`: who asks; every connection is theirs. `wall`: called with each connection before it is used, and with what
    its caller may see (`Caller.projects_setting`, `Caller.networks_setting`).
    `notices`: what every page says above its content. `taker`: takes over workbooks of reports that come back.
    """

    connect: Callable[[], AbstractContextManager[Any]]
    live: Callable[[], Balance | None]
    metrics: Callable[[], bytes | None]
    health: Callable[[], list[Trouble]]
    connect_stream: Callable[[], AbstractContextManager[Any]]
    alive: Callable[[], bool] = lambda: True
    hosts: HostRule = field(default_factory=lambda: HostRule("127.0.0.1"))
    access: Access | None = None
    door: Door = field(default_factory=Door)
    wall: Callable[[Any, str, str], None] = field(default_factory=Wall)
    caller: Caller = ANYBODY
    notices: Notices = field(default_factory=Notices)
    taker: Taker | None = None

    @contextmanager
    def database(self) -> Iterator[Any]:
        """A connection that sees what the caller may see.

        Raises StoreUnavailable, or BatchRefused for a query that the database refuses.
        """
        with translated(), self.connect() as connection:
            self._build_wall(connection)
            yield connection

    @contextmanager
    def stream_database(self) -> Iterator[Any]:
        """A connection for a stream; sees and raises as `database` does."""
        with translated(), self.connect_stream() as connection:
            self._build_wall(connection)
            yield connection

    def _build_wall(self, connection: Any) -> None:
        self.wall(connection, self.caller.projects_setting, self.caller.networks_setting)


async def database_answers(request: Request) -> None:
    """For pages: raises StoreUnavailable while the database is known not to answer, so that nobody waits for it."""
    deps = dependencies(request)
    for trouble in deps.health():
        if trouble.concern is Concern.DATABASE:
            raise StoreUnavailable(quoted(trouble.detail) if deps.caller.sees_everything else NO_DATABASE)


NO_DATABASE = Bilingual("データベースが応答しません", "the database does not answer")
"""For somebody who does not see everything: no names of hosts and accounts."""


def dependencies(request: Request) -> WebDependencies:
    """The dependencies of the application, bound to whoever asks. The guard has let them in before.

    The networks of an installer are behind the wall of the routes of arrivals alone: whoever is a viewer elsewhere too
    would else read everything that was measured there.
    """
    caller: Caller = request.state.caller
    rule = rule_of(request.scope["route"].endpoint)
    if rule is None or rule.verb is not Verb.ARRIVALS:
        caller = replace(caller, networks=frozenset())
    return replace(whole_dependencies(request), caller=caller)


def whole_dependencies(request: Request) -> WebDependencies:
    """The dependencies as the application was created with them: for the guard, and for what is about nobody's data."""
    found = request.app.state.dependencies
    assert isinstance(found, WebDependencies)  # set by create_app
    return found
