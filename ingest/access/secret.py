"""Random secrets of sessions, links and tokens. They are shown once; what is stored is their digest."""

import re
import secrets
from hashlib import sha256

TOKEN_PREFIX = "noroshi_"  # noqa: S105
"""What every token of a program begins with, so that people, and scanners of leaked secrets, know one."""

_BYTES = 32
_SHAPE = re.compile(r"(?:noroshi_)?[A-Za-z0-9_-]{43}", re.ASCII)


def new_secret() -> str:
    """32 random bytes, as URL-safe text of 43 characters."""
    return secrets.token_urlsafe(_BYTES)


def new_token() -> str:
    """A secret of a program."""
    return TOKEN_PREFIX + new_secret()


def digest_of(secret: str) -> bytes | None:
    """The SHA-256 a secret is stored as; None for a text that none of ours can be."""
    return sha256(secret.encode("ascii")).digest() if _SHAPE.fullmatch(secret) else None
