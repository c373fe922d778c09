"""Troubles of the service itself: what, since when, and whether it still takes and stores messages. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple


class Concern(StrEnum):
    """The closed list of troubles. The value is a label of /metrics and the key of a sentence on the pages."""

    SERVICE = "service"
    """The intake does not answer the process of the pages. That process reports it."""
    STARTING = "starting"
    WORKER = "worker"
    DATABASE = "database"
    STORE = "store"
    """The database answers, but stores nothing."""
    DISK_FULL = "disk_full"
    BROKER = "broker"
    LAG = "lag"
    QUEUE = "queue"
    DISK = "disk"
    CLOCK = "clock"
    HOUSEKEEPING = "housekeeping"
    POLICIES = "policies"
    FLOOD = "flood"
    WATCH = "watch"
    """What is stored is not looked at: nobody would be told of a crossing."""

    @property
    def blocks(self) -> bool:
        """Whether the service takes or stores no messages while it lasts, and so is not ready."""
        return self in _BLOCKING


_BLOCKING = frozenset(
    {
        Concern.SERVICE, Concern.STARTING, Concern.WORKER, Concern.DATABASE, Concern.STORE, Concern.DISK_FULL,
        Concern.BROKER,
    }
)  # fmt: skip

OLDEST_S, QUEUE_S = 60.0, 600.0
DISK_DAYS, DISK_LOW_BYTES, DISK_FULL_BYTES = 90, 2**30, 2 * 2**24
"""Days and bytes left on the disk. PostgreSQL cannot write with less than two segments of its log (WAL)."""
APART_S = 1.0
"""Two clocks kept by NTP differ by less than this many seconds."""
NO_CONNECTION = "database.url: no connection"
LATE_S, LATE_TURNS = 900.0, 3


class Found(NamedTuple):
    """One trouble of this moment, in words for an operator. `who`: the worker, if there are several."""

    concern: Concern
    detail: str
    who: str = ""


def waiting(why: str) -> Found:
    """The trouble of a service that has not begun. `why`: the state of the database, which is away or not ready."""
    return Found(Concern.DATABASE if why.startswith(NO_CONNECTION) else Concern.STARTING, why or "starting")


class Trouble(NamedTuple):
    """A trouble with its beginning, in seconds since 1970."""

    concern: Concern
    detail: str
    since_s: float


class Health:
    """Remembers the beginning of each trouble. `note` must be called about every second, read or not."""

    def __init__(self) -> None:
        self._since: dict[tuple[Concern, str], float] = {}

    def note(self, found: Iterable[Found], now_s: float) -> list[Trouble]:
        """The troubles of now, blocking ones first. A trouble that is not in `found` is over."""
        now = {(one.concern, one.who): one for one in found}
        self._since = {key: self._since.get(key, now_s) for key in now}
        order = list(Concern)
        return sorted(
            (Trouble(one.concern, _said(one), self._since[key]) for key, one in now.items()),
            key=lambda trouble: (not trouble.concern.blocks, order.index(trouble.concern)),
        )


def _said(found: Found) -> str:
    return f"{found.who}: {found.detail}" if found.who else found.detail


def reasons(troubles: Iterable[Trouble]) -> list[str]:
    """Why the service is not ready; empty when it is."""
    return [trouble.detail for trouble in troubles if trouble.concern.blocks]


def health_gauges(troubles: Iterable[Trouble]) -> dict[str, float]:
    """The gauges of the troubles: `ready`, and the beginning of each trouble by its concern."""
    since: dict[str, float] = {}
    ready = 1.0
    for trouble in troubles:
        name = f"trouble_since_timestamp_seconds:{trouble.concern}"
        since[name] = min(trouble.since_s, since.get(name, trouble.since_s))
        ready *= not trouble.concern.blocks
    return {"ready": ready, **since}


def found_in(gauges: Mapping[str, float], now_s: float, running_s: float) -> Iterator[Found]:
    """The troubles that the gauges of /metrics show, by the bounds of the alerts (deploy/prometheus/rules).

    `running_s`: how long the service runs. A task is not late before the service could do it.
    """
    if gauges.get("store_available", 1.0) and gauges["oldest_unacknowledged_seconds"] > OLDEST_S:
        yield Found(Concern.LAG, f"a message waits {gauges['oldest_unacknowledged_seconds']:.0f} s for its commit")
    if gauges["durable_lag_seconds"] > QUEUE_S:
        yield Found(Concern.QUEUE, f"the queue of the broker lies {gauges['durable_lag_seconds'] / 60:.0f} min behind")
    if (apart_s := gauges["database_clock_apart_seconds"]) > APART_S:
        yield Found(Concern.CLOCK, f"our clock and the database's are {apart_s:.1f} s apart")
    yield from _disk(gauges)
    late = sorted(_late_tasks(gauges, now_s)) if running_s > LATE_S else []
    failing = sorted(_labels_of("housekeeping_failing", gauges))
    if late or failing:
        each = (f"{what}: {', '.join(tasks)}" for what, tasks in (("late", late), ("failing", failing)) if tasks)
        yield Found(Concern.HOUSEKEEPING, "; ".join(each))
    if policies := gauges.get("database_policies_failing:"):
        yield Found(Concern.POLICIES, f"{policies:.0f} policies of the database fail or are late")
    if flooding := list(_labels_of("flooding_messages", gauges)):
        yield Found(Concern.FLOOD, f"sends too much: {', '.join(sorted(flooding))}")


def _disk(gauges: Mapping[str, float]) -> Iterator[Found]:
    free, days = gauges.get("disk_free_bytes:"), gauges.get("disk_days_left:")
    if free is not None and free < DISK_FULL_BYTES:
        yield Found(Concern.DISK_FULL, f"the disk of the database is full: {free / 2**20:.0f} MiB are left")
    elif free is not None and free < DISK_LOW_BYTES:
        yield Found(Concern.DISK, f"{free / 2**20:.0f} MiB are left on the disk of the database")
    elif days is not None and days < DISK_DAYS:
        yield Found(Concern.DISK, f"at the present rate the disk of the database is full in {days:.0f} days")


def _labels_of(gauge: str, gauges: Mapping[str, float]) -> Iterator[str]:
    """Of a gauge with a label those labels whose value is not 0."""
    return (key.partition(":")[2] for key, value in gauges.items() if value and key.startswith(f"{gauge}:"))


def _late_tasks(gauges: Mapping[str, float], now_s: float) -> Iterator[str]:
    """A task that never succeeded is late too."""
    for key, every_s in gauges.items():
        name, _, task = key.partition(":")
        if name == "housekeeping_interval_seconds":
            succeeded_s = gauges.get(f"housekeeping_last_success_timestamp_seconds:{task}", 0.0)
            if now_s - succeeded_s > LATE_S + LATE_TURNS * every_s:
                yield task
