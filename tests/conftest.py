"""Markers, the list of fixture plugins, and a header that says which real servers this run meets."""

import io
import os
import shutil
import subprocess

import coverage
import pytest
from hypothesis import HealthCheck, settings

from tests.fixtures.installations import find

pytest_plugins = [
    "tests.fixtures.broker",
    "tests.fixtures.browser",
    "tests.fixtures.database",
    "tests.fixtures.prometheus",
    "tests.fixtures.proxy",
    "tests.fixtures.service",
    "tests.fixtures.sharing",
]

# Examples are counted, not timed: another test may have the processor just now.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

PROGRAMS = {
    "mosquitto": ("-h",),
    "chromium": ("--version",),
    "prometheus": ("--version",),
}


def pytest_report_header() -> list[str]:
    postgres = [f"postgres: {installation}" for installation in find().values()]
    programs = [f"{program}: {_version(program, *words)}" for program, words in PROGRAMS.items()]
    return [*postgres, *programs, f"CI: {os.environ.get('CI', 'no')}"]


def pytest_collection() -> None:
    """What the tests start is not measured, and keeps its bytecode: compiling it anew costs more than running it."""
    for name in ("COVERAGE_PROCESS_START", "PYTHONDONTWRITEBYTECODE"):
        os.environ.pop(name, None)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several processes may be ended before it saves what it measured."""
    if hasattr(session.config, "workerinput"):
        _end_of_measuring()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The total of this run, where it runs under coverage; `make coverage` shows the lines."""
    if not _end_of_measuring():
        return
    whole = coverage.Coverage()
    whole.combine(keep=True)
    total = whole.report(file=io.StringIO())
    terminalreporter.write_line(f"coverage of ingest and schemas, with branches: {total:.1f} %")


def _end_of_measuring() -> bool:
    """Whether anything was measured."""
    measuring = coverage.Coverage.current()
    if measuring is None:
        return False
    measuring.stop()
    measuring.save()
    return True


def _version(program: str, *words: str) -> str:
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        return "not found"
    done = subprocess.run([found, *words], capture_output=True, text=True, check=False, timeout=20)
    return next(iter((done.stdout or done.stderr).splitlines()), "?").strip()
