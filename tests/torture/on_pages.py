"""Somebody who means no good at the port of the pages, while messages flow."""

import socket
import time
from contextlib import ExitStack
from http.client import HTTPConnection

from tests.torture.stage import Plan, Stage
from tests.webserver.hostile import half_heads

PLAN = Plan(settings={"NOROSHI_WEB__REQUEST_TIMEOUT_S": "60"})
HEADS = 1_030
READERS = 6
LATE_S = 2.0
STREAM = b"GET /api/v1/readings?format=csv HTTP/1.1\r\nHost: localhost\r\n\r\n"


def hostile_client(stage: Stage) -> None:
    """Half requests by the thousand, readers that do not read, names that are not ours, and the pages killed."""
    with stage.feeding(stage.size), ExitStack() as stack:
        for _ in range(stage.times):
            stack.enter_context(half_heads(stage.service.port, HEADS))
            for _ in range(READERS):
                reader = stack.enter_context(socket.create_connection(("127.0.0.1", stage.service.port)))
                reader.sendall(STREAM)
            stage.expect(_status(stage, "evil.example") == 421, "a name that is not ours is refused")
            began_s = time.monotonic()
            answered = stage.service.get("/readyz")[0] == 200
            stage.expect(answered and time.monotonic() - began_s < LATE_S, "who asks properly is answered meanwhile")
            for pages in stage.service.children("ingest.webserver"):
                pages.kill()
            stage.until(lambda: stage.service.get("/livez")[0] == 200, "the pages are back", 30)
            stage.done += 1
            stage.pause(0.2, 1)
    stage.settle()
    stage.expect(stage.service.metrics()["web_restarts"] == stage.times, "the restarts of the pages are counted")
    stage.notes.append(f"log of the service: {stage.service.process.log.stat().st_size / 1024:.0f} KiB")


def _status(stage: Stage, host: str) -> int:
    connection = HTTPConnection("127.0.0.1", stage.service.port, timeout=10)
    try:
        connection.request("GET", "/", headers={"Host": host})
        return connection.getresponse().status
    finally:
        connection.close()
