"""Signing in by an OpenID provider: authorization code flow with PKCE, from the button to the person."""

import hmac
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from ingest.access.open_id.client import Client
from ingest.access.open_id.database import Request, Taken, admit, remember, take
from ingest.access.open_id.id_token import Expected, claims_of
from ingest.access.open_id.persons import identity_of
from ingest.access.open_id.refused import AnswerRefused, Why
from ingest.access.own_path import own_path
from ingest.access.secret import digest_of, new_secret
from ingest.access.signing_in import OpenIdAnswer, OpenIdBegun, Refusal, Refused
from ingest.settings.sign_in import OpenIdSettings
from ingest.store.database import Database

log = structlog.get_logger()

OPEN_FOR = timedelta(minutes=10)
"""For so long somebody may take to sign in at the provider."""
ANSWER_PATH = "/sign-in/open-id/answer"
"""The page to which the provider leads the browser back; it is registered there."""
_NOT_ADMITTED = frozenset({Why.NO_LOGIN, Why.LOGIN_TAKEN, Why.DISABLED})


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody whom the provider vouches for, and who may come in; there is no session yet."""

    person_id: int
    login: str
    goes_to: str


class OpenIdSignIn:
    """Thread-safe. Asks the provider, so each call may last as long as `timeout_s` allows it several times.

    `web_url`: the setting `web.url`. `elapsed_s`: a clock that never jumps, for what is kept of the provider.
    Raises SettingsRefused if `ca_file` cannot be read.
    """

    def __init__(
        self,
        connect: Callable[[], AbstractContextManager[Database]],
        settings: OpenIdSettings,
        web_url: str,
        now: Callable[[], datetime],
        elapsed_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._settings = settings
        self._now = now
        self._client = Client(settings, f"{web_url.rstrip('/')}{ANSWER_PATH}", elapsed_s)

    def begin(self, goes_to: str) -> OpenIdBegun | Refused:
        """Begin: an address at the provider, and a secret for the browser that is led there."""
        now = self._now()
        state, cookie, nonce, verifier = (new_secret() for _ in range(4))
        try:
            address = self._client.address(state, nonce, verifier)
        except AnswerRefused as refused:
            return _refused(refused)
        request = Request(state, cookie, nonce, verifier, own_path(goes_to), now + OPEN_FOR)
        with self._connect() as connection:
            remember(connection, request, now)
        return OpenIdBegun(address, cookie, int(OPEN_FOR.total_seconds()))

    def finish(self, answer: OpenIdAnswer, address: str | None) -> Admitted | Refused:
        """Hear the answer. Whatever it is, what was begun is over: it is used once. `address`: for the audit log."""
        try:
            begun = self._take(answer)
            if answer.error or not answer.code:
                raise AnswerRefused(Why.PROVIDER_ERROR, answer.error[:80])
            return self._admit(answer.code, begun, address)
        except AnswerRefused as refused:
            return _refused(refused)

    def _take(self, answer: OpenIdAnswer) -> Taken:
        with self._connect() as connection:
            begun = take(connection, answer.state)
        if begun is None or begun.expires_at <= self._now():
            raise AnswerRefused(Why.UNKNOWN_STATE)
        # Else somebody could have us sign a browser in as somebody else, who then works in a stranger's account.
        if not hmac.compare_digest(begun.cookie_digest, digest_of(answer.cookie) or b""):
            raise AnswerRefused(Why.OTHER_BROWSER)
        if answer.issuer and answer.issuer != self._settings.issuer:
            raise AnswerRefused(Why.BAD_ANSWER, "iss of the answer")
        return begun

    def _admit(self, code: str, begun: Taken, address: str | None) -> Admitted:
        tokens = self._client.redeem(code, begun.verifier)
        expected = Expected(self._settings.issuer, self._settings.client_id, begun.nonce, self._now())
        claims = claims_of(tokens.id_token, tokens.access_token, self._client.find_key, expected)
        if self._settings.roles_claim not in claims:
            # Entra ID leaves groups out where somebody has more than 200 of them, and says so in _claim_names.
            log.warning("open_id_without_roles", claim=self._settings.roles_claim, elsewhere="_claim_names" in claims)
        identity = identity_of(claims, self._settings)
        with self._connect() as connection:
            person = admit(connection, identity, address)
        if isinstance(person, Why):
            raise AnswerRefused(person, identity.subject[:80])
        for place in person.unknown_places:
            log.warning("open_id_role_of_unknown_place", organisation=place.organisation, project=place.project)
        return Admitted(person.person_id, person.login, begun.goes_to)


def _refused(refused: AnswerRefused) -> Refused:
    """Why stands in the log; the browser is told what to do."""
    log.warning("open_id_refused", why=refused.why.value, detail=refused.detail)
    if refused.why is Why.PROVIDER_BUSY:
        return Refused(Refusal.WAIT, retry_after_s=10)
    return Refused(Refusal.NOT_ADMITTED if refused.why in _NOT_ADMITTED else Refusal.PROVIDER)
