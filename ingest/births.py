"""What is done because of Sparkplug births, beside the path: data that came before them is read again, nodes are asked.

Data set aside as `not_born` goes through the path again when a birth of its node is committed. If the settings allow
it, a node whose data cannot be read is asked to announce itself again.
"""

import asyncio
from collections.abc import Callable

import structlog

from ingest.compose import build_judge
from ingest.decode.sparkplug_births import Births, Certificate
from ingest.decode.sparkplug_wire import rebirth_request
from ingest.errors import StoreUnavailable
from ingest.rebirth import Rebirths
from ingest.receipts import FirstReceipts
from ingest.settings import Settings
from ingest.store import quarantine
from ingest.store.births import load_births, load_certificates
from ingest.store.database import connect, translated
from ingest.store.registry import load_directory
from schemas.rejection import RejectionReason

log = structlog.get_logger()

ROUNDS = 2
"""Looks at the quarantine after a birth: one, and one when what was under way with it is surely committed."""


class BirthCare:
    """Runs beside the pipelines of a process that hears Sparkplug. `publish`: topic and payload to the broker."""

    def __init__(
        self,
        settings: Settings,
        births: Births,
        publish: Callable[[str, bytes], bool],
        now_us: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._births = births
        self._publish = publish
        self._now_us = now_us
        self._rebirths = Rebirths(settings.sparkplug.rebirth_interval_s)
        self._rounds: dict[str, int] = {}

    async def run(self) -> None:
        """Until cancelled. An unreachable database changes nothing."""
        while True:
            await asyncio.sleep(self._settings.registry.poll_s)
            news, unread = self._births.take_news()
            self._rebirths.born(news)
            self._rounds |= dict.fromkeys(news, ROUNDS)
            if unread:
                await self._look_up(unread)
            if self._rounds:
                await self._read_again()
            if self._settings.sparkplug.rebirth_requests:
                self._ask(unread | self._births.incomplete(self._now_us()))

    async def _look_up(self, unread: set[str]) -> None:
        """Somebody else may have heard the birth: a replay on the command line stores what it learns."""
        try:
            known = await asyncio.to_thread(_certificates, self._settings)
        except StoreUnavailable as error:
            log.warning("births_not_read", error=str(error))
            return
        for one in known:
            if one.node in unread:
                self._births.add(one)

    async def _read_again(self) -> None:
        nodes = list(self._rounds)
        try:
            result = await asyncio.to_thread(_replay, self._settings, nodes)
        except StoreUnavailable as error:
            log.warning("births_not_replayed", error=str(error))
            return
        self._rounds = {node: left - 1 for node, left in self._rounds.items() if left > 1}
        if result.tried:
            log.info("read_after_birth", nodes=nodes, tried=result.tried, stored=result.stored, refused=result.refused)

    def _ask(self, unread: set[str]) -> None:
        now_us = self._now_us()
        self._rebirths.want(unread, now_us / 1e6)
        for node in self._rebirths.due(now_us / 1e6):
            group, name = node.split("/")
            sent = self._publish(f"spBv1.0/{group}/NCMD/{name}", rebirth_request(now_us // 1000))
            log.info("rebirth_requested", node=node, sent=sent)


def _certificates(settings: Settings) -> list[Certificate]:
    with connect(settings.database, audible=True) as connection, translated():
        return load_certificates(connection)


def _replay(settings: Settings, nodes: list[str]) -> quarantine.Replayed:
    with connect(settings.database, audible=True) as connection, translated():
        judge = build_judge(settings, load_directory(connection), FirstReceipts(), load_births(connection))
        return quarantine.replay(connection, judge, reason=RejectionReason.NOT_BORN.value, topics=_topics(nodes))


def _topics(nodes: list[str]) -> list[str]:
    """Patterns of `like` for the data of these nodes and of what is behind them."""
    plain = [node.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_").split("/") for node in nodes]
    return [f"%{group}/_DATA/{name}%" for group, name in plain]
