"""The browser's part: led to the provider, and back with its answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from structlog.testing import capture_logs

from ingest.access.open_id.sign_in import Admitted, OpenIdSignIn
from ingest.access.signing_in import OpenIdAnswer, OpenIdBegun, Refused
from ingest.settings.sign_in import OpenIdSettings
from ingest.store.database import Database as Connection
from tests.access.open_id.provider import CLIENT, SECRET, Provider
from tests.fixtures.database import Database

HERE = "https://noroshi.example.lg.jp"
ROLES = [
    {"value": "tea-staff", "role": "viewer", "project": "tea"},
    {"value": "tea-lead", "role": "operator", "project": "tea"},
    {"value": "city-admin", "role": "admin", "organisation": "222160"},
    {"value": "watch", "role": "viewer"},
    {"value": "nowhere", "role": "viewer", "project": "no-such"},
]


class Installation:
    """Ours, with a project `tea` of the organisation 222160, and clocks that a test may turn."""

    def __init__(self, database: Database, provider: Provider, **settings: Any) -> None:
        self.database = database
        self.provider = provider
        self.connection = database.connect()
        self.later = timedelta()
        self.elapsed_s = 0.0
        self.connection.execute("insert into project (code, name) values ('tea', '茶園') on conflict do nothing")
        self.connection.execute(
            "insert into organisation (code, name) values ('222160', '袋井市') on conflict do nothing"
        )
        right: dict[str, Any] = {
            "issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, "department_claim": "department",
            "roles": ROLES, "timeout_s": 5,
        }  # fmt: skip
        self.open_id = OpenIdSignIn(
            self.connected, OpenIdSettings.model_validate(right | settings), HERE, self.now, lambda: self.elapsed_s
        )

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        yield self.connection

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def begin(self, goes_to: str = "/") -> OpenIdBegun:
        begun = self.open_id.begin(goes_to)
        assert isinstance(begun, OpenIdBegun)
        return begun

    def sign_in(self, goes_to: str = "/") -> Admitted | Refused:
        begun = self.begin(goes_to)
        return self.open_id.finish(answer(begun), "192.0.2.7")

    def refused(self, begun: OpenIdBegun | None = None, given: OpenIdAnswer | None = None) -> tuple[str, str, str]:
        """(why in the log, its detail, what the browser is told) of a sign-in; fails if it was let in."""
        with capture_logs() as logs:
            outcome = self.open_id.finish(given or answer(begun or self.begin()), "192.0.2.7")
        assert isinstance(outcome, Refused)
        told = [entry for entry in logs if entry["event"] == "open_id_refused"]
        assert len(told) == 1
        return told[0]["why"], told[0]["detail"], outcome.why.value

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement.encode()).fetchall()


def answer(begun: OpenIdBegun, cookie: str | None = None) -> OpenIdAnswer:
    """Go to the provider as a browser does, and bring back what it says."""
    led = httpx.get(begun.address, follow_redirects=False, trust_env=False, timeout=60)
    assert led.status_code == 302
    back = urlsplit(led.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"{HERE}/sign-in/open-id/answer"
    said = {name: values[0] for name, values in parse_qs(back.query).items()}
    return OpenIdAnswer(
        state=said.get("state", ""),
        cookie=begun.cookie if cookie is None else cookie,
        code=said.get("code", ""),
        error=said.get("error", ""),
        issuer=said.get("iss", ""),
    )
