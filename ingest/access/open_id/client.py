"""What is asked of the provider: its description of itself, its keys, and tokens for a code (with PKCE)."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import quote, urlsplit

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from ingest.access.open_id.fetch import Fetcher
from ingest.access.open_id.keys import MAX_KEYS, Key, key_of
from ingest.access.open_id.refused import AnswerRefused, Why
from ingest.settings.sign_in import OpenIdSettings, is_loopback

KEEP_S = 900.0
"""For so long the description and the keys are believed: a key that the provider withdrew is no longer after it."""
KEYS_AGAIN_S = 60.0
"""An unknown key id has the keys fetched again, no more often than this: nobody makes us a burden to the provider."""


@dataclass(frozen=True, slots=True)
class Description:
    """What the provider says of itself, checked."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    secret_in_form: bool
    """Whether the secret may stand in the form. Else it is HTTP Basic, where providers disagree about escaping."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What came for a code."""

    id_token: str
    access_token: str | None


class Client:
    """We, as the provider's client. Thread-safe. Two threads may fetch the same at once; each result is good."""

    def __init__(
        self, settings: OpenIdSettings, answers_at: str, elapsed_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._answers_at = answers_at
        self._elapsed_s = elapsed_s
        self._fetcher = Fetcher(settings)
        self._lock = Lock()
        self._description: tuple[float, Description] | None = None
        self._keys: tuple[float, list[object]] | None = None

    def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where to lead the browser. Raises AnswerRefused."""
        address: str = prepare_grant_uri(
            self._describe().authorization_endpoint,
            client_id=self._settings.client_id,
            response_type="code",
            redirect_uri=self._answers_at,
            scope=" ".join(dict.fromkeys(("openid", *self._settings.scopes))),
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address

    def redeem(self, code: str, verifier: str) -> Tokens:
        """The tokens for a code. Raises AnswerRefused."""
        description = self._describe()
        form: str = prepare_token_request(
            "authorization_code", redirect_uri=self._answers_at, code=code, code_verifier=verifier
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        client = self._authentication(in_form=description.secret_in_form)
        _, headers, form = client.prepare("POST", description.token_endpoint, headers, form)
        answer = self._fetcher.post(description.token_endpoint, form, headers)
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str):
            raise AnswerRefused(Why.BAD_ANSWER, "no id_token")
        return Tokens(id_token, access_token if isinstance(access_token, str) else None)

    def find_key(self, algorithm: str, kid: str | None) -> Key | None:
        """The provider's key of this id for an algorithm of `keys.KINDS`. Raises AnswerRefused.

        After a rotation the id is unknown: then the keys are fetched again, at most once in KEYS_AGAIN_S.
        """
        found = key_of(self._published(KEEP_S), algorithm, kid)
        return found if found is not None else key_of(self._published(KEYS_AGAIN_S), algorithm, kid)

    def _authentication(self, *, in_form: bool) -> ClientAuth:
        settings = self._settings
        if settings.client_secret is None:
            return ClientAuth(settings.client_id, None, "none")
        secret = settings.client_secret.get_secret_value()
        if in_form:
            return ClientAuth(settings.client_id, secret, "client_secret_post")
        return ClientAuth(quote(settings.client_id, safe=""), quote(secret, safe=""), "client_secret_basic")

    def _describe(self) -> Description:
        with self._lock:
            kept = self._description
        if kept is not None and self._elapsed_s() - kept[0] < KEEP_S:
            return kept[1]
        at_s = self._elapsed_s()
        issuer = self._settings.issuer
        answer = self._fetcher.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        described = _description_of(answer, issuer)
        with self._lock:
            self._description = (at_s, described)
        return described

    def _published(self, newer_than_s: float) -> list[object]:
        with self._lock:
            kept = self._keys
        if kept is not None and self._elapsed_s() - kept[0] < newer_than_s:
            return kept[1]
        at_s = self._elapsed_s()
        keys = self._fetcher.get(self._describe().jwks_uri).get("keys")
        if not isinstance(keys, list) or len(keys) > MAX_KEYS:
            raise AnswerRefused(Why.BAD_ANSWER, "no list of keys, or too many")
        with self._lock:
            self._keys = (at_s, keys)
        return keys


def _description_of(answer: Mapping[str, Any], issuer: str) -> Description:
    """Its issuer must be ours to the letter: else the description could be somebody else's, and so all of its keys."""
    if answer.get("issuer") != issuer:
        raise AnswerRefused(Why.BAD_DESCRIPTION, f"issuer {str(answer.get('issuer'))[:200]}")
    methods = answer.get("token_endpoint_auth_methods_supported")
    return Description(
        authorization_endpoint=_address_of(answer, "authorization_endpoint", issuer),
        token_endpoint=_address_of(answer, "token_endpoint", issuer),
        jwks_uri=_address_of(answer, "jwks_uri", issuer),
        secret_in_form=isinstance(methods, list) and "client_secret_post" in methods,
    )


def _address_of(answer: Mapping[str, Any], name: str, issuer: str) -> str:
    address = answer.get(name)
    if not isinstance(address, str) or not _is_safe(address, issuer):
        raise AnswerRefused(Why.BAD_DESCRIPTION, name)
    return address


def _is_safe(address: str, issuer: str) -> bool:
    """https; on this machine alone http, where the issuer is here too."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if not parts.hostname or not address.isascii() or not address.isprintable():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(address) and is_loopback(issuer))
