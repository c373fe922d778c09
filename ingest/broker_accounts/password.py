"""Makes passwords of accounts. People type them from a slip, and they pass through CSV files and shells."""

import secrets

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
"""No characters that look alike (0 O, 1 l I), and none with a meaning in a table or a shell."""

LENGTH = 24


def new_password() -> str:
    """A random password of about 139 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
