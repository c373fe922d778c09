"""A migration says, before anything else, what it does to a service that runs."""

import re

import pytest

from ingest.store.schema.migrate import Migration, migrations

ONCE_APPLIED = {1, 2, 3, 4, 5, 7, 8, *range(10, 21), 23, 24, 26, 27, 29, 33}
"""Installations have noted these numbers, so no other file may ever have one of them."""


@pytest.mark.parametrize("migration", migrations(), ids=lambda migration: f"{migration.version:04d}")
def test_the_first_line_says_what_is_safe_while_the_service_runs(migration: Migration) -> None:
    first, *_ = migration.sql.splitlines()
    assert re.match(r"-- While the service runs: (safe, |stop it first|nothing runs yet)", first)


def test_every_number_is_there_once_and_none_is_taken_away() -> None:
    numbers = [migration.version for migration in migrations()]
    assert len(set(numbers)) == len(numbers)
    assert set(numbers) >= ONCE_APPLIED
