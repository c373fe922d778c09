"""What transmitters sent, and the ledger of their worst 60 minutes by month."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ingest.store.database import Database
from ingest.watch.airtime.pieces import Sent
from ingest.watch.progress.database import Span

FARTHEST_BACK = timedelta(days=35)
"""So far back the message is looked for with whose counter the first one of a span is compared."""


class Transmitter(NamedTuple):
    """A device that sends at 920 MHz. `regime`: which rule it keeps to; None: the registry does not say it."""

    device_id: int
    project_id: int
    regime: str | None


class Worst(NamedTuple):
    """The worst 60 minutes of a transmitter in a month; `at`: when these ended."""

    seconds: float
    at: datetime
    estimated: bool
    longest_ms: float | None
    regime: str | None = None


def transmitters(connection: Database, technologies: Sequence[str]) -> list[Transmitter]:
    """The devices of these technologies, and those of which the registry says a regime."""
    rows = connection.execute(
        """
        select d.device_id, d.project_id, d.airtime_regime
        from device d join network n using (network_id)
        where n.kind = any(%s) or d.airtime_regime is not null
        """,
        (list(technologies),),
    )
    return [Transmitter(*row) for row in rows]


def sent_in(connection: Database, spans: Sequence[Span]) -> dict[int, list[Sent]]:
    """What each device sent in its spans, the message before each and the one after it, in the order of time.

    Losses as the sums count them (rollup_counter_since, rollup_lost): across a rejoin nothing is lost.
    """
    rows = connection.execute(
        """
        select c.device_id, c.time, c.airtime_ms, rollup_lost(c.previous, c.counter), c.before_at, c.counter_ms,
            c.duty_percent
        from (
            select m.*, case when m.counter is not null then coalesce(
                case when m.lag_at is not null then
                    rollup_counter_since(m.lag_counter, m.lag_session, m.counter, m.session)
                end,
                rollup_counter_since(b.counter, b.session, m.counter, m.session)
            ) end as previous, coalesce(m.lag_at, b.time) as before_at
            from (
                select u.*, lag(u.time) over counted as lag_at, lag(u.counter) over counted as lag_counter,
                    lag(u.session) over counted as lag_session
                from unnest(%(devices)s::int[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) with ordinality
                    s (device_id, starts, ends, span)
                cross join lateral (
                    (
                        select s.span, u.device_id, u.time, u.received_at, u.message_id, u.counter, u.kind,
                            u.airtime_ms, u.link ->> 'dev_addr' as session,
                            (u.link ->> 'tx_airtime_ms')::double precision as counter_ms,
                            (u.link #>> '{halow,duty_pct}')::double precision as duty_percent
                        from uplink u
                        where u.device_id = s.device_id and u.time >= s.starts and u.time < s.ends
                        offset 0
                    )
                    union all
                    (
                        select s.span, u.device_id, u.time, u.received_at, u.message_id, u.counter, u.kind,
                            u.airtime_ms, u.link ->> 'dev_addr', (u.link ->> 'tx_airtime_ms')::double precision,
                            (u.link #>> '{halow,duty_pct}')::double precision
                        from uplink u
                        where u.device_id = s.device_id and u.time < s.starts and u.time >= s.starts - %(farthest)s
                        order by u.time desc, u.received_at desc, u.message_id desc limit 1
                    )
                    union all
                    (
                        select s.span, u.device_id, u.time, u.received_at, u.message_id, u.counter, u.kind,
                            u.airtime_ms, u.link ->> 'dev_addr', (u.link ->> 'tx_airtime_ms')::double precision,
                            (u.link #>> '{halow,duty_pct}')::double precision
                        from uplink u
                        where u.device_id = s.device_id and u.time >= s.ends and u.time < s.ends + %(farthest)s
                        order by u.time, u.received_at, u.message_id limit 1
                    )
                ) u
                window counted as (
                    partition by u.device_id, u.span, u.counter is null and u.kind <> 2
                    order by u.time, u.received_at, u.message_id
                )
            ) m
            left join lateral (
                select p.time, p.counter, p.link ->> 'dev_addr' as session from uplink p
                where m.lag_at is null and m.counter is not null and p.device_id = m.device_id and p.time < m.time
                  and p.time >= m.time - %(farthest)s and (p.counter is not null or p.kind = 2)
                order by p.time desc, p.received_at desc, p.message_id desc limit 1
            ) b on true
        ) c
        order by c.device_id, c.time, c.received_at, c.message_id
        """,
        {
            "devices": [span.device_id for span in spans],
            "starts": [span.starts for span in spans],
            "ends": [span.ends for span in spans],
            "farthest": FARTHEST_BACK,
        },
    )
    found: dict[int, list[Sent]] = {}
    for device_id, *columns in rows:
        found.setdefault(device_id, []).append(Sent(*columns))
    return found


def read_ledger(connection: Database, devices: Iterable[int], first: date) -> dict[tuple[int, date], Worst]:
    """What the ledger has of these devices from a month on, by device and first day of the month."""
    rows = connection.execute(
        """
        select device_id, month, worst_s, worst_at, estimated, longest_ms, regime from watch_airtime
        where device_id = any(%s) and month >= %s
        """,
        (list(devices), first),
    )
    return {(device_id, month): Worst(*rest) for device_id, month, *rest in rows}


def write_ledger(
    connection: Database, transmitter: Transmitter, month: date, worst: Worst, limit_s: float | None
) -> None:
    """Write the month of a transmitter."""
    connection.execute(
        """
        insert into watch_airtime (
            transmitter, project_id, device_id, month, regime, worst_s, worst_at, limit_s, estimated, longest_ms
        )
        values (
            'd:' || %(device)s::int, %(project)s, %(device)s, %(month)s, %(regime)s, %(worst)s, %(at)s, %(limit)s,
            %(estimated)s, %(longest)s
        )
        on conflict (transmitter, month) do update
        set project_id = excluded.project_id, regime = excluded.regime, worst_s = excluded.worst_s,
            worst_at = excluded.worst_at, limit_s = excluded.limit_s, estimated = excluded.estimated,
            longest_ms = excluded.longest_ms, updated_at = clock_timestamp()
        """,
        {
            "device": transmitter.device_id, "project": transmitter.project_id, "month": month,
            "regime": worst.regime, "worst": worst.seconds, "at": worst.at, "limit": limit_s,
            "estimated": worst.estimated, "longest": worst.longest_ms,
        },
    )  # fmt: skip


def ranks(connection: Database) -> dict[int, int]:
    """The rank of each device that is near its limit or over it, by its last event."""
    rows = connection.execute(
        """
        select e.device_id, e.rank
        from (
            select distinct on (e.subject) e.* from watch_event e
            where e.kind = 'airtime' and e.withdrawn_at is null and e.origin <> 'drill'
            order by e.subject, e.at desc, e.event_id desc
        ) e
        where e.rank > 0
        """
    )
    return dict(rows.fetchall())
