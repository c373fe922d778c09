"""Sends what is queued, one e-mail after the other: the intent is on record before it, the outcome after it."""

import time
from datetime import datetime
from threading import Event

from ingest.access import audit
from ingest.access.audit import Action
from ingest.errors import CallRefused
from ingest.report.mail import database
from ingest.report.mail.letter import NotNeeded, letter_of
from ingest.report.mail.message import message_bytes
from ingest.report.mail.model import Delivery
from ingest.report.mail.queue import SERVICE
from ingest.report.mail.smtp import Fate, Mailer, Outcome
from ingest.report.order.database import codes_of_project
from ingest.store.database import Database
from schemas.bilingual import Bilingual

MOST_TRIES = 16
MOST_AT_ONCE = 50
MOST_S = 90.0
"""So long one run goes on sending. The lane has other jobs too."""
_FIRST_S, _MOST_S = 60, 14_400

_LOST = Bilingual(
    "送る途中で処理が止まりました。届いたかどうか分かりません",
    "the service ended while it was being sent; nobody knows whether it arrived",
)


def retry_after_s(tries: int) -> int:
    """Seconds to the next attempt after so many (1 or more): a minute, four, sixteen ... and four hours at most."""
    return min(_FIRST_S << (2 * min(tries - 1, 8)), _MOST_S)


def send_due(connection: Database, mailer: Mailer, url: str, now: datetime, stop: Event) -> int:
    """How many e-mails were sent. `connection` in autocommit mode. While the server does not answer, all wait."""
    database.note_lost(connection, _LOST)
    sent, until_s = 0, time.monotonic() + MOST_S
    for _ in range(MOST_AT_ONCE):
        if stop.is_set() or time.monotonic() > until_s:
            break
        delivery = database.claim_next(connection)
        if delivery is None:
            break
        outcome = _send(connection, mailer, delivery, url, now, stop)
        sent += outcome.fate is Fate.SENT
        if outcome.of_server:
            database.put_off_open(connection, retry_after_s(delivery.tries))
            break
    return sent


_ENDED = Outcome(Fate.NEVER, Bilingual("", ""))


def _send(connection: Database, mailer: Mailer, delivery: Delivery, url: str, now: datetime, stop: Event) -> Outcome:
    settings = mailer.settings
    try:
        letter, report = letter_of(connection, delivery, settings, url, now)
    except NotNeeded as error:
        database.note_withdrawn(connection, delivery.number, error.said)
        return _ENDED
    except CallRefused as error:
        database.note_given_up(connection, delivery.number, error.said)
        return _ENDED
    message = message_bytes(letter, settings, delivery.address, delivery.message_id, delivery.queued_at)
    outcome = mailer.send(message, delivery.address, stop)
    _note(connection, delivery, outcome, report)
    return outcome


def _note(connection: Database, delivery: Delivery, outcome: Outcome, report: int | None) -> None:
    number = delivery.number
    match outcome.fate:
        case Fate.SENT:
            with connection.transaction():
                database.note_sent(connection, number)
                if report is not None:
                    _note_audit(connection, delivery, report)
        case Fate.DOUBT:
            database.note_doubt(connection, number, outcome.why)
        case Fate.STOPPED:
            database.give_back(connection, number)
        case Fate.LATER if delivery.tries < MOST_TRIES:
            database.note_later(connection, number, outcome.why, retry_after_s(delivery.tries))
        case _:
            database.note_given_up(connection, number, outcome.why)


def _note_audit(connection: Database, delivery: Delivery, report: int) -> None:
    """A report leaves the installation: to whom is on record."""
    project, organisation = codes_of_project(connection, delivery.project_id)
    after = {"report": report, "kind": delivery.kind, "period": delivery.first_day, "address": delivery.address,
             "message_id": delivery.message_id}  # fmt: skip
    entry = SERVICE.entry(
        Action.REPORT_SENT, f"{delivery.kind} {delivery.first_day}", organisation, project, after=after
    )
    audit.append(connection, entry)
