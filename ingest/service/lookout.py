"""What background jobs look at so that somebody is told: who is silent, how long the disk lasts, what is due."""

import time
from collections.abc import Iterable
from pathlib import Path
from threading import Event

from ingest.access.audit_log.verdict import Verdict, read_verdict
from ingest.figures.fetch import Database
from ingest.figures.plan.measure import MeasuresDue, measures_due
from ingest.figures.silence import Silence, silence
from ingest.jobs.schedule import Job, Lane
from ingest.store.status.outlook import days_left
from ingest.store.status.status import Status, disk_of, free_at, status
from schemas.bilingual import Bilingual
from schemas.japan import now_jst

HOLDS_TURNS = 5
"""A gauge is shown for this many turns of its job. After that it is absent rather than out of date."""


class Lookout:
    """What was seen last, as gauges. The thread of the short lane writes, the event loop reads."""

    def __init__(self, disk: Path | None) -> None:
        self._disk = disk
        self._free_bytes: int | None = None
        self._seen: dict[str, tuple[float, dict[str, float]]] = {}

    def jobs(self) -> tuple[Job, ...]:
        """All of them keep what they find in this object, so a process that takes over runs them at once."""
        return (
            Job(
                "silence", Lane.SHORT, 60, self._look_for_silence,
                Bilingual("途絶の確認", "Look-out for silence"),
                Bilingual("通信の途絶えた機器と基地局を数え、通知に渡します。",
                          "Counts silent devices and gateways for the alerts."),
                in_memory=True,
            ),
            Job(
                "outlook", Lane.SHORT, 600, self._look_ahead,
                Bilingual("ディスクの見通し", "Outlook of the disk"),
                Bilingual("ディスクがあと何日もつかと、データベースの定期処理の失敗を調べます。",
                          "Tells how long the disk lasts, and whether policies of the database fail."),
                in_memory=True,
            ),
            Job(
                "measures_due", Lane.SHORT, 600, self._look_for_measures,
                Bilingual("改善措置の期限", "Due measures"),
                Bilingual("期限の来た改善措置を数え、通知に渡します。",
                          "Counts the improvement measures that are due, for the alerts."),
                in_memory=True,
            ),
        )  # fmt: skip

    @property
    def gauges(self) -> dict[str, float]:
        """By name and labels, as metrics.LABELLED has them; what has not been seen lately is absent."""
        now_s = time.monotonic()
        seen = self._seen  # replaced, never changed
        free = self._free_bytes
        room = {} if free is None else {"disk_free_bytes:": float(free)}
        lately = [values for until_s, values in seen.values() if now_s < until_s]
        return room | {name: value for values in lately for name, value in values.items()}

    def see_disk(self) -> None:
        """Look how much room there is, once it is known where: this asks no database."""
        self._free_bytes = free_at(self._disk)

    def _look_for_silence(self, connection: Database, _stop: Event) -> str:
        found = silence(connection)
        self._keep("silence", 60, silence_gauges(found))
        gateways = sum(1 for row in found if row.silent)
        return f"{gateways} gateways silent, and {sum(row.devices_silent_alone or 0 for row in found)} devices besides"

    def _look_ahead(self, connection: Database, _stop: Event) -> str:
        found = status(connection)
        self._disk = self._disk or disk_of(found)
        gauges = outlook_gauges(found, free_at(self._disk)) | audit_gauges(read_verdict(connection))
        self._keep("outlook", 600, gauges)
        days = gauges.get("disk_days_left:")
        return "how long the disk lasts is not known from here" if days is None else f"disk enough for {days:.0f} days"

    def _look_for_measures(self, connection: Database, _stop: Event) -> str:
        found = measures_due(connection, now_jst().date())
        self._keep("measures_due", 600, measure_gauges(found))
        return f"{sum(due.due for due in found)} measures due, {sum(due.late for due in found)} of them late"

    def _keep(self, job: str, every_s: int, gauges: dict[str, float]) -> None:
        self._seen = self._seen | {job: (time.monotonic() + HOLDS_TURNS * every_s, gauges)}


def silence_gauges(found: Iterable[Silence]) -> dict[str, float]:
    """Two gauges for each network, one for each gateway."""
    gauges: dict[str, float] = {}
    for row in found:
        network = f"{row.project}/{row.network}"
        if row.gateway is None:
            gauges[f"devices_silent:{network}"] = row.devices_silent
            gauges[f"devices_silent_alone:{network}"] = row.devices_silent_alone or 0
        else:
            gauges[f"gateway_silent:{network}/{row.gateway}"] = float(row.silent or False)
    return gauges


def measure_gauges(found: Iterable[MeasuresDue]) -> dict[str, float]:
    """Two gauges for each project that has a measure."""
    gauges: dict[str, float] = {}
    for row in found:
        gauges[f"plan_measures_due:{row.project}"] = row.due
        gauges[f"plan_measures_late:{row.project}"] = row.late
    return gauges


def audit_gauges(verdict: Verdict | None) -> dict[str, float]:
    """How many faults the audit log had when it was verified last, and when that was; nothing before the first time."""
    if verdict is None:
        return {}
    return {"audit_faults:": verdict.faults, "audit_verified_timestamp_seconds:": verdict.verified_at.timestamp()}


def outlook_gauges(found: Status, disk_free: int | None) -> dict[str, float]:
    """Days of disk, if room and growth are known, and the policies of TimescaleDB that do not run as they should."""
    policies = [job for job in found.jobs if job.table is not None]
    gauges: dict[str, float] = {"database_policies_failing:": sum(job.failed or job.late for job in policies)}
    days = days_left(found, disk_free)
    return gauges if days is None else gauges | {"disk_days_left:": days}
