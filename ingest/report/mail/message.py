"""The text of an e-mail. The same delivery gives the same bytes, so that sending it again is the same message."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import NamedTuple

from ingest.settings.mail import MailSettings
from schemas.bilingual import Bilingual
from schemas.japan import to_jst

SENDER = "狼煙 Noroshi"
LONGEST_SUBJECT = 150
_POLICY = SMTP.clone(cte_type="7bit", max_line_length=76)
"""No server has to know 8BITMIME or SMTPUTF8."""


class Attachment(NamedTuple):
    """A file that goes with an e-mail. `media_type` as HTTP says it."""

    name: str
    media_type: str
    content: bytes


class Letter(NamedTuple):
    """What is said to one person: Japanese first, English below."""

    subject: str
    text: Bilingual
    attachments: Sequence[Attachment] = ()


def message_bytes(letter: Letter, settings: MailSettings, to: str, message_id: str, at: datetime) -> bytes:
    """The e-mail as it is sent, in ASCII with CRLF. `at`: when it was queued, which its Date says.

    Names cannot bring in a header: line breaks and other control characters become blanks.
    """
    message = EmailMessage(policy=_POLICY)
    message["Subject"] = one_line(letter.subject)[:LONGEST_SUBJECT]
    message["From"] = Address(one_line(settings.sender_name or SENDER), addr_spec=settings.sender)
    message["To"] = Address(addr_spec=to)
    message["Date"] = format_datetime(to_jst(at))
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(f"{letter.text.ja}\n\n----\n{letter.text.en}\n", charset="utf-8", cte="base64")
    for each in letter.attachments:
        _attach(message, each)
    if letter.attachments:
        message.set_boundary(f"noroshi-{hashlib.sha256(message_id.encode()).hexdigest()[:32]}")
    return message.as_bytes()


def message_id_of(parts: Sequence[object], sender: str) -> str:
    """The Message-ID of a delivery: always the same for the same parts, and for no others."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:24]  # its header stays one line
    return f"<noroshi.{digest}@{sender.rpartition('@')[2] or 'localhost'}>"


def one_line(text: str) -> str:
    """A text without line breaks and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _attach(message: EmailMessage, file: Attachment) -> None:
    kind, _, more = file.media_type.partition(";")
    main, _, sub = kind.strip().partition("/")
    charset = more.partition("charset=")[2].strip()
    message.add_attachment(file.content, maintype=main, subtype=sub, filename=one_line(file.name), cte="base64")
    if charset:
        message.get_payload()[-1].set_param("charset", charset)  # type: ignore[union-attr,index]
