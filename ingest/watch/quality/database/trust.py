"""Which series have failed for long, and of which people were told."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ingest.store.database import Database
from ingest.watch.quality.database.series import Series
from schemas.japan import JST


class Trust(NamedTuple):
    """What is left of a series to trust: its newest reading, and when its newest one that did not fail was measured.

    `failed_from`: the first of the readings since that have failed. `test`: of the flag on the newest one.
    """

    series: Series
    project_id: int
    newest: datetime
    sound: datetime | None
    failed_from: datetime | None
    test: str | None


def trust_of(connection: Database, since: datetime, subjects: Sequence[Series]) -> list[Trust]:
    """How series stand that have failed since a moment, and the series asked for. Readings before it are not seen."""
    rows = connection.execute(
        """
        with asked as (
            select f.device_id, f.quantity_id, f.channel from watch_flag f where f.grade = 4 and f.ends >= %(since)s
            union
            select a.device_id, a.quantity_id, a.channel
            from unnest(%(devices)s::int[], %(quantities)s::smallint[], %(channels)s::smallint[])
                a (device_id, quantity_id, channel)
        ),
        looked as (
            select a.device_id, a.quantity_id, a.channel, r.time, (
                select min(f.test) from watch_flag f
                where f.grade = 4 and f.device_id = a.device_id and f.quantity_id = a.quantity_id
                  and f.channel = a.channel and r.time >= f.starts and r.time <= f.ends
            ) as test
            from asked a
            join reading_counted r on r.device_id = a.device_id and r.quantity_id = a.quantity_id
                and r.channel = a.channel and r.time >= %(since)s
        ),
        seen as (                -- in one pass: very many may have failed at once
            select l.*, max(l.time) filter (where l.test is null)
                over (partition by l.device_id, l.quantity_id, l.channel) as sound
            from looked l
        )
        select s.device_id, s.quantity_id, s.channel, d.project_id, max(s.time), s.sound,
            min(s.time) filter (where s.test is not null and s.time > coalesce(s.sound, '-infinity')),
            (array_agg(s.test order by s.time desc))[1]
        from seen s join device d using (device_id)
        group by s.device_id, s.quantity_id, s.channel, d.project_id, s.sound
        """,
        {
            "since": since,
            "devices": [each.device_id for each in subjects],
            "quantities": [each.quantity_id for each in subjects],
            "channels": [each.channel for each in subjects],
        },
    )
    return [Trust(Series(*row[:3]), *row[3:]) for row in rows]


def untrusted(connection: Database) -> dict[Series, datetime]:
    """The series of which people were told that they cannot be trusted, and when that was."""
    rows = connection.execute(
        """
        select e.device_id, e.quantity_id, e.channel, e.at
        from (
            select distinct on (e.subject) e.* from watch_event e
            where e.kind = 'quality' and e.withdrawn_at is null and e.origin <> 'drill'
            order by e.subject, e.at desc, e.event_id desc
        ) e
        where e.rank > 0
        """
    )
    return {Series(*row[:3]): row[3].astimezone(JST) for row in rows}
