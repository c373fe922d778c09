"""Runs the servers of the demonstration as child processes, stops them in order, and finds them after a crash."""

import asyncio
import contextlib
import json
import os
import pwd
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from ingest.errors import CallRefused, NoroshiError
from schemas.bilingual import Bilingual

SERVANT = "nobody"
"""The user of servers that must not run as root, if we are root."""


class ServerError(NoroshiError):
    """A server of the demonstration did not start, or died. The message names it and has the end of its log."""


@dataclass
class Child:
    """A running server. `stop_signal`: the signal on which it stops in order."""

    name: str
    process: asyncio.subprocess.Process
    log: Path
    stop_signal: signal.Signals

    @property
    def running(self) -> bool:
        """Whether the server still runs."""
        return self.process.returncode is None

    async def stop(self, grace_s: float = 15.0) -> None:
        """Ask the server to stop, and kill it after `grace_s`."""
        if not self.running:
            return
        self.process.send_signal(self.stop_signal)
        try:
            await asyncio.wait_for(self.process.wait(), grace_s)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    def last_words(self, lines: int = 12) -> str:
        """The last lines of the server's log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def failure(self, what: Bilingual) -> ServerError:
        """An error that says `what`, with the end of the log."""
        words = self.last_words()
        return ServerError(
            Bilingual(
                f"{self.name} {what.ja}\n{words}\n記録: {self.log}",
                f"{self.name} {what.en}\n{words}\nits log: {self.log}",
            )
        )


class Children:
    """All servers of one data folder. A note in the folder lets the next run end what a crash has left running."""

    def __init__(self, folder: Path) -> None:
        self._note = folder / "children.json"
        self._running: list[Child] = []

    async def start(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: int | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Child:
        """Start a server in a session of its own, which our terminal's Ctrl-C does not reach: we stop it in order."""
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env=env,
                **run_as(user),
            )
        child = Child(name, process, log, stop_signal)
        self._running.append(child)
        self._write_down()
        return child

    def cpu_s(self, name: str) -> float:
        """CPU seconds that the server of this name and its living children have used; 0 if there is none."""
        total = 0.0
        for child in self._running:
            if child.name == name and child.running:
                process = psutil.Process(child.process.pid)
                for one in (process, *process.children(recursive=True)):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        times = one.cpu_times()
                        total += times.user + times.system
        return total

    async def stop_all(self) -> None:
        """Stop all running servers, the last started first."""
        while self._running:
            await self._running.pop().stop()
        self._note.unlink(missing_ok=True)

    async def end_leftovers(self) -> list[str]:
        """Stop servers that a killed run has left; returns their names."""
        ended: list[str] = []
        for name, pid, created in reversed(self._read_note()):
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                # Pids are reused. Only a process that began at the noted time is ours.
                if abs(process.create_time() - created) < 1:
                    await asyncio.to_thread(_end, process)
                    ended.append(name)
        self._note.unlink(missing_ok=True)
        return ended

    def _write_down(self) -> None:
        entries = []
        for child in self._running:
            with contextlib.suppress(psutil.NoSuchProcess):
                entries.append([child.name, child.process.pid, psutil.Process(child.process.pid).create_time()])
        self._note.write_text(json.dumps(entries), encoding="utf-8")

    def _read_note(self) -> list[tuple[str, int, float]]:
        try:
            return [
                (str(name), int(pid), float(created))
                for name, pid, created in json.loads(self._note.read_text(encoding="utf-8"))
            ]
        except (OSError, ValueError, TypeError):  # no note, or one cut off by the crash itself
            return []


def _end(process: psutil.Process) -> None:
    process.send_signal(signal.SIGINT)  # PostgreSQL, broker and service all end quickly and in order on it
    if not _ended(process, within_s=15):
        process.kill()
        _ended(process, within_s=5)


def _ended(process: psutil.Process, within_s: float) -> bool:
    """Whether the process has ended, after waiting for it. A zombie counts as ended."""
    give_up = time.monotonic() + within_s
    while time.monotonic() < give_up:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def servant() -> int | None:
    """The user id servers run as when we are root; None when we are not."""
    return pwd.getpwnam(SERVANT).pw_uid if os.geteuid() == 0 else None


def run_as(user: int | None) -> dict[str, Any]:
    """Arguments of a new process that make it run as `user` alone, without our groups."""
    return {} if user is None else {"user": user, "group": pwd.getpwuid(user).pw_gid, "extra_groups": []}


def hand_over(folder: Path, user: int | None) -> None:
    """Make a folder that belongs to `user`, and let that user pass the folders above it."""
    folder.mkdir(parents=True, exist_ok=True)
    if user is None:
        return
    os.chown(folder, user, pwd.getpwuid(user).pw_gid)
    let_pass(folder)


def let_pass(folder: Path) -> None:
    """Let other users pass through (not read) the folders above, where that is missing and the folder is ours."""
    for parent in folder.resolve().parents:
        mode = parent.stat().st_mode
        if mode & 0o001:
            continue
        try:
            parent.chmod(mode | 0o001)
        except OSError as error:
            raise CallRefused(
                Bilingual(
                    f"--data: 利用者 {SERVANT} が {parent} を通れません({error.strerror})。別の場所にしてください",
                    f"--data: user {SERVANT} cannot pass {parent} ({error.strerror}); choose a folder elsewhere",
                )
            ) from None


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether we could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


DID_NOT_START = Bilingual("が起動しませんでした", "did not start")


def silent_for(seconds: float) -> Bilingual:
    """The message about a child that runs and does not answer."""
    return Bilingual(f"が {seconds:g} 秒たっても答えません", f"does not answer after {seconds:g} s")


async def until_listening(child: Child, port: int, deadline_s: float = 20.0) -> None:
    """Wait until `child` takes connections on a port of 127.0.0.1. Raises ServerError."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + deadline_s
    while loop.time() < give_up:
        if not child.running:
            raise child.failure(DID_NOT_START)
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
            return
        await asyncio.sleep(0.05)
    raise child.failure(silent_for(deadline_s))
