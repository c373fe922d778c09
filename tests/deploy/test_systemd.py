"""The units for an installation without containers: systemd understands them, they are closed, they fit the program."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ingest.cli.main import COMMANDS, REFUSED
from ingest.settings.model import load
from tests.deploy.compose import SERVICES as COMPOSE
from tests.deploy.installation import DEPLOY, REPOSITORY
from tests.deploy.units import FOLDER, SERVICES, TIMERS, settings
from tests.fixtures.need import need

EXPOSED = 3.0
"""From here on `systemd-analyze security` speaks of medium exposure; 10 is a program without any limits."""
INSTALLED = "/opt/noroshi/"
INGEST = settings(FOLDER / "noroshi-ingest.service")

each_service = pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.name)


@pytest.fixture(scope="module")
def systemd_analyze() -> str:
    found = shutil.which("systemd-analyze")
    return found if found is not None else need("systemd-analyze", "systemd")


def test_systemd_understands_the_units(systemd_analyze: str, tmp_path: Path) -> None:
    for file in (*SERVICES, *TIMERS):
        text = re.sub(r"^(ExecStart=)\S+", r"\1/bin/true", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        text = re.sub(r"^(User|Group)=.*$", r"\1=daemon", text, flags=re.MULTILINE)
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    copies = [str(file) for file in sorted(tmp_path.iterdir())]
    done = subprocess.run([systemd_analyze, "verify", "--man=no", *copies], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "noroshi" in line] == []


@each_service
def test_a_unit_may_do_little_more_than_it_needs(systemd_analyze: str, file: Path) -> None:
    words = [systemd_analyze, "security", "--offline=true", "--no-pager", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    level = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert level, done.stderr
    assert float(level[1]) < EXPOSED


@each_service
def test_a_unit_starts_what_is_there(file: Path) -> None:
    for line in settings(file)["ExecStart"]:
        program, *words = line.split()
        if program == f"{INSTALLED}bin/noroshi":
            assert words[0] in COMMANDS
        elif program.startswith(INSTALLED):
            assert (REPOSITORY / program.removeprefix(INSTALLED)).stat().st_mode & 0o100
        for word in words:
            if word.startswith(INSTALLED):
                assert (REPOSITORY / word.removeprefix(INSTALLED)).is_file(), word


@each_service
def test_a_unit_points_to_pages_that_are_there(file: Path) -> None:
    for page in settings(file)["Documentation"][0].split():
        assert (REPOSITORY / page.removeprefix(f"file://{INSTALLED}")).is_file(), page


@each_service
def test_nobody_is_root(file: Path) -> None:
    assert settings(file)["User"][0] in {"noroshi", "postgres"}


@pytest.mark.parametrize("file", TIMERS, ids=lambda file: file.name)
def test_a_timer_has_its_service_and_makes_up_for_a_night_without_power(file: Path) -> None:
    assert file.with_suffix(".service") in SERVICES
    assert settings(file)["Persistent"] == ["true"]
    assert settings(file)["WantedBy"] == ["timers.target"]


def test_a_backup_writes_where_it_may_and_nowhere_else() -> None:
    backup = settings(FOLDER / "noroshi-backup.service")
    (target,) = (line.split()[-1] for line in backup["ExecStart"])
    assert backup["ReadWritePaths"] == [target]
    assert target in (DEPLOY.parent / "docs/backup.md").read_text(encoding="utf-8")


def test_a_wrong_setting_is_not_tried_again_and_again() -> None:
    assert INGEST["Restart"] == ["always"]
    assert [int(value) for value in INGEST["RestartPreventExitStatus"]] == [REFUSED]


def test_the_service_is_given_time_to_finish_what_is_in_flight() -> None:
    assert float(INGEST["TimeoutStopSec"][0]) > load().shutdown_grace_s


def test_the_pages_may_die_alone() -> None:
    assert INGEST["KillMode"] == ["mixed"], "the service ends them itself, after the drain"
    assert INGEST["OOMPolicy"] == ["continue"], "else systemd would stop the intake as well"
    assert load().web.memory_mib < 1024 == int(INGEST["MemoryMax"][0].removesuffix("G")) * 1024


def test_there_are_files_for_every_connection_that_may_be() -> None:
    """Of the pages, and of all listeners of the broker together, wherever it runs."""
    assert int(INGEST["LimitNOFILE"][0]) > load().web.connections + 1024
    listeners = [*(DEPLOY / "mosquitto/conf.d").glob("*.conf"), DEPLOY / "mosquitto/tls.conf"]
    said = "".join(file.read_text(encoding="utf-8") for file in listeners)
    most = sum(int(count) for count in re.findall(r"^max_connections (\d+)$", said, re.MULTILINE))
    assert most >= 12_000
    assert int(settings(FOLDER / "mosquitto.service.d/noroshi.conf")["LimitNOFILE"][0]) > most + 1024
    for name in ("broker", "ingest"):
        assert COMPOSE[name]["ulimits"]["nofile"]["soft"] > most + 1024
