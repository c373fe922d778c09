"""The background job that sends reports and reminders by e-mail."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from threading import Event

from ingest.jobs.schedule import Job, Lane
from ingest.report.mail.database import count_unsettled
from ingest.report.mail.queue import queue_due
from ingest.report.mail.send import send_due
from ingest.report.mail.smtp import Mailer
from ingest.settings.mail import MailSettings
from ingest.store.database import Database
from schemas.bilingual import Bilingual

LOOK_EVERY_S = 30


def mail_jobs(settings: MailSettings, url: str) -> tuple[Job, ...]:
    """Queue what is due and send it. `url`: where people find the pages; empty if that is not known.

    Raises SettingsRefused for a file of the settings that cannot be used.
    """
    mailer = Mailer(settings) if settings.host else None
    return (
        Job(
            "report_mail", Lane.REPORTS, LOOK_EVERY_S, partial(_send, mailer, url),
            Bilingual("報告書の配信", "Delivery of reports"),
            Bilingual("予定された報告書と、期限のお知らせを、メールで送ります。",
                      "Sends reports by their schedules, and reminders of what is due, by e-mail."),
            gauges=delivery_gauges,
        ),
    )  # fmt: skip


def _send(mailer: Mailer | None, url: str, connection: Database, stop: Event) -> str:
    if mailer is None:
        return "no mail server in the settings"
    now = datetime.now(UTC)
    queued = queue_due(connection, mailer.settings.sender, now, stop.is_set)
    return f"{queued} queued, {send_due(connection, mailer, url, now, stop)} sent"


def delivery_gauges(connection: Database) -> Mapping[str, float]:
    """E-mails that somebody has to see to, by project."""
    gauges: dict[str, float] = {}
    for project, (failed, doubt) in count_unsettled(connection).items():
        gauges[f"report_deliveries_failed:{project}"] = failed
        gauges[f"report_deliveries_in_doubt:{project}"] = doubt
    return gauges
