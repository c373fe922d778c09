"""Notices to phones by Web Push (RFC 8030). What is sent is encrypted for the phone: the push service reads nothing."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec

from ingest.store.database import Database
from ingest.watch.delivery.database.phones import Phone, read_phone
from ingest.watch.delivery.message import Message
from ingest.watch.delivery.model import Fate, Outcome
from ingest.watch.delivery.prepare import Send, channel_of
from ingest.watch.delivery.senders.http import Answer, Post, outcome_of, post
from ingest.watch.delivery.senders.push_crypto import MOST_BYTES, authorization, encrypt
from schemas.bilingual import Bilingual, Language
from schemas.misfit import said_by

TIMEOUT_S = 10.0
KEPT_S = 4 * 3_600
"""So long a push service keeps a message for a phone that is off: later it is no news."""
NOT_REGISTERED = Outcome(
    Fate.GONE,
    why=Bilingual("端末の登録がもうありません", "the phone is registered no more"),
)
_GONE = frozenset((404, 410))


class PushSender:
    """Calls the phones of people. `contact`: whom a push service may ask, as mailto:noroshi@city.example.jp.

    `outside`: push services are of the internet. A browser may register any name, also one that leads to a machine of
    our own network.
    """

    def __init__(self, key: ec.EllipticCurvePrivateKey, contact: str, *, outside: bool = True) -> None:
        self._key = key
        self._outside = outside
        self._contact = contact

    def prepare(self, connection: Database, messages: Sequence[Message]) -> list[Send | Outcome]:
        """What sends each message to its phone."""
        return [self._prepare(connection, each) for each in messages]

    def _prepare(self, connection: Database, message: Message) -> Send | Outcome:
        phone = read_phone(connection, message.delivery.target)
        if phone is None:
            return NOT_REGISTERED
        _, language = channel_of(connection, message.delivery)
        return lambda _stop: self._send(message, phone, language)

    def tick(self, connection: Database) -> None:
        """Nothing has to be done from time to time."""

    def _send(self, message: Message, phone: Phone, language: Language) -> Outcome:
        try:
            body = encrypt(content_of(message, language), phone.p256dh, phone.auth)
        except ValueError as error:
            return Outcome(Fate.NEVER, why=said_by(error))
        headers = {
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(KEPT_S),
            "urgency": "high",
            "topic": message.delivery.key.hex,  # sent again it replaces the one that waits
            "authorization": authorization(self._key, phone.endpoint, self._contact, datetime.now(UTC)),
        }
        answer = post(Post(phone.endpoint, body, headers, TIMEOUT_S, outside=self._outside))
        if not isinstance(answer, Answer):
            return answer
        outcome = outcome_of(answer)
        return outcome._replace(fate=Fate.GONE) if answer.status in _GONE else outcome


def content_of(message: Message, language: Language) -> bytes:
    """What the service worker of the pages shows: title, body, address, tag. The body is cut to what a push holds."""
    words, links = message.words, message.links
    body = words.text.to(language)
    while True:
        content = json.dumps(
            {
                "title": words.title.to(language), "body": body, "url": links.take or links.page,
                "tag": str(message.delivery.key), "drill": message.is_drill,
            },
            ensure_ascii=False,
        ).encode()  # fmt: skip
        if len(content) <= MOST_BYTES or not body:
            return content
        body = body[: len(body) * 3 // 4]
