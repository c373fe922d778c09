"""Finds the sender of a message, with what the settings give to all of them: mail server, broker, keys."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from threading import Event as Stop
from typing import Protocol

import structlog

from ingest.errors import CallRefused
from ingest.report.mail.smtp import Mailer
from ingest.store.database import Database
from ingest.watch.delivery.database.telling import read_facts
from ingest.watch.delivery.message import Message
from ingest.watch.delivery.model import Delivery, Fate, Outcome, Way
from ingest.watch.delivery.prepare import NO_CHANNEL, Send, channel_of, make_message, why_no_channel
from ingest.watch.delivery.senders.chat import send_chat
from ingest.watch.delivery.senders.mail import NO_SERVER, send_mail
from ingest.watch.delivery.senders.webhook import send_webhook
from schemas.bilingual import Bilingual, Language
from schemas.misfit import said_by
from schemas.watch_notice import Channel, ChatChannel, WebhookChannel

log = structlog.get_logger()


NO_PUSH = Outcome(
    Fate.NEVER,
    why=Bilingual(
        "端末への通知は設定されていません(watch.push_key_file)", "phones are not called: watch.push_key_file is not set"
    ),
)


class Sender(Protocol):
    """A way that is not always there: phones, the broker."""

    def prepare(self, connection: Database, messages: Sequence[Message]) -> list[Send | Outcome]:
        """What sends each message, in their order. It is called with the connection, what it returns without."""
        ...

    def tick(self, connection: Database) -> None:
        """Called about every second."""
        ...


class Desk:
    """`mailer` None: no mail server is set. `url`: where people find the pages. `more`: senders of other ways."""

    def __init__(self, mailer: Mailer | None, url: str, more: Mapping[Way, Sender]) -> None:
        self._mailer = mailer
        self._url = url
        self._more = more

    def serves(self, way: Way) -> bool:
        """Whether messages of this way are taken at all: without a broker they wait."""
        return way is not Way.MQTT or way in self._more

    def tick(self, connection: Database) -> None:
        """What has to be done from time to time."""
        for sender in self._more.values():
            sender.tick(connection)

    def prepare(self, connection: Database, way: Way, deliveries: Sequence[Delivery]) -> list[Send | Outcome]:
        """What sends each of these deliveries of one way, or what became of it already, in their order."""
        facts = read_facts(connection, deliveries)
        made = [make_message(connection, each, facts[each.delivery_id], self._url) for each in deliveries]
        messages = [each for each in made if isinstance(each, Message)]
        if not messages:
            sending: list[Send | Outcome] = []
        elif way in self._more:
            sending = self._more[way].prepare(connection, messages)
        else:
            sending = [self._sending(connection, each) for each in messages]
        ready = iter(sending)
        return [each if isinstance(each, Outcome) else next(ready) for each in made]

    def _sending(self, connection: Database, message: Message) -> Send | Outcome:
        delivery = message.delivery
        if delivery.way is Way.WEB_PUSH:
            return NO_PUSH
        channel, language = channel_of(connection, delivery)
        if channel is None and delivery.way is not Way.MAIL:
            return why_no_channel(connection, delivery)
        return lambda stop: _say(lambda: self._send(message, channel, language, stop))

    def _send(self, message: Message, channel: Channel | None, language: Language, stop: Stop) -> Outcome:
        match message.delivery.way, channel:
            case Way.MAIL, _:
                if self._mailer is None:
                    return Outcome(Fate.LATER, why=NO_SERVER, of_receiver=True)
                return send_mail(self._mailer, message, language, stop)
            case Way.WEBHOOK, WebhookChannel():
                return send_webhook(channel, message, datetime.now(UTC))
            case ((Way.SLACK | Way.TEAMS | Way.LINE_WORKS), ChatChannel()):
                return send_chat(channel, message)
            case _:
                return NO_CHANNEL


def _say(send: Callable[[], Outcome]) -> Outcome:
    """What became of it. A file that is missing is a reason to try again, never to forget it."""
    try:
        return send()
    except CallRefused as error:
        return Outcome(Fate.LATER, why=error.said, of_receiver=True)
    except ValueError as error:
        return Outcome(Fate.LATER, why=said_by(error), of_receiver=True)
    except Exception as error:
        log.exception("watch_delivery_defect")
        return defect_of(error)


def defect_of(error: Exception) -> Outcome:
    """A defect of ours keeps one message, not the others, and is tried again: a newer version may mend it."""
    name = type(error).__name__
    return Outcome(Fate.LATER, why=Bilingual(f"プログラムの誤り: {name}", f"a defect of the program: {name}"))
