"""The background jobs of the audit log (監査ログ)."""

from functools import partial
from threading import Event

from ingest.access.audit_log.retention import forget_old, note_checkpoint
from ingest.jobs.schedule import Job, Lane
from ingest.settings.sign_in import AuditSettings
from ingest.store.database import Database
from schemas.bilingual import Bilingual

DAY_S = 86_400


def audit_jobs(settings: AuditSettings) -> tuple[Job, ...]:
    """Delete what was kept long enough, and note how far the log goes."""
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
            Bilingual("監査ログの最後の番号とハッシュを、サービスのログに書きます。",
                      "Writes the last number and hash of the audit log into the log of the service."),
        ),
    )  # fmt: skip


def _forget(settings: AuditSettings, connection: Database, _stop: Event) -> str:
    gone = forget_old(connection, settings)
    return f"{gone.entries} entries and {gone.addresses} addresses let go"


def _note_checkpoint(connection: Database, _stop: Event) -> str:
    link = note_checkpoint(connection)
    return "no entries yet" if link is None else f"last entry {link}"
