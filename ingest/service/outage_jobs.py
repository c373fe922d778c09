"""The background job that finds outages (停止)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Event

from ingest.figures.plan.outage import open_outages
from ingest.jobs.schedule import Job, Lane
from ingest.plan.outage.find import find_outages
from ingest.store.database import Database
from schemas.bilingual import Bilingual


def outage_jobs() -> tuple[Job, ...]:
    """Find outages every minute; what was missed is made up."""
    return (
        Job(
            "outages", Lane.LONG, 60, _find,
            Bilingual("停止の検出", "Finding outages"),
            Bilingual("機器・基地局・通信網の停止を見つけ、遅れて届いたデータで改め、原因を推定します。",
                      "Finds outages of devices, gateways, networks; amends them by what came late; proposes causes."),
            gauges=_open,
        ),
    )  # fmt: skip


def _find(connection: Database, stop: Event) -> str:
    found = find_outages(connection, datetime.now(UTC), stop)
    rest = ", more to look at" if found.behind else ""
    return (
        f"{found.found} outages found, {found.ended} ended, {found.changed} changed, {found.withdrawn} withdrawn{rest}"
    )


def _open(connection: Database) -> Mapping[str, float]:
    return {f"outages_open:{row.project}/{row.level}": float(row.count) for row in open_outages(connection)}
