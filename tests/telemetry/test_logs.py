"""What libraries say is in our log, in our form, and does not fill the disk."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingest.telemetry.logs import Window

PROGRAM = """
import asyncio, logging, sys, threading, warnings
import structlog
from ingest.telemetry.logs import Seldom, configure
from ingest.settings.model import LogSettings
configure(LogSettings())
"""


def said(script: str, **streams: Any) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM + script],
        capture_output=not streams,
        text=True,
        check=True,
        timeout=60,
        **streams,
    )
    return [json.loads(line) for line in (done.stderr or "").splitlines()]


def test_foreign_lines_are_json_and_limited() -> None:
    lines = said(
        "log = logging.getLogger('asyncio')\n"
        "for n in range(1000):\n"
        "    try: raise OSError(24, 'Too many open files')\n"
        "    except OSError: log.error('socket.accept() out of system resource %d', n, exc_info=True)\n"
        "warnings.warn('something\\x1b[31m is old')\n"
        "logging.getLogger('uvicorn.error').info('not told')\n"
    )
    assert [line["logger"] for line in lines] == ["asyncio"] * 5 + ["py.warnings"]
    assert lines[0]["event"] == "library"
    assert lines[0]["level"] == "error"
    assert "Too many open files" in lines[0]["trace"]


def test_a_stranger_makes_one_line_in_a_while() -> None:
    lines = said("log = Seldom(structlog.get_logger())\nfor n in range(500): log.warning('host_refused', n=n)\n")
    assert [(line["event"], line["n"]) for line in lines] == [("host_refused", 0)]


def test_a_window_tells_how_many_it_held_back() -> None:
    now_s = 0.0
    window = Window(2, 60.0, lambda: now_s)
    assert [window.admit("a") for _ in range(5)] == [0, 0, None, None, None]
    assert window.admit("b") == 0
    now_s = 61.0
    assert window.admit("a") == 3
    assert window.admit("a") == 0


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        assert said("structlog.get_logger().error('x'); logging.getLogger('a').error('y')\n", stderr=full) == []
