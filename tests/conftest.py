"""Markers, the list of fixture plugins, and a header that says which real servers this run meets."""

import gc
import os
import shutil
import subprocess

import coverage
import pytest
from hypothesis import HealthCheck, settings

from tests.fixtures.installations import find

pytest_plugins = [
    "tests.fixtures.alertmanager",
    "tests.fixtures.broker",
    "tests.fixtures.language",
    "tests.fixtures.browser",
    "tests.fixtures.database",
    "tests.fixtures.post_office",
    "tests.fixtures.prometheus",
    "tests.fixtures.proxy",
    "tests.fixtures.rabbitmq",
    "tests.fixtures.service",
    "tests.fixtures.sharing",
]

# Examples are counted, not timed: another test may have the processor just now. CI judges a change, always by the same
# examples; it is on our own machines that chance looks for new ones.
settings.register_profile(
    "noroshi", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=os.environ.get("CI") == "true"
)
settings.load_profile("noroshi")

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
    gc.disable()  # until everything is collected: nearly nothing of it is garbage


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish() -> None:
    """Ten thousand tests and all their modules stay to the end: the collector of garbage need not look at them again.

    A service that is forked from this process does not copy them either.
    """
    gc.enable()
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several processes may be ended before it saves what it measured."""
    measuring = coverage.Coverage.current()
    if measuring is not None and hasattr(session.config, "workerinput"):
        measuring.stop()
        measuring.save()


def _version(program: str, *words: str) -> str:
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        return "not found"
    done = subprocess.run([found, *words], capture_output=True, text=True, check=False, timeout=20)
    return next(iter((done.stdout or done.stderr).splitlines()), "?").strip()
