"""What a life of the service reads from the database before its first message, and what it leaves there at its end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from ingest.decode.sparkplug.births import Births
from ingest.errors import StoreUnavailable, StoreUnfit
from ingest.message import Canary
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.receive.subscription import WorkerSlot, called, for_worker
from ingest.registry.index import Directory
from ingest.runtime.threads import in_thread
from ingest.service.recognition import known_receipts
from ingest.settings.model import Settings
from ingest.sparkplug.births import births_at_start
from ingest.store import client_id as identity
from ingest.store import timescale
from ingest.store import worker_sessions as sessions
from ingest.store.database import connect, describe, translated
from ingest.store.doctor.roles import has_pooler_between, too_strong
from ingest.store.quarantine import aside_today
from ingest.store.registry.registry import load_directory
from ingest.store.schema import migrate
from ingest.store.status import life
from ingest.store.wall import refuse_behind_wall
from schemas.bilingual import Bilingual

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Beginning:
    """What has to be read from the database before the first message can be interpreted.

    `receipts` and `earlier`: by client id, our own and those whose sessions are to be emptied.
    `aside`: bytes quarantined today, by device or, where it is not known, by topic.
    """

    client_id: str
    server: timescale.Server
    directory: Directory
    sessions: sessions.Sessions
    receipts: dict[str, tuple[FirstReceipts, Canary | None]]
    births: Births
    earlier: dict[str, life.EarlierLife]
    aside: dict[int | str, int]


def read_beginning(settings: Settings, slot: WorkerSlot) -> Beginning:
    """Read it, once. Raises StoreUnavailable, saying what is missing and what to do."""
    with connect(settings.database, watched=True) as connection, translated():
        where = describe(settings.database.url)
        if has_pooler_between(connection):
            raise StoreUnavailable(
                Bilingual(
                    f"database.url: {where} で接続プール(PgBouncer など)が答えます。ロックと一時表は接続に属します。"
                    "PostgreSQL そのものを書いてください",
                    f"database.url: a pooler (PgBouncer or the like) answers at {where}:"
                    " our locks and temporary tables belong to a connection of ours; name PostgreSQL itself",
                )
            )
        refuse_behind_wall(connection)
        waiting = migrate.pending(connection)
        if waiting:
            raise StoreUnavailable(
                Bilingual(
                    f"database.url: {where} には移行が {len(waiting)} 件足りません。noroshi db upgrade を"
                    "実行してください",
                    f"database.url: {where} lacks {len(waiting)} migration(s): run `noroshi db upgrade`",
                )
            )
        if slot.number == 1 and (why := too_strong(connection)) is not None:
            log.warning("database_role_too_strong", why=why, advice="run the service as a role that only writes")
        who = identity.identify(connection, settings.broker.client_id, leaves_former=settings.broker.protocol == "5")
        before = sessions.take_slot(connection, who, slot.number, slot.of)
        if slot.number > 1:
            before = before._replace(surplus=(), former=())  # worker 1 empties them
        concerned = [sessions.Left(who.client_id, slot.number), *before.surplus, *before.former]
        client_ids = [
            for_worker(called(settings, client_id), number).broker.client_id_in_use for client_id, number in concerned
        ]
        receipts = {each: known_receipts(connection, each) for each in client_ids}
        directory, births = load_directory(connection), births_at_start(connection, settings, trim=slot.number == 1)
        earlier = {each: life.begin_life(connection, each) for each in client_ids}
        server, aside = timescale.ask(connection), aside_today(connection)
        return Beginning(who.client_id, server, directory, before, receipts, births, earlier, aside)


async def begin(settings: Settings, slot: WorkerSlot, waits: Callable[[str], None]) -> Beginning:
    """Wait for a database that is there and fits; say each time what is missing and what to do.

    Raises StoreUnfit for one that no waiting makes fit.
    """
    pause_s = 0.2
    while True:
        try:
            return await in_thread(partial(read_beginning, settings, slot))
        except StoreUnfit:
            raise
        except StoreUnavailable as error:
            waits(error.said.en)  # logs and metrics are searched by their words
            log.error("waiting_for_database", error=str(error), again_in_s=round(pause_s, 1))
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, settings.database.backoff_max_s)


def end_life(settings: Settings, client_id: str, begun_at: datetime) -> None:
    """Note that this life ends in order. If that fails, the next start is a careful one, and some seconds slower."""
    with connect(settings.database, watched=True) as connection, translated():
        life.end_life(connection, client_id, begun_at)


def forget_session(settings: Settings, left: sessions.Left) -> None:
    """This session is no more. If that is not noted, the next start finds it empty, or gone, and forgets it then."""
    with connect(settings.database, watched=True) as connection, translated():
        sessions.forget(connection, left)


def forget_former(settings: Settings) -> None:
    """Nothing is left under the name from before there was one made by chance."""
    with connect(settings.database, watched=True) as connection, translated():
        identity.forget_former(connection)
