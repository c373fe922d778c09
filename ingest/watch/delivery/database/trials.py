"""What came of messages that try a channel out."""

from collections.abc import Sequence
from typing import NamedTuple

from ingest.store.database import Database


class Trial(NamedTuple):
    """A test, as it stands."""

    channel: str
    target: str
    delivered: bool
    ended: bool
    tries: int
    answer: str
    failed_ja: str | None
    failed_en: str | None


def read_trials(connection: Database, numbers: Sequence[int]) -> list[Trial]:
    """The tests of these numbers."""
    rows = connection.execute(
        "select channel, target, delivered_at is not null, coalesce(delivered_at, doubt_at, given_up_at) is not null,"
        " tries, answer, failed_ja, failed_en from watch_delivery where delivery_id = any(%s) order by delivery_id",
        (list(numbers),),
    )
    return [Trial(*row) for row in rows]
