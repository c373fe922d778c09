"""What the process of the watch tells the service that started it: a line of JSON every second."""

from typing import NamedTuple

import orjson

WATCHING, STANDBY, WAITING = "watching", "standby", "waiting"

DOCUMENTS = "documents"
"""What does not work where documents cannot be read as a whole, as `Heartbeat.failing` names it."""

LONGEST_LINE = 2**20


class Heartbeat(NamedTuple):
    """How the watch stands. `state`: WATCHING; STANDBY: another process watches this database; WAITING: for `why`.

    `lag_s`: age of the oldest committed readings that wait to be looked at. `events`: stored by this process.
    `series`: rules whose readings need no question to the database. `failing`: why, by what does not work.
    `undelivered`, `refused`: as in `Tally`.
    """

    state: str
    why: str
    lag_s: float
    notes: int
    events: int
    series: int
    deliveries: int
    failing: dict[str, str]
    undelivered: dict[str, int]
    refused: dict[str, int]


def failing_said(failing: dict[str, str]) -> str:
    """What does not work, in one line."""
    return "; ".join(f"{name}: {why}" for name, why in sorted(failing.items()))


def is_of_documents_only(said: str) -> bool:
    """Whether such a line is about documents alone."""
    return all(part.startswith(f"{DOCUMENTS}: ") for part in said.split("; "))


def heartbeat_line(heartbeat: Heartbeat) -> bytes:
    """The heartbeat as a line."""
    return orjson.dumps(list(heartbeat)) + b"\n"


def read_heartbeat(line: bytes) -> Heartbeat:
    """The heartbeat in a line. Both ends are the same program, so nothing is checked."""
    return Heartbeat(*orjson.loads(line))
