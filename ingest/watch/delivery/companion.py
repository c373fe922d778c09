"""Delivery as a companion of the watch: it opens what it needs, and runs until the watch ends."""

from collections.abc import Callable
from threading import Event as Stop
from threading import Event as Wake
from uuid import uuid4

import structlog

from ingest.errors import SettingsRefused
from ingest.report.mail.smtp import Mailer
from ingest.settings.mail import MailSettings
from ingest.settings.model import Settings
from ingest.store.database import connect, translated
from ingest.watch.deeds.by_mqtt import acknowledge_by_mqtt
from ingest.watch.delivery.desk import Desk, Sender
from ingest.watch.delivery.model import Way
from ingest.watch.delivery.push_key import push_key
from ingest.watch.delivery.run import Deliveries
from ingest.watch.delivery.senders.mqtt import MqttSender
from ingest.watch.delivery.senders.web_push import PushSender
from ingest.watch.tally import Tally

log = structlog.get_logger()

WAIT_S = 0.2


def run_deliveries(settings: Settings, stop: Stop, active: Callable[[], bool], queued: Wake, tally: Tally) -> None:
    """Send what is queued while `active()`, until stopped. Raises StoreUnavailable when the database is lost.

    `queued` is set when there is something new: it is sent at once. What did not arrive and acknowledgements that
    were refused are entered in the tally.
    """
    while not stop.is_set():
        if not active():
            stop.wait(WAIT_S)
            continue
        client_id = f"noroshi-watch-{uuid4().hex[:16]}"
        broker = MqttSender(settings.broker, client_id, acknowledge_by_mqtt, tally.refused, lambda: tally.failing)
        broker.start()
        try:
            with translated(), connect(settings.database, autocommit=True, watched=True) as connection:
                more: dict[Way, Sender] = {Way.MQTT: broker, **_phones(settings)}
                desk = Desk(_mailer(settings.mail), settings.web.url, more)
                Deliveries(connection, desk, wake=queued, tally=tally).run(stop, active)
        finally:
            tally.undelivered = {}  # whoever watches now says it
            broker.stop()


def _mailer(settings: MailSettings) -> Mailer | None:
    """Without a server, or with settings that cannot be used, e-mails wait and say why."""
    if not settings.host:
        return None
    try:
        return Mailer(settings)
    except SettingsRefused as error:
        log.error("watch_mail_settings", error=error.said.en)
        return None


def _phones(settings: Settings) -> dict[Way, Sender]:
    """What calls phones, where the settings have a key for it."""
    path = settings.watch.push_key_file
    if path is None:
        return {}
    by_mail = f"mailto:{settings.mail.sender}" if settings.mail.sender else settings.web.url
    try:
        return {Way.WEB_PUSH: PushSender(push_key(path), settings.watch.push_contact or by_mail)}
    except SettingsRefused as error:
        log.error("watch_push_settings", error=error.said.en)
        return {}
