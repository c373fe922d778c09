"""The alerts of the watch, from the numbers that the service tells to what a webhook of Alertmanager receives."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ingest.account import Ledger
from ingest.settings.model import Settings
from ingest.telemetry.metrics import GAUGES, Metrics
from ingest.watch.metrics import WatchMetrics
from ingest.watch.process import WatchProcess
from ingest.watch.talk import WATCHING, Heartbeat
from tests.alerts.test_running import impatient
from tests.fixtures.alertmanager import StartAlertmanager
from tests.fixtures.prometheus import StartPrometheus
from tests.watch.delivery.receiver import Receiver, receiver

WELL = Heartbeat(WATCHING, "", 0.1, 0, 3, 12, 0, {}, {}, {})
ILL = WELL._replace(lag_s=99.0, failing={"documents": "x"}, undelivered={"shiojiri/given_up": 2})
OURS = ("WatchDown", "WatchFails", "WatchUndelivered")


@contextmanager
def told(text: Callable[[], bytes]) -> Iterator[str]:
    """A server of `/metrics` that says this text; its host and port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Called by http.server."""
            self.send_response(200)
            self.send_header("content-type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(text())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def service_of(watch: WatchProcess) -> Metrics:
    """What a service exports whose broker and database are well."""
    well = dict.fromkeys(GAUGES, 0.0) | dict.fromkeys(
        ("broker_connected", "store_available", "database_reachable"), 1.0
    )
    metrics = Metrics(Ledger(), lambda: well | {"broker_connects": 1.0} | watch.gauges, {"version": "1"})
    metrics.registry.register(WatchMetrics(watch))
    return metrics


def wait_for(hook: Receiver, state: str, within_s: float = 40.0) -> dict[str, dict[str, Any]]:
    """Each of our alerts by name, as soon as the webhook was told that it is so."""
    until_s = time.monotonic() + within_s
    while True:
        bodies = [json.loads(request.body) for request in list(hook.requests)]
        alerts = [alert for body in bodies for alert in body["alerts"] if alert["status"] == state]
        found = {alert["labels"]["alertname"]: alert for alert in alerts}
        if found.keys() >= {*OURS}:
            return found
        assert time.monotonic() < until_s, (state, found.keys())
        time.sleep(0.05)


def test_the_alerts_of_the_watch_reach_a_receiver_and_so_does_their_end(
    prometheus: StartPrometheus, alertmanager: StartAlertmanager, tmp_path: Path
) -> None:
    watch = WatchProcess(Settings(), lambda: 100.0)
    metrics = service_of(watch)
    watch.hear(ILL)
    with receiver() as hook, told(metrics.text) as target:
        manager = alertmanager(hook.url)
        prometheus([target], rules=[impatient(tmp_path)], interval="1s", alertmanagers=[manager.address])
        fired = wait_for(hook, "firing")
        assert {name: alert["labels"]["severity"] for name, alert in fired.items() if name in OURS} == dict.fromkeys(
            OURS, "critical"
        )
        said = fired["WatchUndelivered"]["annotations"]["summary"]
        assert said == "事業 shiojiri の監視の通知が 2 件届いていません(given_up)"
        assert "documents" in fired["WatchFails"]["annotations"]["summary"]
        assert {alert["labels"]["alertname"] for alert in manager.alerts()} >= {*OURS}
        watch.hear(WELL)
        ended = wait_for(hook, "resolved")
        assert all(ended[name]["fingerprint"] == fired[name]["fingerprint"] for name in OURS)
