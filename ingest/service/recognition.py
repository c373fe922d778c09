"""May a redelivery be recognised by its packet id? Asked before each connection of a session, by trying it out.

Beside the session of the service lies one of a canary: a client of our own, with a few messages in flight. Whatever
happens to our session on the way to the next connection, a cut link, a killed service, a restarted broker, happens to
the canary's too. If its messages come again under their ids, ours do. If not, or if nobody can say, nothing is
recognised on that connection: a message without a time of its own may then be stored twice, and none is lost.

A link that breaks during the trial says nothing about packet ids: there is no connection then, and the next attempt
begins with the trial again. A broker that lets our session in and never the canary may not stop us: see CUTS.
"""

import asyncio
from functools import partial
from hashlib import sha256

import structlog

from ingest.errors import BrokerUnavailable
from ingest.message import Canary
from ingest.mqtt.address import address_of
from ingest.mqtt.probe.ids import came_again, check_all_came, kept, set_up
from ingest.mqtt.probe.plain import PlainClient, TrialCut, TrialFailed, Unreachable
from ingest.mqtt.probe.session import TOPICS
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.runtime.threads import note_in_thread
from ingest.settings.model import DatabaseSettings, Settings
from ingest.store import canaries
from ingest.store.batch.writer import take_over
from ingest.store.database import Database, connect, translated

log = structlog.get_logger("ingest.receive")

PATIENCE_S = 5.0
CUTS = 5
"""The last of so many trials that broke off is taken as it is: the connection is made without its result. Where there
is no connection at all, ours would fail too, and nothing is counted."""
SUFFIX = "-ids"
"""What the client id of the canary has behind ours."""


class Recognition:
    """Watches the session of one client id, that of `settings`. A SessionWatch (see receive/reconnecting.py)."""

    def __init__(self, settings: Settings, receipts: FirstReceipts, canary: Canary | None) -> None:
        broker = settings.broker
        self._settings = settings
        self._receipts = receipts
        self._client_id = broker.client_id_in_use
        self._broker = str(address_of(broker))
        self._topic = f"{TOPICS}/ids/{sha256(self._client_id.encode()).hexdigest()[:16]}"  # no topic shows the id
        self._client = PlainClient(
            broker,
            self._client_id + SUFFIX,
            expiry_s=broker.session_expiry_s,
            patience_s=min(broker.connect_timeout_s, PATIENCE_S),
        )
        self._canary = canary if canary is not None and canary.broker == self._broker else None
        self._cuts = 0
        self._said = ""
        self._writing = asyncio.Lock()
        self._background: set[asyncio.Task[None]] = set()

    async def before(self, generation: int) -> None:
        """To be awaited before the session connects for the `generation`-th time.

        Raises BrokerUnavailable if the link broke meanwhile and there is something to recognise.
        """
        try:
            if await self._ids_were_kept():
                self._receipts.ids_were_kept(generation)
        except TrialCut as cut:
            # A broker that lets our session in and never the canary must not keep us out for good, so cuts are counted.
            # Where nobody can connect at all, our session cannot either: that counts for nothing.
            if not isinstance(cut, Unreachable):
                self._cuts += 1
            # A broken link says nothing about packet ids, so the trial is repeated before we connect. Without a canary
            # there is nothing to recognise, and nothing to wait for.
            if self._canary is not None and self._cuts < CUTS:
                raise BrokerUnavailable(cut.said) from cut
            self._say("packet_ids_not_examined", str(cut))
        except TrialFailed as error:  # no result: we connect, and recognise nothing
            self._say("packet_ids_not_examined", str(error))
        finally:
            self._client.drop()
        self._cuts = 0

    def no_session(self) -> None:
        """Forget every first receipt: the broker had no session for us, and a new one counts its packet ids anew."""
        position = self._receipts.forget()
        if self._canary is not None:
            self._keep(self._canary._replace(position=position))

    async def _ids_were_kept(self) -> bool:
        """Whether the canary's messages came again under their ids. If not, a new canary is set up."""
        canary = self._canary
        if canary is not None:
            came = await came_again(self._client, canary)
            if came is not None and kept(canary, came):
                self._said = ""
                return True
            if came is not None and self._cuts < CUTS - 1:
                check_all_came(self._client, canary, came)
            if came is not None:
                self._say("packet_ids_not_kept", f"{self._broker} does not deliver again under the packet ids it had")
            self._canary = None  # a trial that breaks off from here on has destroyed it
        canary = await set_up(self._client, self._topic, self._broker)
        self._keep(canary._replace(position=self._receipts.forget()))
        return False

    def _keep(self, canary: Canary) -> None:
        """Write the canary in the background: the broker must not wait for that. Unwritten, it proves nothing."""
        self._canary = canary
        task = asyncio.create_task(self._write(), name="canary")
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _write(self) -> None:
        """Write the newest canary, whichever task comes first."""
        async with self._writing:
            if self._canary is not None:
                write = partial(_write, self._settings.database, self._client_id, self._canary)
                await note_in_thread(write, "canary_not_written")

    def _say(self, event: str, what: str) -> None:
        """Log a trouble, unless it is the one logged last."""
        if what != self._said:
            advice = "a message without a time of its own may be stored twice after a lost connection"
            log.warning(event, trouble=what, advice=advice)
        self._said = what


def known_receipts(connection: Database, client_id: str) -> tuple[FirstReceipts, Canary | None]:
    """First receipts and canary of an earlier life of this client id. A process that still serves it is cut off."""
    receipts = FirstReceipts(*take_over(connection, client_id))
    canary = canaries.known(connection, client_id)
    if canary is not None:
        receipts.forget_until(canary.position)
    return receipts, canary


def _write(settings: DatabaseSettings, client_id: str, canary: Canary) -> None:
    with connect(settings, watched=True) as connection, translated():
        canaries.keep(connection, client_id, canary)
