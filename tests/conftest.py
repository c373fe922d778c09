"""Markers, the list of fixture plugins, and a header that says which real servers this run meets."""

import io
import os
import shutil
import subprocess

import coverage
import pytest

from tests.fixtures.installations import find

pytest_plugins = [
    "tests.fixtures.broker",
    "tests.fixtures.browser",
    "tests.fixtures.database",
    "tests.fixtures.prometheus",
    "tests.fixtures.proxy",
    "tests.fixtures.service",
]

PROGRAMS = {
    "mosquitto": ("-h",),
    "chromium": ("--version",),
    "prometheus": ("--version",),
}


def pytest_report_header() -> list[str]:
    postgres = [f"postgres: {installation}" for installation in find().values()]
    programs = [f"{program}: {_version(program, *words)}" for program, words in PROGRAMS.items()]
    return [*postgres, *programs, f"CI: {os.environ.get('CI', 'no')}"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The total of this run, where it runs under coverage; `make coverage` shows the lines."""
    measuring = coverage.Coverage.current()
    if measuring is None:
        return
    measuring.stop()
    total = measuring.report(file=io.StringIO())
    terminalreporter.write_line(f"coverage of ingest and schemas, with branches: {total:.1f} %")


def _version(program: str, *words: str) -> str:
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        return "not found"
    done = subprocess.run([found, *words], capture_output=True, text=True, check=False, timeout=20)
    return next(iter((done.stdout or done.stderr).splitlines()), "?").strip()
