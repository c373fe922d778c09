"""How long a message takes from the commit to its receiver: `python -m tests.watch.delivery.bench`."""

import sys
import time
from datetime import UTC, datetime, timedelta
from threading import Event as Stop
from threading import Thread

from ingest.watch.delivery.desk import Desk
from ingest.watch.delivery.run import Deliveries
from tests.fixtures.database import FIRST, Servers, fresh_database
from tests.watch.delivery.receiver import Receiver, receiver
from tests.watch.delivery.valley import Valley

SINGLE, STORM_GAUGES, STORM_RANKS = 100, 100, 5


def tell(valley: Valley, code: str, url: str, messages: int) -> None:
    hook = {"code": code, "kind": "webhook", "url": url, "plain_http": True}
    valley.apply(
        channels=[hook], notify=[{"to": [code]}], escalation=[], duty={}, limit={"messages": messages, "per_min": 1}
    )


def measure_single(valley: Valley, hook: Receiver) -> str:
    delays_ms = []
    for gauge in range(SINGLE):
        count, now = len(hook.requests), datetime.now(UTC)
        valley.keep(valley.event((0, 1), now, gauge=gauge), now=now)
        committed_s = time.monotonic()
        delays_ms.append((hook.wait_for(count + 1)[count].at_s - committed_s) * 1e3)
        time.sleep(0.05)
    delays_ms.sort()
    middle, high = delays_ms[SINGLE // 2], delays_ms[SINGLE * 95 // 100]
    return f"{SINGLE} alone: median {middle:.0f} ms, p95 {high:.0f} ms, longest {delays_ms[-1]:.0f} ms"


def measure_storm(valley: Valley, hook: Receiver) -> str:
    count, now = len(hook.requests), datetime.now(UTC)
    events = [
        valley.event((rank - 1, rank), now + timedelta(milliseconds=rank), gauge=SINGLE + gauge)
        for gauge in range(STORM_GAUGES)
        for rank in range(1, STORM_RANKS + 1)
    ]
    valley.keep(*events, now=now)
    committed_s = time.monotonic()
    delay_ms = (hook.wait_for(count + 1)[count].at_s - committed_s) * 1e3
    time.sleep(3)
    return f"{len(events)} at once: {len(hook.requests) - count} request, after {delay_ms:.0f} ms"


def main() -> None:
    """Print what was measured."""
    servers, stop = Servers(), Stop()
    database = fresh_database(servers.get(FIRST))
    try:
        with receiver() as hook:
            valley = Valley(database, gauges=SINGLE + STORM_GAUGES)
            sender = Thread(target=Deliveries(database.connect(), Desk(None, "", {})).run, args=(stop,), daemon=True)
            sender.start()
            tell(valley, "alone", hook.url, 1_000)
            sys.stdout.write(measure_single(valley, hook) + "\n")
            tell(valley, "storm", f"{hook.url}/storm", 10)
            sys.stdout.write(measure_storm(valley, hook) + "\n")
            stop.set()
            sender.join()
    finally:
        database.drop()
        servers.discard()


if __name__ == "__main__":
    main()
