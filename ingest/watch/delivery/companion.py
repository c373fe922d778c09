"""Delivery as a companion of the watch: it opens what it needs, and runs until the watch ends."""

from collections.abc import Callable
from threading import Event as Stop

import structlog

from ingest.errors import SettingsRefused
from ingest.report.mail.smtp import Mailer
from ingest.settings.mail import MailSettings
from ingest.settings.model import Settings
from ingest.store.database import connect, translated
from ingest.watch.delivery.desk import Desk
from ingest.watch.delivery.run import Deliveries

log = structlog.get_logger()

WAIT_S = 0.2


def run_deliveries(settings: Settings, stop: Stop, active: Callable[[], bool]) -> None:
    """Send what is queued while `active()`, until stopped. Raises StoreUnavailable when the database is lost."""
    while not stop.is_set():
        if not active():
            stop.wait(WAIT_S)
            continue
        with translated(), connect(settings.database, autocommit=True, watched=True) as connection:
            Deliveries(connection, Desk(_mailer(settings.mail), settings.web.url, {})).run(stop, active)


def _mailer(settings: MailSettings) -> Mailer | None:
    """Without a server, or with settings that cannot be used, e-mails wait and say why."""
    if not settings.host:
        return None
    try:
        return Mailer(settings)
    except SettingsRefused as error:
        log.error("watch_mail_settings", error=error.said.en)
        return None
