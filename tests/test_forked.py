"""What is forked from an interpreter that has made the imports must be as good as a process that was started."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.forked import Forked, forked
from tests.fixtures.service import SCRIPT, RunNoroshi, ServiceProcess, eventually


@pytest.fixture
def service(tmp_path: Path, any_database: Database, mosquitto: Broker) -> Iterator[ServiceProcess]:
    one = ServiceProcess(tmp_path, any_database.url, mosquitto.url, {})
    yield one.start()
    one.kill()


def test_a_forked_service_has_a_session_a_folder_and_files_of_its_own(service: ServiceProcess) -> None:
    own = psutil.Process(service.process.pid)
    assert os.getsid(own.pid) == own.pid != os.getsid(0)
    assert own.cwd() == str(service.directory)
    files = [Path(f"/proc/{own.pid}/fd/{number}").readlink() for number in range(3)]
    assert files == [Path(os.devnull), service.process.log, service.process.log]
    channels = [link for link in own.net_connections("unix") if link.fd >= 0]
    assert len(channels) <= 3, "the two ends of its own event loop and one to its nursery, none of ours"


def test_it_ends_in_order_when_asked_and_at_once_when_killed(service: ServiceProcess) -> None:
    assert service.terminate()["in_flight"] == 0
    assert service.process._process.returncode == 0
    service.start()
    own = psutil.Process(service.process.pid)
    os.kill(own.pid, signal.SIGKILL)
    eventually(lambda: not service.process.running)
    assert service.process._process.returncode == -signal.SIGKILL


def test_a_killed_one_keeps_its_number_until_somebody_has_looked(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        one = Forked(["--version"], environment={}, directory=tmp_path, stdout=log, stderr=log)
    eventually(lambda: psutil.Process(one.pid).status() == psutil.STATUS_ZOMBIE)
    eventually(lambda: one.poll() == 0)
    eventually(lambda: not psutil.pid_exists(one.pid))


@pytest.mark.parametrize("words", [["--version"], ["nonsense"], ["decode", "--help"], ["settings"]])
def test_it_says_what_the_installed_command_says_and_ends_as_that_does(words: list[str], tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NOROSHI_")}
    environment["NOROSHI_WEB__PORT"] = "1234"
    started = subprocess.run(
        [*SCRIPT, *words], capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path, env=environment
    )
    same = forked(words, environment=environment, directory=tmp_path, timeout_s=60)
    assert (same.returncode, same.stdout, same.stderr) == (started.returncode, started.stdout, started.stderr)


def test_what_the_loader_or_python_reads_brings_a_real_start(run_noroshi: RunNoroshi) -> None:
    told = run_noroshi("--version", PYTHONVERBOSE="1").stderr
    assert "ingest.cli.main" in told
