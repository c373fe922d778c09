"""The process of the watch, seen from the service, which starts, hears, ends and restarts it.

Nothing of the intake waits for it: while it is away its notes wait in the database.
"""

import asyncio
import contextlib
import pickle
import random
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import psutil
import structlog

from ingest.runtime.backoff import Backoff
from ingest.settings.model import Settings
from ingest.telemetry.health import Concern, Found
from ingest.watch.talk import LONGEST_LINE, STANDBY, WAITING, WATCHING, Heartbeat, failing_said, read_heartbeat

log = structlog.get_logger()

LONGEST_PAUSE_S = 5.0
LOOK_EVERY_S = 1.0
STARTS_WITHIN_LOOKS = 60
"""Looks that a new process may take until its first line: it has imports to make."""
SILENT_LOOKS = 15
"""Looks without a line after which it counts as hanging. Looks, not seconds: a service that hangs reads no lines."""
ENDS_WITHIN_S = 5.0
QUIET_S, LAG_S = 6.0, 10.0
"""Seconds without a line, or of readings that wait, after which it is a trouble of the service."""


class Ended(NamedTuple):
    """How a process ended. `why`: the reason for killing it, empty if it ended by itself."""

    code: int
    why: str


class WatchProcess:
    """Keeps the process of the watch running, and remembers what it said last."""

    def __init__(self, settings: Settings, now_s: Callable[[], float] = time.monotonic) -> None:
        self.starts = 0
        self.memory_bytes = 0
        """Memory at the last look; 0 while the process does not run."""
        self.latest: Heartbeat | None = None
        """What it said last; None while it does not run."""
        self._settings = settings
        self._now_s = now_s
        self._events = 0
        """Stored by processes that are gone."""
        self._refused: Counter[str] = Counter()
        self._heard_s = now_s()
        self._well_s = now_s()
        """When it last said that it watches, or stands by."""
        self._heard = False
        self._silent_looks = 0
        self._why = ""

    async def keep(self) -> None:
        """Run the process, and again whenever it ends, until cancelled; then end it in order."""
        if not self._settings.watch.enabled:
            return
        backoff = Backoff(LONGEST_PAUSE_S, random.random)
        while True:
            started_s = self._now_s()
            try:
                ended = await self._one_life()
            except (OSError, MemoryError) as error:  # no descriptors, no memory, no processes left: later
                ended = Ended(-1, f"it cannot be started: {error}")
            except Exception as error:  # a defect here must end neither the intake nor the watch for good
                log.exception("watch_process_defect")
                ended = Ended(-1, f"{type(error).__name__}: {error}")
            backoff.lived(self._now_s() - started_s)
            pause_s = backoff.pause_s()
            log.error("watch_process_ended", exit_code=ended.code, why=ended.why, again_in_s=round(pause_s, 2))
            await asyncio.sleep(pause_s)

    def hear(self, heartbeat: Heartbeat) -> None:
        """Take note of what it says."""
        self.latest, self._heard_s = heartbeat, self._now_s()
        if heartbeat.state in (WATCHING, STANDBY):
            self._well_s = self._heard_s

    def died(self) -> None:
        """It ended: what it had counted stays."""
        self._events, self._refused = self.events, self.refused
        self.memory_bytes, self.latest = 0, None

    def found(self) -> list[Found]:
        """What keeps committed readings from being watched, now."""
        if not self._settings.watch.enabled:
            return []
        return [Found(Concern.WATCH, why) for why in self._troubles()][:1]

    @property
    def gauges(self) -> dict[str, float]:
        """Metrics of the watch, by the names of the catalogue."""
        if not self._settings.watch.enabled:
            return {}
        latest = self.latest
        up = latest is not None and self._now_s() - self._heard_s <= QUIET_S
        gauges = {
            "watch_up:": float(up),
            "watch_active:": float(up and latest is not None and latest.state == WATCHING),
            "watch_resident_memory_bytes:": float(self.memory_bytes),
        }
        if latest is not None:
            gauges |= {
                "watch_lag_seconds:": latest.lag_s, "watch_notes_waiting:": latest.notes,
                "watch_series:": float(latest.series), "watch_deliveries_waiting:": float(latest.deliveries),
            }  # fmt: skip
            gauges |= {f"watch_failing:{name}": 1.0 for name in latest.failing}
            gauges |= {f"watch_undelivered:{name}": float(many) for name, many in latest.undelivered.items()}
        return gauges

    @property
    def refused(self) -> Counter[str]:
        """Acknowledgements by MQTT that were not taken since the start of the service, by reason."""
        return self._refused + Counter({} if self.latest is None else self.latest.refused)

    @property
    def events(self) -> int:
        """Events that were stored since the start of the service."""
        return self._events + (0 if self.latest is None else self.latest.events)

    def _troubles(self) -> list[str]:
        latest, now_s = self.latest, self._now_s()
        quiet_s = now_s - self._heard_s
        troubles = []
        if quiet_s > QUIET_S:
            troubles.append(f"the process of the watch has said nothing for {quiet_s:.0f} s")
        elif latest is not None and latest.state == WAITING and now_s - self._well_s > QUIET_S:
            troubles.append(f"the watch waits: {latest.why}")
        if latest is not None and latest.lag_s > LAG_S:
            troubles.append(f"committed readings wait {latest.lag_s:.0f} s to be looked at")
        if latest is not None and latest.failing:
            troubles.append(failing_said(latest.failing))
        return troubles

    async def _one_life(self) -> Ended:
        self._heard, self._silent_looks, self._why = False, 0, ""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ingest.watch",
            stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE, start_new_session=True,
        )  # fmt: skip
        self.starts += 1
        guard = asyncio.create_task(self._guard(process), name="guard of the watch process")
        try:
            assert process.stdin is not None  # it is a pipe
            with contextlib.suppress(ConnectionError):  # dead already: the end of its output tells
                process.stdin.write(pickle.dumps(self._settings).hex().encode() + b"\n")
            await self._listen(process)
            return Ended(await process.wait(), self._why)
        finally:
            guard.cancel()
            self.died()
            await _end(process)

    async def _listen(self, process: Process) -> None:
        """Read what the process says until it closes its output."""
        assert process.stdout is not None  # it is a pipe
        while line := await process.stdout.readline():
            if not line.endswith(b"\n"):  # cut off by the death of its writer
                return
            self._heard, self._silent_looks = True, 0
            self.hear(read_heartbeat(line))

    async def _guard(self, process: Process) -> None:
        """Kill the process when it hangs, or is so large that the intake would suffer."""
        most_bytes = self._settings.watch.memory_mib * 2**20
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.memory_bytes = _memory(process.pid)
            self._silent_looks += 1
            if self.memory_bytes > most_bytes:
                self._why = f"it took {self.memory_bytes / 2**20:.0f} MiB, watch.memory_mib is {most_bytes // 2**20}"
            elif self._silent_looks > (SILENT_LOOKS if self._heard else STARTS_WITHIN_LOOKS):
                self._why = f"it said nothing for {self._silent_looks * LOOK_EVERY_S:.0f} s"
            else:
                continue
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            return


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), ENDS_WITHIN_S)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _memory(pid: int) -> int:
    with contextlib.suppress(psutil.Error, OSError):
        return int(psutil.Process(pid).memory_info().rss)
    return 0
