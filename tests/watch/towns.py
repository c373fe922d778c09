"""The two towns of tests/figures, without the rows that their watch has there."""

from typing import Any

import psycopg

from tests.figures.two_towns import SEED

ROWS = (
    "watch_delivery", "watch_action", "watch_event", "watch_incident", "watch_drill", "watch_maintenance", "watch_duty",
    "watch_document",
)  # fmt: skip


def seed_towns(connection: psycopg.Connection[Any]) -> None:
    """Seed both towns, and take the rows of their watch away."""
    connection.execute(SEED.encode())
    for table in ROWS:
        connection.execute(f"delete from {table}".encode())
