"""What transmitters sent, and the ledger of their worst 60 minutes by month."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ingest.store.database import Database
from ingest.store.many import arrays, insert_of
from ingest.watch.airtime.pieces import Sent
from ingest.watch.model import Thing
from ingest.watch.progress.database import Span

FARTHEST_BACK = timedelta(days=35)
"""So far back the message is looked for with whose counter the first one of a span is compared."""


# One message of a span `s`, as far as airtime and losses follow from it.
_MESSAGE = """
select s.span, u.device_id, u.time, u.received_at, u.message_id, u.counter, u.kind, u.airtime_ms,
    u.link ->> 'dev_addr' as session, (u.link ->> 'tx_airtime_ms')::double precision as counter_ms,
    (u.link #>> '{halow,duty_pct}')::double precision as duty_percent
from uplink u where u.device_id = s.device_id
"""

# Those of the spans, with the one before and the one after each.
_MESSAGES = f"""
select u.*, lag(u.time) over counted as lag_at, lag(u.counter) over counted as lag_counter,
    lag(u.session) over counted as lag_session
from unnest(%(devices)s::int[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) with ordinality
    s (device_id, starts, ends, span)
cross join lateral (
    ({_MESSAGE} and u.time >= s.starts and u.time < s.ends offset 0)
    union all
    (
        {_MESSAGE} and u.time < s.starts and u.time >= s.starts - %(farthest)s
        order by u.time desc, u.received_at desc, u.message_id desc limit 1
    )
    union all
    (
        {_MESSAGE} and u.time >= s.ends and u.time < s.ends + %(farthest)s
        order by u.time, u.received_at, u.message_id limit 1
    )
) u
window counted as (
    partition by u.device_id, u.span, u.counter is null and u.kind <> 2
    order by u.time, u.received_at, u.message_id
)
"""  # noqa: S608  made of constants

# `b`: the message before the first one that has a counter, however far back.
_SENT = f"""
select c.device_id, c.time, c.airtime_ms, rollup_lost(c.previous, c.counter), c.before_at, c.counter_ms, c.duty_percent
from (
    select m.*, case when m.counter is not null then coalesce(
        case when m.lag_at is not null then
            rollup_counter_since(m.lag_counter, m.lag_session, m.counter, m.session)
        end,
        rollup_counter_since(b.counter, b.session, m.counter, m.session)
    ) end as previous, coalesce(m.lag_at, b.time) as before_at
    from ({_MESSAGES}) m
    left join lateral (
        select p.time, p.counter, p.link ->> 'dev_addr' as session from uplink p
        where m.lag_at is null and m.counter is not null and p.device_id = m.device_id and p.time < m.time
          and p.time >= m.time - %(farthest)s and (p.counter is not null or p.kind = 2)
        order by p.time desc, p.received_at desc, p.message_id desc limit 1
    ) b on true
) c
order by c.device_id, c.time, c.received_at, c.message_id
"""  # noqa: S608

_WRITE = (
    insert_of(
        "watch_airtime",
        {
            "transmitter": "text", "project_id": "int", "device_id": "int", "gateway_id": "int", "month": "date",
            "regime": "text",
            "worst_s": "float8", "worst_at": "timestamptz", "limit_s": "float8", "estimated": "boolean",
            "longest_ms": "float8",
        },
    )
    + """
on conflict (transmitter, month) do update
set project_id = excluded.project_id, regime = excluded.regime, worst_s = excluded.worst_s,
    worst_at = excluded.worst_at, limit_s = excluded.limit_s, estimated = excluded.estimated,
    longest_ms = excluded.longest_ms, updated_at = clock_timestamp()
"""
)  # fmt: skip


class Transmitter(NamedTuple):
    """A device or gateway that sends at 920 MHz: its number, and which rule it keeps to (None: nobody says it)."""

    number: int
    project_id: int
    regime: str | None
    gateway: bool = False

    @property
    def thing(self) -> Thing:
        """What an event about it is about."""
        if self.gateway:
            return Thing(self.project_id, gateway_id=self.number)
        return Thing(self.project_id, self.number)


class Worst(NamedTuple):
    """The worst 60 minutes of a transmitter in a month; `at`: when these ended."""

    seconds: float
    at: datetime
    estimated: bool
    longest_ms: float | None
    regime: str | None = None


class Month(NamedTuple):
    """A row of the ledger. `limit_s`: of an hour; None: its regime has none, or is not known."""

    transmitter: Transmitter
    month: date
    worst: Worst
    limit_s: float | None


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
        _SENT,
        {
            "devices": [span.device_id for span in spans],
            "starts": [span.starts for span in spans],
            "ends": [span.ends for span in spans],
            "farthest": FARTHEST_BACK,
        },
    ).fetchall()
    found: dict[int, list[Sent]] = {}
    for device_id, *columns in rows:
        found.setdefault(device_id, []).append(Sent(*columns))
    return found


def read_ledger(
    connection: Database, numbers: Iterable[int], first: date, *, gateways: bool = False
) -> dict[tuple[int, date], Worst]:
    """What the ledger has of these devices or gateways from a month on, by number and first day of the month."""
    rows = connection.execute(
        """
        select coalesce(device_id, gateway_id), month, worst_s, worst_at, estimated, longest_ms, regime
        from watch_airtime where transmitter = any(%s) and month >= %s
        """,
        ([_name(number, gateway=gateways) for number in numbers], first),
    )
    return {(number, month): Worst(*rest) for number, month, *rest in rows}


def write_ledger(connection: Database, months: Collection[Month]) -> None:
    """Write months of transmitters, each of them once."""
    rows = [
        (
            _name(each.number, gateway=each.gateway), each.project_id, each.thing.device_id, each.thing.gateway_id,
            month, worst.regime, float(worst.seconds), worst.at, _number(limit_s), worst.estimated,
            _number(worst.longest_ms),
        )
        for each, month, worst, limit_s in months
    ]  # fmt: skip
    if rows:
        connection.execute(_WRITE, arrays(rows))


def _name(number: int, *, gateway: bool) -> str:
    """The key of a transmitter in the ledger: d:12 of a device, g:3 of a gateway."""
    return f"{'g' if gateway else 'd'}:{number}"


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def ranks(connection: Database, *, gateways: bool = False) -> dict[int, int]:
    """The rank of each device, or gateway, that is near its limit or over it, by its last event."""
    rows = connection.execute(
        """
        select coalesce(e.device_id, e.gateway_id), e.rank
        from (
            select distinct on (e.subject) e.* from watch_event e
            where e.kind = 'airtime' and e.withdrawn_at is null and e.origin <> 'drill'
            order by e.subject, e.at desc, e.event_id desc
        ) e
        where e.rank > 0 and (e.gateway_id is not null) = %s
        """,
        (gateways,),
    )
    return dict(rows.fetchall())
