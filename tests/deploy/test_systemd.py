"""The unit for an installation without containers: systemd understands it, and it fits the program."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ingest.cli.main import COMMANDS, REFUSED
from ingest.settings import load
from tests.deploy.installation import DEPLOY

FILE = DEPLOY / "systemd/noroshi-ingest.service"
SETTINGS = dict(
    line.split("=", 1) for line in FILE.read_text(encoding="utf-8").splitlines() if "=" in line and line[0] != "#"
)


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine; it comes with systemd")
    copy = tmp_path / FILE.name
    text = FILE.read_text(encoding="utf-8").replace(SETTINGS["ExecStart"].split()[0], "/bin/true")
    copy.write_text(text.replace("User=noroshi\nGroup=noroshi", "User=daemon"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    assert [line for line in done.stderr.splitlines() if FILE.name in line] == []


def test_the_unit_starts_a_command_that_exists() -> None:
    program, command = SETTINGS["ExecStart"].split()
    assert program.endswith("/noroshi")
    assert command in COMMANDS


def test_a_wrong_setting_is_not_tried_again_and_again() -> None:
    assert SETTINGS["Restart"] == "always"
    assert int(SETTINGS["RestartPreventExitStatus"]) == REFUSED


def test_the_service_is_given_time_to_finish_what_is_in_flight() -> None:
    assert float(SETTINGS["TimeoutStopSec"]) > load().shutdown_grace_s
