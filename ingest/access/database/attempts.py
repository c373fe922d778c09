"""The SQL of the buckets that wrong passwords fall into."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ingest.store.database import Database


class Level(NamedTuple):
    """How full a bucket was at a moment."""

    bucket: str
    level: float
    at: datetime


_LEVELS = "select bucket, level, at from sign_in_attempt where bucket = any(%s)"

# A bucket whose time lies in the future stays as full as it is: the clock was set back.
_TAKE = """
insert into sign_in_attempt as a (bucket, level, at) values (%(bucket)s, 1, %(now)s)
on conflict (bucket) do update set
    level = greatest(0, a.level - greatest(0, extract(epoch from %(now)s - a.at)) / %(each_s)s) + 1, at = %(now)s
where greatest(0, a.level - greatest(0, extract(epoch from %(now)s - a.at)) / %(each_s)s) + 1 <= %(most)s
"""

_GIVE_BACK = """
update sign_in_attempt set level = greatest(0, level - 1)
where bucket in (select a.bucket from sign_in_attempt a where a.bucket = any(%s) order by a.bucket for update)
"""

_KNOWN = """
insert into sign_in_attempt (bucket, level, at) values (%(bucket)s, 0, %(now)s)
on conflict (bucket) do update set level = 0, at = %(now)s
"""


def levels(connection: Database, buckets: Sequence[str]) -> dict[str, Level]:
    """The buckets that are there, as they were written last."""
    rows = connection.execute(_LEVELS, (list(buckets),))
    return {row[0]: Level(*row) for row in rows}


def take(connection: Database, bucket: str, now: datetime, each_s: float, most: int) -> bool:
    """Add an attempt to a bucket that loses one every `each_s` seconds; False if it holds `most` and is left alone."""
    values = {"bucket": bucket, "now": now, "each_s": each_s, "most": most}
    return bool(connection.execute(_TAKE, values).rowcount)


def give_back(connection: Database, buckets: Sequence[str]) -> None:
    """Take an attempt out of each bucket again. They are locked in the order in which `take` is called."""
    connection.execute(_GIVE_BACK, (list(buckets),))


def empty(connection: Database, bucket: str, now: datetime) -> None:
    """Have a bucket be there, with nothing in it."""
    connection.execute(_KNOWN, {"bucket": bucket, "now": now})


def bring_back(connection: Database, buckets: Sequence[str], now: datetime) -> None:
    """Have buckets whose time lies in the future begin to drain now."""
    connection.execute(
        "update sign_in_attempt set at = %s where bucket = any(%s) and at > %s", (now, list(buckets), now)
    )


def delete_old(connection: Database, drained: datetime, forgotten: datetime, known: str) -> int:
    """Delete buckets that have drained since, and those beginning with `known` that nobody used since `forgotten`."""
    return connection.execute(
        "delete from sign_in_attempt where at < case when starts_with(bucket, %s) then %s else %s end",
        (known, forgotten, drained),
    ).rowcount
