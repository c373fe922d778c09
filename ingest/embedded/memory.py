"""The state that a data folder of the demonstration keeps from run to run, and the lock of its present run."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.errors import CallRefused
from ingest.simulator.weather import HOUR_S
from schemas.bilingual import Bilingual
from schemas.japan import JST

RAIN_BEFORE_FIRST_START_S = 9 * HOUR_S
"""How long ago the rain of the first history began, so that it shows the river rise."""


class Memory(BaseModel):
    """Times in epoch seconds. `counters`: message counter and device address by device.

    `clean`: the last run ended in order. After any other end the devices start anew and join.
    `most_devices`: how many devices earlier runs have entered into the registry.
    """

    model_config = ConfigDict(frozen=True)

    seed: int = 7
    devices: int
    most_devices: int
    first_s: float
    last_s: float | None = None
    clean: bool = False
    counters: dict[str, tuple[int, str]] = {}

    @property
    def anchor_s(self) -> float:
        """When the rain of the first history began."""
        return self.first_s - RAIN_BEFORE_FIRST_START_S

    @property
    def installed_on(self) -> date:
        """The day of the first message of the field (設置日). Before it no messages are expected."""
        return datetime.fromtimestamp(self.first_s, JST).date()


def data_folder() -> Path:
    """The default folder of the demonstration: in the XDG data home, for root in /var/lib."""
    if os.geteuid() == 0 and "XDG_DATA_HOME" not in os.environ:
        return Path("/var/lib/noroshi/demo")  # the user of the database cannot enter root's home
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    return home / "noroshi" / "demo"


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Lock the folder for this process. The lock ends with the process, also if it is killed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise CallRefused(
            Bilingual(
                f"--data: {folder} は使えません: {error.strerror}", f"--data: {folder} cannot be used: {error.strerror}"
            )
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CallRefused(
                Bilingual(
                    f"{folder} で実演が動いています。止めるか、別の --data にしてください",
                    f"a demonstration is running in {folder}; stop it, or choose another --data",
                )
            ) from None
        yield


def recall(folder: Path, devices: int | None, now_s: float, default_devices: int) -> Memory:
    """The memory of a folder; a fresh one for a new folder. `devices` None: as many as last time."""
    try:
        known = Memory.model_validate_json((folder / "memory.json").read_bytes())
    except (OSError, ValidationError):
        number = devices or default_devices
        return Memory(devices=number, most_devices=number, first_s=now_s)
    number = devices or known.devices
    return known.model_copy(update={"devices": number, "most_devices": max(number, known.most_devices)})


def remember(folder: Path, memory: Memory) -> None:
    """Write the memory to its folder, whole or not at all."""
    draft = folder / "memory.json.new"
    draft.write_text(json.dumps(memory.model_dump(mode="json")), encoding="utf-8")
    draft.replace(folder / "memory.json")
