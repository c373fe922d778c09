"""A message that tries a channel or a person out: it goes the same way as every other and says that it is a test."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from ingest.errors import CallRefused
from ingest.store.database import Database
from ingest.watch.delivery.database.deciding import read_situation
from ingest.watch.delivery.database.queueing import NewRow, insert_digests
from ingest.watch.delivery.model import Effect, Purpose, Withheld
from ingest.watch.delivery.receivers import receivers
from schemas.bilingual import Bilingual
from schemas.watch_notice import BACKUP, DUTY

_WHY = {
    Withheld.NOBODY: Bilingual("当番がいません", "nobody is on duty"),
    Withheld.NO_ADDRESS: Bilingual("アドレスがありません", "there is no address"),
    Withheld.NO_PHONE: Bilingual("登録された端末がありません", "no phone is registered"),
}


def queue_trial(connection: Database, project_id: int, name: str, now: datetime) -> Sequence[int]:
    """Queue a test to a channel, a person, `duty` or `backup`; the numbers of its messages.

    Raises CallRefused for a name that the document does not have, and where nobody can be reached by it.
    """
    situation = read_situation(connection, project_id, now)
    notice = situation.notice
    if name not in {DUTY, BACKUP, *(each.code for each in (*notice.people, *notice.channels))}:
        raise CallRefused(
            Bilingual(
                f"「{name}」は監視計画の people にも channels にもありません",
                f"{name!r} is neither among people nor channels of the document",
            )
        )
    found = receivers((name,), situation)
    for each in found:
        if each.why_not:
            why = _WHY[each.why_not]
            raise CallRefused(Bilingual(f"「{name}」に送れません: {why.ja}", f"{name!r} cannot be reached: {why.en}"))
    rows = [
        NewRow(
            project_id, None, None, each.channel, each.way, each.target, each.recipient, 0, Purpose.TEST, Effect.RISE,
            uuid4(), None, now, now, Withheld.NO,
        )
        for each in found
    ]  # fmt: skip
    return insert_digests(connection, rows)
