"""E-mail by the server of the settings. What is in doubt is never sent again by itself (decision 055)."""

from datetime import datetime
from threading import Event

from ingest.report.mail.message import Letter, message_bytes, message_id_of
from ingest.report.mail.smtp import Fate as MailFate
from ingest.report.mail.smtp import Mailer
from ingest.watch.delivery.message import Message
from ingest.watch.delivery.model import Fate, Outcome
from schemas.bilingual import Bilingual, Language

_FATES = {
    MailFate.SENT: Fate.DELIVERED,
    MailFate.LATER: Fate.LATER,
    MailFate.NEVER: Fate.NEVER,
    MailFate.DOUBT: Fate.DOUBT,
    MailFate.STOPPED: Fate.STOPPED,
}

NO_SERVER = Bilingual(
    "メールサーバーが設定されていません(mail.host)。設定してサービスを起動し直してください",
    "no mail server is set (mail.host): set one and start the service anew",
)


def send_mail(mailer: Mailer, message: Message, language: Language, stop: Event) -> Outcome:
    """Send a message, blocking. The reader's language comes first, the other below it."""
    outcome = mailer.send(letter_of(mailer, message, language), message.delivery.target, stop)
    return Outcome(_FATES[outcome.fate], why=outcome.why, of_receiver=outcome.of_server)


def letter_of(mailer: Mailer, message: Message, language: Language) -> bytes:
    """The e-mail as it is sent: always the same for the same message, but for its link."""
    delivery, words = message.delivery, message.words
    first, second = (words.text.ja, words.text.en) if language == "ja" else (words.text.en, words.text.ja)
    letter = Letter(words.title.to(language), Bilingual(first, second))
    at: datetime = delivery.queued_at
    return message_bytes(letter, mailer.settings, delivery.target, _message_id(message, mailer), at)


def _message_id(message: Message, mailer: Mailer) -> str:
    return message_id_of(("watch", message.delivery.key), mailer.settings.sender)
