"""What a background job is, the lanes they run in, and the jobs that the store needs.

A room with a job of its own offers `Job` rows; `ingest/service/job_table.py` has all of them in one list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from threading import Event

from ingest.settings.model import RetentionSettings
from ingest.store.batch.frames import forget
from ingest.store.database import Database
from ingest.store.retention.retention import run_retention
from ingest.store.rollup import rollup
from schemas.bilingual import Bilingual

RETRY_FIRST_S = 60
RETRY_LEAST_BOUND_S, RETRY_MOST_BOUND_S = 300, 3_600
"""The longest pause of a job that goes on failing is its own interval, within these bounds."""


class Lane(StrEnum):
    """Jobs of one lane run one after the other, the lanes beside each other. The names stand in `housekeeping_run`."""

    SHORT = "short"
    """Done within seconds, and waited for: alerts hang on it."""
    LONG = "long"
    """May take an hour after a season came late."""
    REPORTS = "reports"
    """What people ordered and wait for: it takes minutes, and no sums wait for it."""

    @property
    def lock(self) -> int:
        """The advisory lock of the one process that runs this lane, held as long as that process is connected.

        `figure_job_lane` has the same numbers. Versions before the lanes took the first two ("LOOK", "HOUS"), for the
        same jobs: an older service and this one never run a job at once.
        """
        return _LOCKS[self]


_LOCKS = {Lane.SHORT: 0x4C4F_4F4B, Lane.LONG: 0x484F_5553, Lane.REPORTS: 0x5245_504F}


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the table of jobs. `name` is a label of metrics and a key of `housekeeping_run`: it never changes.

    `run` does the work on a connection in autocommit mode, keeps its transactions short, asks now and then whether to
    stop, and returns in a few words what it did. What it raises is noted, and it is tried again.
    `every_s`: from the start of one run to the start of the next. What became due while nobody was there runs once.
    `in_memory`: what it finds is kept by the process that ran it. So a process that takes the lane runs it at once.
    `gauges`: metrics of the catalogue that are read whenever the lane was looked after, whether the job ran or not.
    """

    name: str
    lane: Lane
    every_s: int
    run: Callable[[Database, Event], str]
    title: Bilingual
    purpose: Bilingual
    in_memory: bool = False
    gauges: Callable[[Database], Mapping[str, float]] | None = None


def retry_after_s(failures: int, every_s: int) -> int:
    """Seconds to the next attempt after so many failures in a row (1 or more): doubled each time, and bounded."""
    first_s = min(every_s, RETRY_FIRST_S)
    most_s = min(max(every_s, RETRY_LEAST_BOUND_S), RETRY_MOST_BOUND_S)
    doubled: int = first_s << min(failures - 1, 16)
    return min(doubled, most_s)


def store_jobs(retention: RetentionSettings) -> tuple[Job, ...]:
    """What the tables of the store need: sums, and deletion of what is too old."""
    return (
        Job(
            "rollups", Lane.LONG, 30, _keep_rollups,
            Bilingual("集計", "Sums"),
            Bilingual("1時間ごと・1日ごとの集計を作り、遅れて届いた分を計算し直します。",
                      "Sums up hours and days, and computes again what came late."),
            gauges=_standing,
        ),
        Job(
            "frames", Lane.LONG, 1_800, _forget_frames,
            Bilingual("フレームの控え", "Notes of frames"),
            Bilingual("LoRaWAN の重複を見分けるための控えのうち、古いものを消します。",
                      "Deletes old notes of the LoRaWAN frames by which repetitions are found."),
        ),
        Job(
            "retention", Lane.LONG, 86_400, partial(_retain, retention),
            Bilingual("保存期間", "Retention"),
            Bilingual("保存期間を過ぎたデータを消し、消したものを記録します。",
                      "Deletes what is older than its period of retention, and records what it deleted."),
        ),
    )  # fmt: skip


def _keep_rollups(connection: Database, stop: Event) -> str:
    kept = rollup.keep(connection, stop=stop, gently=True)
    return f"{kept.refreshed} hours computed again, closed until {kept.until}"


def _standing(connection: Database) -> Mapping[str, float]:
    standing = rollup.standing(connection)
    return {"rollup_due_units": standing.due_units, "rollup_lag_seconds": standing.lag_s}


def _forget_frames(connection: Database, _stop: Event) -> str:
    return f"{forget(connection)} frames let go"


def _retain(settings: RetentionSettings, connection: Database, _stop: Event) -> str:
    gone = run_retention(connection, settings, datetime.now(UTC))
    return f"{sum(each.rows for each in gone.going)} rows let go, {len(gone.chunks)} chunks whole"
