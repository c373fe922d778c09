"""JSON to a program, with headers and signature as Standard Webhooks names them."""

import base64
import binascii
import hmac
from datetime import datetime
from hashlib import sha256

from ingest.watch.delivery.message import Message, body_of
from ingest.watch.delivery.model import Outcome
from ingest.watch.delivery.senders.http import Answer, Post, outcome_of, post
from ingest.watch.delivery.senders.secret_file import first_line
from schemas.bilingual import Bilingual
from schemas.watch_notice import WebhookChannel, checked_url

PREFIX = "whsec_"
"""A secret that begins so is base64, as Standard Webhooks has it; any other is taken letter by letter."""


def send_webhook(channel: WebhookChannel, message: Message, now: datetime) -> Outcome:
    """Send a message, blocking. Raises SecretMissing, or ValueError for an address in a file that is none."""
    body = body_of(message).model_dump_json().encode()
    key, at = str(message.delivery.key), f"{now.timestamp():.0f}"
    headers = {
        "content-type": "application/json",
        "user-agent": "Noroshi",
        "webhook-id": key,
        "idempotency-key": key,
        "webhook-timestamp": at,
    }
    if channel.secret_file is not None:
        headers["webhook-signature"] = signature(first_line(channel.secret_file), key, at, body)
    answer = post(Post(address_of(channel), body, headers, channel.timeout_s, channel.ca_file))
    return outcome_of(answer) if isinstance(answer, Answer) else answer


def address_of(channel: WebhookChannel) -> str:
    """Where a channel leads. Raises SecretMissing or ValueError."""
    if channel.url is not None:
        return channel.url
    assert channel.url_file is not None  # the model has one of both
    return checked_url(first_line(channel.url_file), plain_http=channel.plain_http)


def signature(secret: str, key: str, at: str, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 over id, time and body in base64. Raises ValueError for a secret that is no base64."""
    signed = f"{key}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(_key_of(secret), signed, sha256).digest()).decode()


def _key_of(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError(
            Bilingual("whsec_ の後が base64 ではありません", "what follows whsec_ in the secret is no base64")
        ) from None
