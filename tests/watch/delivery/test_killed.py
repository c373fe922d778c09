"""A sender that is killed in the middle loses nothing, and what comes twice comes under the same id."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from schemas.watch_message import WatchMessage
from tests.fixtures.database import Database
from tests.watch.delivery.conftest import wait_until
from tests.watch.delivery.receiver import Receiver
from tests.watch.delivery.valley import Valley

ROOT = Path(__file__).parents[3]
SENDER = """
import sys, threading
from ingest.settings.model import DatabaseSettings
from ingest.store.database import connect
from ingest.watch.delivery.desk import Desk
from ingest.watch.delivery.run import Deliveries
connection = connect(DatabaseSettings(url=sys.argv[1]), autocommit=True)
Deliveries(connection, Desk(None, "", {})).run(threading.Event())
"""
GAUGES, LIVES = 40, 3


def start(database: Database) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", SENDER, database.url], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def test_nothing_is_lost_and_nothing_twice_for_who_looks_at_the_id(any_database: Database, hook: Receiver) -> None:
    valley = Valley(any_database, gauges=GAUGES)
    channels = [
        {"code": f"hook-{number}", "kind": "webhook", "url": f"{hook.url}/{number}", "plain_http": True}
        for number in range(4)
    ]
    names = [channel["code"] for channel in channels]
    valley.apply(channels=channels, notify=[{"to": names}], limit={"messages": 1000, "per_min": 1}, escalation=[])
    now = datetime.now(UTC) - timedelta(seconds=1)
    valley.keep(*(valley.event((0, 1), now, gauge=gauge) for gauge in range(GAUGES)))
    process = start(any_database)
    for life in range(1, LIVES):
        hook.wait_for(life * GAUGES, seconds=60)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process = start(any_database)
    try:
        wait_until(valley, "kind = 'webhook' and delivered_at is not null", 4 * GAUGES, seconds=90)
    finally:
        process.kill()
        process.wait(10)
    came = Counter(request.headers["webhook-id"] for request in hook.requests)
    assert len(came) == 4 * GAUGES
    again = [request for request in hook.requests if came[request.headers["webhook-id"]] > 1]
    for key in {request.headers["webhook-id"] for request in again}:
        later = [request for request in again if request.headers["webhook-id"] == key][1:]
        assert all(WatchMessage.model_validate_json(request.body).resent for request in later)
