"""Passwords of accounts: read off a slip and typed into a device by hand, and carried by CSV files and shells."""

import secrets

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
"""Nothing that looks like something else (0 O, 1 l I), and nothing that means something in a table or a shell."""

LENGTH = 24


def new_password() -> str:
    """About 139 bits by chance."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
