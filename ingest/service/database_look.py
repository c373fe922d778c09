"""A look at the database every few seconds, whether there is something to write or not.

Does it answer, and is there a newer registry? The gateways heard meanwhile are noted there, too.
"""

import asyncio
import time
from collections.abc import Callable
from functools import partial

import structlog

from ingest.errors import StoreUnavailable
from ingest.pipeline.gateways_heard import HeardGateways
from ingest.registry.index import Directory
from ingest.runtime.threads import in_thread
from ingest.settings.model import Settings
from ingest.store.batch.gateway_heard import note_heard
from ingest.store.database import Database, connect, translated
from ingest.store.registry.registry import directory_version, load_directory
from ingest.store.status.listening import note_listening
from ingest.store.status.sight import Sight, look

log = structlog.get_logger()

LOOK_EVERY_S = 3.0
"""Whatever `registry.poll_s` says: an outage has to be known within ten seconds."""
SILENT_S = 5.0
"""A look takes milliseconds. One that is under way for this long is trouble, even without an error."""
LOADING_S = 20.0
"""What loading a large registry may take besides."""
NOTE_EVERY_S = 5.0

READ_ONLY = "database.url: the server takes nothing at the moment: it is read-only, a standby perhaps"


class DatabaseLook:
    """Looks at the database in a thread. `heard`: gateways to be noted. `besides`: called in that thread each time.

    `listens`: whether messages are taken and stored now, which is noted for the watch of silence.
    """

    def __init__(
        self,
        settings: Settings,
        heard: HeardGateways,
        besides: Callable[[], None],
        listens: Callable[[], bool],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._heard = heard
        self._besides = besides
        self._listens = listens
        self._now_s = now_s
        self._failure = ""
        self._waits_since_s: float | None = None
        self._sight = Sight(read_only=False, apart_s=0.0)
        self._noted_s = 0.0
        self._listened_s = -NOTE_EVERY_S
        self._seen = False
        """Whether the look under way has seen the server."""

    @property
    def trouble(self) -> str:
        """Why the database does not answer, by this look alone; empty while it does."""
        since_s = self._waits_since_s
        waits_s = 0.0 if since_s is None else self._now_s() - since_s
        if not self._failure and waits_s > SILENT_S:
            return f"the database has not answered for {waits_s:.0f} s"
        return self._failure

    @property
    def refusal(self) -> str:
        """Why the database takes nothing though it answers; empty while it does."""
        return READ_ONLY if self._sight.read_only and not self.trouble else ""

    @property
    def apart_s(self) -> float:
        """Seconds between the clock of the database and ours, at least."""
        return self._sight.apart_s

    async def run(self, version: int, use: Callable[[Directory], None]) -> None:
        """Run until cancelled. A changed registry is taken over within `registry.poll_s`; an outage changes nothing."""
        poll_s = self._settings.registry.poll_s
        asked_s = self._now_s()
        while True:
            await asyncio.sleep(min(poll_s, LOOK_EVERY_S))
            registry_too = self._now_s() - asked_s >= poll_s
            self._waits_since_s = self._now_s()
            try:
                directory = await in_thread(partial(self._look, version if registry_too else None))
            except StoreUnavailable as error:
                if not self._seen:  # what else failed leaves the registry as it was, and the database in use
                    self._failure = str(error)
                log.warning("registry_not_read", error=str(error))
                continue
            finally:
                self._waits_since_s = None
            await self._note_heard()
            if registry_too:
                asked_s = self._now_s()
            if directory is not None:
                version = directory.version
                use(directory)

    def _look(self, version: int | None) -> Directory | None:
        """Look at the server; the registry if it has another version. `version` None: do not ask for the registry."""
        self._seen = False
        self._besides()
        with connect(self._settings.database, watched=True) as connection, translated():
            self._sight = look(connection)
            self._seen, self._failure, self._waits_since_s = True, "", self._now_s() + LOADING_S
            self._note_listening(connection)
            if version is None or directory_version(connection) == version:
                return None
            return load_directory(connection)

    def _note_listening(self, connection: Database) -> None:
        if self._sight.read_only or self._now_s() - self._listened_s < NOTE_EVERY_S or not self._listens():
            return
        self._listened_s = self._now_s()
        try:
            note_listening(connection)
        except StoreUnavailable as error:
            log.warning("listening_not_noted", error=str(error))

    async def _note_heard(self) -> None:
        if self._sight.read_only or self._now_s() - self._noted_s < NOTE_EVERY_S:
            return
        newest = self._heard.take()
        if not newest:
            return
        self._noted_s = self._now_s()
        try:
            await in_thread(partial(self._note, newest))
        except StoreUnavailable as error:
            self._heard.give_back(newest)
            log.warning("gateways_not_noted", error=str(error))

    def _note(self, newest: dict[int, int]) -> None:
        with connect(self._settings.database, watched=True) as connection, translated():
            note_heard(connection, newest)
