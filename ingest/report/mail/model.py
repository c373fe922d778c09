"""E-mails: what became of each."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ingest.report.schedule.model import Purpose
from schemas.bilingual import Bilingual


class DeliveryState(StrEnum):
    """How far an e-mail is. The names are parts of texts."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DOUBT = "doubt"
    """It was on its way when the answer was lost: the server may have it or not."""
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    """Not needed any more: by its own rules, or because somebody saw to it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One e-mail to one address. `kind`: of the report, or the code of the duty. `failed`: what went wrong last."""

    number: int
    project_id: int
    schedule: int | None
    report: int | None
    purpose: Purpose
    kind: str
    first_day: date
    last_day: date
    address: str
    message_id: str
    queued_at: datetime
    tries: int
    next_try_at: datetime
    sending_since: datetime | None
    sent_at: datetime | None
    doubt_at: datetime | None
    given_up_at: datetime | None
    settled_at: datetime | None
    failed: Bilingual | None

    @property
    def state(self) -> DeliveryState:
        """How far it is."""
        if self.sent_at is not None:
            return DeliveryState.SENT
        if self.settled_at is not None:
            return DeliveryState.WITHDRAWN
        if self.doubt_at is not None:
            return DeliveryState.DOUBT
        if self.given_up_at is not None:
            return DeliveryState.FAILED
        return DeliveryState.WAITING if self.sending_since is None else DeliveryState.SENDING

    @property
    def needs_somebody(self) -> bool:
        """Whether a person has to decide what becomes of it."""
        return self.state in (DeliveryState.DOUBT, DeliveryState.FAILED)
