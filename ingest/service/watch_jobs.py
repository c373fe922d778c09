"""The background job of the watch."""

from functools import partial
from threading import Event

from ingest.jobs.schedule import Job, Lane
from ingest.settings.watch import WatchSettings
from ingest.store.database import Database
from ingest.watch.engine.fold import fold_notes, stop_noting
from schemas.bilingual import Bilingual


def watch_jobs(settings: WatchSettings) -> tuple[Job, ...]:
    """Keep what waits for the watch bounded, whether its process runs or not."""
    return (
        Job(
            "watch_notes", Lane.SHORT, 60, partial(_bound, settings),
            Bilingual("監視を待つ測定値の整理", "Bounding what waits for the watch"),
            Bilingual("監視のプロセスが長く止まっている間、待っている控えをまとめます。監視をしない設定なら消します。",
                      "Folds what waits while the process of the watch is away; deletes it where nobody watches."),
        ),
    )  # fmt: skip


def _bound(settings: WatchSettings, connection: Database, stop: Event) -> str:
    if not settings.enabled:
        return f"nothing is watched here, {stop_noting(connection)} notes deleted"
    return f"{fold_notes(connection, settings.notes_mib * 2**20, stop)} notes folded"
