"""Sends what is in the outbox. The intent is on record before anything is sent, the outcome after it.

One thread has the connection to the database: it claims what is due, and notes what came of it. The senders of each way
are threads of their own, so that a webhook that hangs delays no e-mail; of one receiver one message is sent at a time.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Event as Stop
from threading import Event as Wake
from threading import Thread
from typing import NamedTuple

import structlog

from ingest.store.database import Database
from ingest.watch.delivery.database import sending as rows
from ingest.watch.delivery.database.sending import Said
from ingest.watch.delivery.database.undelivered import count_undelivered
from ingest.watch.delivery.desk import Desk, defect_of
from ingest.watch.delivery.escalate import escalate_due
from ingest.watch.delivery.model import Delivery, Fate, Outcome, Way
from ingest.watch.delivery.pace import PACE, Pace, next_try
from ingest.watch.delivery.prepare import Send
from ingest.watch.now import DatabaseClock
from ingest.watch.tally import Tally
from schemas.bilingual import Bilingual

log = structlog.get_logger()

AT_ONCE: Mapping[Way, int] = {
    Way.MAIL: 4, Way.WEBHOOK: 8, Way.SLACK: 4, Way.TEAMS: 4, Way.LINE_WORKS: 4, Way.WEB_PUSH: 8, Way.MQTT: 64,
}  # fmt: skip
"""So many messages of a way are sent at the same time. To the broker many: when a whole valley crosses its stages."""
LOOK_EVERY_S = 0.05
TICK_EVERY_S = 1.0
COUNT_EVERY_S = 10.0
"""What did not arrive is counted so often."""
ENDS_WITHIN_S = 3.0
"""What is on its way when the watch has to end gets so long."""

LOST = Bilingual(
    "送る途中で処理が止まりました。届いたかどうか分かりません",
    "the watch ended while it was being sent; nobody knows whether it arrived",
)
NEVER_AGAIN = (Way.MAIL,)
"""What may have been sent is not sent again by these ways. By the others it is, and says so."""
ONCE_MORE = (Way.SLACK, Way.TEAMS, Way.LINE_WORKS)
"""By these it is sent once more: people read each of them. Programs drop the second, phones show the last alone."""


class _Done(NamedTuple):
    delivery: Delivery
    outcome: Outcome


class Deliveries:
    """Sends what is due until stopped. `connection`: in autocommit mode, for this alone. `tally`: is kept."""

    def __init__(
        self, connection: Database, desk: Desk, pace: Pace = PACE, now: Callable[[], datetime] | None = None,
        wake: Wake | None = None, tally: Tally | None = None,
    ) -> None:  # fmt: skip
        self._connection = connection
        self._desk = desk
        self._pace = pace
        self._now = now or DatabaseClock(connection).now
        self._busy: dict[int, Delivery] = {}
        self._done: SimpleQueue[_Done] = SimpleQueue()
        self._wake = wake or Wake()
        self._stop = Stop()
        self._tally = tally or Tally()
        self._counted_s = -COUNT_EVERY_S

    def run(self, stop: Stop, active: Callable[[], bool] = lambda: True) -> None:
        """Blocking, until stopped or no more `active`. Raises the driver's errors of a connection that is lost.

        What was being sent then is in doubt when it is run again.
        """
        self._recover()
        ticked_s = -TICK_EVERY_S
        try:
            while not stop.is_set() and active():
                if time.monotonic() - ticked_s >= TICK_EVERY_S:
                    self._tick()
                    ticked_s = time.monotonic()
                self.send_due()
                self._settle(LOOK_EVERY_S)
        finally:
            self._stop.set()
            self._end()

    def send_due(self) -> None:
        """Begin to send what is due, as far as senders are free."""
        for way in rows.kinds_waiting(self._connection, self._now()):
            of_way = [each for each in self._busy.values() if each.way is way]
            free = AT_ONCE[way] - len(of_way)
            if free > 0 and self._desk.serves(way):
                lanes = {each.lane for each in of_way}
                if claimed := rows.claim_due(self._connection, way, lanes, free, self._now()):
                    self._begin(way, claimed)

    def _begin(self, way: Way, claimed: Sequence[Delivery]) -> None:
        self._busy.update((each.delivery_id, each) for each in claimed)
        for delivery, send in zip(claimed, self._prepare(way, claimed), strict=True):
            if isinstance(send, Outcome):
                self._put(_Done(delivery, send))
            else:
                # No pool: its threads would keep a process that has to end for as long as a receiver hangs.
                Thread(target=self._send, args=(delivery, send), name=way.value, daemon=True).start()

    def _send(self, delivery: Delivery, send: Send) -> None:
        try:
            outcome = send(self._stop)
        except Exception as error:
            log.exception("watch_delivery_defect", delivery=delivery.delivery_id)
            outcome = defect_of(error)
        self._put(_Done(delivery, outcome))

    def _put(self, done: _Done) -> None:
        self._done.put(done)
        self._wake.set()

    def _prepare(self, way: Way, claimed: Sequence[Delivery]) -> list[Send | Outcome]:
        try:
            return self._desk.prepare(self._connection, way, claimed)
        except rows.FAILURES:
            raise
        except Exception as error:
            if len(claimed) > 1:  # whose defect it is, is found by one after the other
                return [self._prepare(way, [each])[0] for each in claimed]
            log.exception("watch_delivery_defect", delivery=claimed[0].delivery_id)
            return [defect_of(error)]

    def _tick(self) -> None:
        try:
            escalate_due(self._connection, self._now())
            self._desk.tick(self._connection)
            if time.monotonic() - self._counted_s >= COUNT_EVERY_S:
                self._tally.undelivered = count_undelivered(self._connection, self._now())
                self._counted_s = time.monotonic()
        except rows.FAILURES:
            raise
        except Exception:
            log.exception("watch_escalation_defect")

    def _settle(self, timeout_s: float) -> None:
        """Wait for so long until one was sent, or until there is something to send; note what came of messages."""
        self._wake.wait(timeout_s)
        self._wake.clear()
        done: list[_Done] = []
        with suppress(Empty):
            while True:
                done.append(self._done.get_nowait())
        self._note_delivered([each for each in done if each.outcome.fate is Fate.DELIVERED])
        for each in done:
            if each.outcome.fate is not Fate.DELIVERED:
                self._note(*each)

    def _note_delivered(self, done: Sequence[_Done]) -> None:
        """One statement for all that were answered alike: of a storm at the broker that is all of them."""
        now, alike = self._now(), dict[str, list[int]]()
        for delivery, outcome in done:
            alike.setdefault(outcome.answer, []).append(delivery.delivery_id)
        for answer, numbers in alike.items():
            rows.note_delivered(self._connection, numbers, Said(answer), now)
        for delivery, outcome in done:
            del self._busy[delivery.delivery_id]
            _log(delivery, outcome, now)

    def _note(self, delivery: Delivery, outcome: Outcome) -> None:
        number, now, connection = delivery.delivery_id, self._now(), self._connection
        said = Said(outcome.answer, outcome.why)
        match outcome.fate:
            case Fate.STOPPED:
                rows.give_back(connection, number)
            case Fate.DOUBT if delivery.way in NEVER_AGAIN or (delivery.resent and delivery.way in ONCE_MORE):
                rows.note_doubt(connection, number, said, now)
            case Fate.GONE:
                rows.note_given_up(connection, number, said, now)
                if delivery.way is Way.WEB_PUSH:
                    rows.end_subscription(connection, delivery.target, outcome.answer)
            case Fate.NEVER:
                rows.note_given_up(connection, number, said, now)
            case _:
                self._try_again(delivery, outcome, said)
        del self._busy[number]
        _log(delivery, outcome, now)

    def _try_again(self, delivery: Delivery, outcome: Outcome, said: Said) -> None:
        now = self._now()
        due_at = next_try(self._pace, delivery, outcome, now, random.random)
        if due_at is None:
            rows.note_given_up(self._connection, delivery.delivery_id, said, now)
            return
        resent = outcome.fate is Fate.DOUBT
        rows.note_later(self._connection, delivery.delivery_id, said, due_at, resent=resent)
        if outcome.of_receiver:
            rows.put_off(self._connection, delivery, due_at)

    def _recover(self) -> None:
        doubt, again = rows.recover(self._connection, LOST, NEVER_AGAIN, self._now())
        if doubt or again:
            log.warning("watch_deliveries_interrupted", in_doubt=doubt, sent_again=again)

    def _end(self) -> None:
        until_s = time.monotonic() + ENDS_WITHIN_S
        while self._busy and (left_s := until_s - time.monotonic()) > 0:
            self._settle(min(left_s, LOOK_EVERY_S))


def _log(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    told = log.bind(
        delivery=delivery.delivery_id, way=delivery.way.value, channel=delivery.channel, tries=delivery.tries
    )
    if outcome.fate is Fate.DELIVERED:
        told.info("watch_delivered", after_s=round((now - delivery.queued_at).total_seconds(), 3))
    elif outcome.fate is not Fate.STOPPED:
        told.warning("watch_not_delivered", fate=outcome.fate.value, why=outcome.why.en)
