"""What was heard last, for somebody who has just mounted a device and waits for its first message."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from ingest.figures.fetch import fetch


@dataclass(frozen=True, slots=True)
class Arrival:
    """A device and its last message. Times are aware; None where nothing was heard yet.

    `interval_now_s`: the interval that holds now. `found`, `total`: how many devices match, and how many there are, the
    same in every row.
    """

    device_id: int
    device: str
    device_name: str
    network_name: str
    network_kind: str
    interval_now_s: int
    state: str
    last_received_at: datetime | None
    silent_s: float | None
    rssi_dbm: float | None
    snr_db: float | None
    found: int
    total: int
    networks: int


def last_arrivals(connection: Connection[Any], words: list[str], limit: int) -> list[Arrival]:
    """The devices whose code or name has every word (folded, as `device_search.fold` does), the last heard first.

    If none has them, one row with the totals and the device id 0. Empty only where there is no device at all.
    """
    query = """
        with seen as (
            select device_id, device, device_name, network, network_name, network_kind, interval_now_s, state,
                   last_received_at, silent_s, rssi_dbm, snr_db,
                   lower(normalize(device || ' ' || device_name, NFKC)) like all(%(patterns)s) as wanted
            from figure_device_state where state <> 'disabled'
        ),
        counted as (
            select count(*) filter (where wanted) as found, count(*) as total, count(distinct network) as networks
            from seen
        ),
        chosen as (
            select * from seen where wanted order by last_received_at desc nulls last, device limit %(limit)s
        )
        select coalesce(device_id, 0) as device_id, coalesce(device, '') as device,
               coalesce(device_name, '') as device_name, coalesce(network_name, '') as network_name,
               coalesce(network_kind, '') as network_kind, coalesce(interval_now_s, 0) as interval_now_s,
               coalesce(state, '') as state, last_received_at, silent_s, rssi_dbm, snr_db, found, total, networks
        from counted left join chosen on true where total > 0
        order by last_received_at desc nulls last, device
    """
    patterns = [f"%{_literal(word)}%" for word in words] or ["%"]
    return fetch(connection, Arrival, query, {"patterns": patterns, "limit": limit})


def _literal(word: str) -> str:
    """A word for `like`, without signs that stand for others."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
