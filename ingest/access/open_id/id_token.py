"""The ID token: what is checked before its claims are believed. OpenID Connect Core 1.0, section 3.1.3.7."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from ingest.access.open_id.keys import KINDS, Key
from ingest.access.open_id.refused import AnswerRefused, Why

TOLERANCE_S = 60
"""So far the provider's clock and ours may be apart."""
MAX_CHARACTERS = 2**17

Claims = Mapping[str, Any]


class _Algorithms(JWSRegistry):
    """Our list and nothing else. The library warns of the name EdDSA, for it has two curves: we take Ed25519 alone."""

    def get_alg(self, name: str) -> Any:  # the library does not export the type
        if name not in KINDS:
            raise AnswerRefused(Why.BAD_ALGORITHM, str(name)[:40])
        return self.algorithms[name]


_ALGORITHMS = _Algorithms(algorithms=list(KINDS), strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Expected:
    """What an ID token must say to be for us, now, and for what this browser began."""

    issuer: str
    client_id: str
    nonce: str
    now: datetime


def claims_of(
    token: str, access_token: str | None, find_key: Callable[[str, str | None], Key | None], expected: Expected
) -> Claims:
    """The claims of an ID token, after every check.

    `find_key`: gives the provider's key for an algorithm and a key id. Raises AnswerRefused.
    """
    algorithm, kid = _header_of(token)
    key = find_key(algorithm, kid)
    if key is None:
        raise AnswerRefused(Why.UNKNOWN_KEY, f"{algorithm} {str(kid)[:80]}")
    try:
        claims = jwt.decode(token, key, registry=_ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise AnswerRefused(Why.BAD_TOKEN, f"signature or form: {type(error).__name__}") from None
    _check(claims, expected)
    _check_access_token(claims, access_token, algorithm)
    return claims


def _header_of(token: str) -> tuple[str, str | None]:
    """Algorithm and key id, as somebody wrote them: the signature is not checked yet."""
    if len(token) > MAX_CHARACTERS:
        raise AnswerRefused(Why.BAD_TOKEN, "too long")
    try:
        header = jws.extract_compact(token.encode(), registry=_ALGORITHMS).headers()
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise AnswerRefused(Why.BAD_TOKEN, f"no JWT: {type(error).__name__}") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in KINDS:
        raise AnswerRefused(Why.BAD_ALGORITHM, str(algorithm)[:40])
    if kid is not None and not isinstance(kid, str):
        raise AnswerRefused(Why.BAD_TOKEN, "kid")
    return algorithm, kid


def _check(claims: Claims, expected: Expected) -> None:
    registry = jwt.JWTClaimsRegistry(
        now=int(expected.now.timestamp()),
        leeway=TOLERANCE_S,
        iss={"essential": True, "value": expected.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": expected.client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True},
    )
    try:
        registry.validate(dict(claims))
    except (JoseError, ValueError, TypeError, OverflowError) as error:
        raise AnswerRefused(Why.BAD_TOKEN, str(error)[:200]) from None
    nonce, audience, party = claims["nonce"], claims["aud"], claims.get("azp")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise AnswerRefused(Why.BAD_TOKEN, "nonce")
    several = isinstance(audience, list) and len(audience) > 1
    if (several or party is not None) and party != expected.client_id:
        raise AnswerRefused(Why.BAD_TOKEN, "azp")
    if not 1 <= len(claims["sub"]) <= 255 or not claims["sub"].isprintable():
        raise AnswerRefused(Why.BAD_TOKEN, "sub")


def _check_access_token(claims: Claims, access_token: str | None, algorithm: str) -> None:
    """Where the ID token names the access token it came with (at_hash), it must be that one."""
    told = claims.get("at_hash")
    if told is None:
        return
    digest = (hashlib.sha512 if algorithm == "EdDSA" else hashlib.sha256)((access_token or "").encode()).digest()
    wanted = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not access_token or not isinstance(told, str) or not hmac.compare_digest(told.encode(), wanted):
        raise AnswerRefused(Why.BAD_TOKEN, "at_hash")
