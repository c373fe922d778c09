"""A provider, and an installation that lets its people in."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.access.open_id.browser import Installation
from tests.access.open_id.provider import AnyKey, Provider, new_key, providing
from tests.fixtures.database import Database

SATO: dict[str, Any] = {
    "sub": "0001", "preferred_username": "Sato", "name": "佐藤 花子", "department": "農林課", "groups": ["tea-staff"],
}  # fmt: skip


@pytest.fixture(scope="session")
def rsa_key() -> AnyKey:
    """Making one takes a moment."""
    return new_key()


@pytest.fixture
def provider(rsa_key: AnyKey) -> Iterator[Provider]:
    with providing(dict(SATO), rsa_key) as running:
        yield running


@pytest.fixture
def installation(any_database: Database, provider: Provider) -> Installation:
    return Installation(any_database, provider)
