"""The keys that a provider publishes (JWKS), and which of them may have signed an ID token."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

Key = RSAKey | ECKey | OKPKey

KINDS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "RS256": ("RSA", ""), "PS256": ("RSA", ""), "ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519"),
})  # fmt: skip
"""The algorithms that are believed, with the type and the curve of their keys. `none` and HS256 are not among them."""

MAX_KEYS = 100
_RSA_DIGITS = (342, 1366)
"""Base64 digits of a modulus: 2,048 to 8,192 bits. A longer one would cost seconds."""


def key_of(keys: Iterable[object], algorithm: str, kid: str | None) -> Key | None:
    """The key for an algorithm of KINDS with this id; without an id, the only one there is. None if there is none.

    `keys`: what the provider publishes, each as it came.
    """
    fitting = [key for key in keys if isinstance(key, dict) and _fits(key, algorithm)]
    named = [key for key in fitting if kid is None or key.get("kid") == kid]
    return _imported(named[0]) if len(named) == 1 else None


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    kind, curve = KINDS[algorithm]
    if key.get("kty") != kind or key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
        return False
    if kind != "RSA":
        return bool(key.get("crv") == curve)
    modulus = key.get("n")
    return isinstance(modulus, str) and _RSA_DIGITS[0] <= len(modulus) <= _RSA_DIGITS[1]


def _imported(key: Mapping[str, Any]) -> Key | None:
    """The public part of a key; None if it is none."""
    parts = {name: key[name] for name in ("kty", "n", "e", "crv", "x", "y") if isinstance(key.get(name), str)}
    try:
        match parts["kty"]:
            case "RSA":
                return RSAKey.import_key(parts)
            case "EC":
                return ECKey.import_key(parts)
            case _:
                return OKPKey.import_key(parts)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
