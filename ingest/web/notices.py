"""Keeps the notices for all pages for a moment, so that few pages ask the database for them."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from threading import Lock
from typing import Any

from ingest.errors import NoroshiError
from ingest.figures.notices import notices
from schemas.bilingual import Bilingual

KEPT_S = 2.0


class Notices:
    """The notices of one process. One thread reads them at a time; the others take what was read last.

    So at most one page waits for a second connection of a pool while it holds one.
    """

    def __init__(self) -> None:
        self._read: list[Bilingual] = []
        self._read_at = float("-inf")
        self._reading = Lock()

    def current(self, database: Callable[[], AbstractContextManager[Any]]) -> list[Bilingual]:
        """The notices, at most KEPT_S old unless the database does not answer. Raises nothing of the database."""
        if time.monotonic() - self._read_at > KEPT_S and self._reading.acquire(blocking=False):
            try:
                with suppress(NoroshiError), database() as connection:
                    self._read = notices(connection)
                self._read_at = time.monotonic()
            finally:
                self._reading.release()
        return self._read
