"""A session that changes its filters or is given up. Nothing it holds is lost on the way."""

import asyncio
from collections.abc import Callable

import mqtt5
from structlog.typing import FilteringBoundLogger

from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.mqtt.connection import FIRST_FAILURE, first_of
from ingest.mqtt.wording import in_words
from ingest.receive.mqtt5 import Mqtt5Intake, Receiver
from ingest.receive.subscription import Subscription, ordered_routes
from ingest.receive.turns import senders
from ingest.settings.model import Settings
from schemas.bilingual import Bilingual

UNSUBSCRIBE_ID = 2
QUIET_S = 2.0
"""A session is empty when the broker, asked again, has sent nothing for this long and we hold no message of it."""


class MemberIntake(Mqtt5Intake):
    """The fast intake. Subscribes first, and gives up the former filters only when that stands."""

    def __init__(
        self,
        settings: Settings,
        subscription: Subscription,
        *,
        now_us: Callable[[], int],
        log: FilteringBoundLogger | None = None,
    ) -> None:
        super().__init__(
            settings.broker,
            settings.intake,
            subscription.filters,
            now_us=now_us,
            log=log,
            sender_of=senders(ordered_routes(settings)),
        )
        self._former = subscription.former
        self._for_good = False

    async def emptied(self) -> None:
        """Wait until the broker has nothing more for this session: it listens to nothing, so that stays so."""
        while True:
            before = (self.connects_total, self.received_total)
            await asyncio.sleep(QUIET_S)
            # The broker reads in order: its answer comes after it has seen our last acknowledgement.
            if self.connected and self.held == 0 and await self._answers():
                await asyncio.sleep(0)
                if self.held == 0 and before == (self.connects_total, self.received_total):
                    return

    async def close_for_good(self) -> None:
        """Disconnect, and let the broker remove the session with all it holds: only after `emptied`."""
        self._for_good = True
        await self.close()

    async def _subscribe(self, session: Receiver) -> None:
        if self._filters:
            await super()._subscribe(session)
        await self._give_up_former(session)

    async def _give_up_former(self, session: Receiver) -> None:
        session.unsuback = asyncio.get_running_loop().create_future()
        session.transport.write(mqtt5.UnsubscribePacket(UNSUBSCRIBE_ID, list(self._former)).write())
        await first_of(session.unsuback, session.lost)  # behind the backlog; the keep-alive notices a dead link
        if not session.unsuback.done():
            raise session.lost.result()
        unsuback = session.unsuback.result()
        for topic_filter, code in zip(self._former, unsuback.reason_codes, strict=True):
            if code.value >= FIRST_FAILURE:
                why = in_words(code, unsuback.reason_str)
                raise BrokerRefused(
                    Bilingual(
                        f"{self._address} が {topic_filter} の購読を終えさせません: {why}",
                        f"{self._address} does not end the subscription to {topic_filter}: {why}",
                    )
                )

    async def _answers(self) -> bool:
        session = self._session
        if session is None:
            return False
        try:
            await self._give_up_former(session)
        except BrokerUnavailable:
            return False
        return True

    async def _leave(self) -> None:
        if self._session is not None:
            await self._session.leave(for_good=self._for_good)
