"""The background jobs of the audit log (監査ログ)."""

from datetime import UTC, datetime
from functools import partial
from threading import Event

import structlog

from ingest.access.audit_log.retention import forget_old, note_checkpoint
from ingest.access.audit_log.verdict import judge
from ingest.jobs.schedule import Job, Lane
from ingest.settings.sign_in import AuditSettings
from ingest.store.database import Database
from schemas.bilingual import Bilingual

log = structlog.get_logger()

DAY_S = 86_400


def audit_jobs(settings: AuditSettings) -> tuple[Job, ...]:
    """Delete what was kept long enough; verify the log, and note how far it goes."""
    return (
        Job(
            "audit_retention", Lane.LONG, DAY_S, partial(_forget, settings),
            Bilingual("監査ログの保存期間", "Retention of the audit log"),
            Bilingual("保存期間を過ぎた監査ログの記録と接続元アドレスを消します。",
                      "Deletes entries and addresses of the audit log that were kept long enough."),
        ),
        Job(
            "audit_checkpoint", Lane.LONG, DAY_S, _note_checkpoint,
            Bilingual("監査ログの控え", "Checkpoint of the audit log"),
            Bilingual("監査ログの連鎖を検証し、最後の番号とハッシュをサービスのログに書きます。",
                      "Verifies the chain of the audit log; writes its last number and hash into the service's log."),
        ),
    )  # fmt: skip


def _forget(settings: AuditSettings, connection: Database, _stop: Event) -> str:
    gone = forget_old(connection, settings)
    return f"{gone.entries} entries and {gone.addresses} addresses let go"


def _note_checkpoint(connection: Database, stop: Event) -> str:
    link = note_checkpoint(connection)
    verdict = judge(connection, datetime.now(UTC), stop)
    if verdict is not None and verdict.faults:
        log.error("audit_log_wrong", faults=verdict.faults, first=verdict.first.en)
    state = "not verified" if verdict is None else f"{verdict.entries} entries verified, {verdict.faults} faults"
    return f"{state}; no entries yet" if link is None else f"{state}; last entry {link}"
