"""Imports the libraries of OpenID where a provider is set: they take 0.7 s and 15 MiB at each start of the pages."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING

from ingest.settings.sign_in import OpenIdSettings
from ingest.store.database import Database

if TYPE_CHECKING:
    from ingest.access.open_id.sign_in import OpenIdSignIn


def provider_of(
    connect: Callable[[], AbstractContextManager[Database]], settings: OpenIdSettings | None, web_url: str,
    now: Callable[[], datetime],
) -> "Callable[[], OpenIdSignIn]":  # fmt: skip
    """What gives signing in at the provider of the settings; it raises LookupError without one."""
    if settings is None:
        return _no_provider
    from ingest.access.open_id.sign_in import OpenIdSignIn  # noqa: PLC0415

    provider = OpenIdSignIn(connect, settings, web_url, now)
    return lambda: provider


def _no_provider() -> "OpenIdSignIn":
    raise LookupError("sign_in.open_id is not set")
