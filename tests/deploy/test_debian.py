"""deploy/debian.md: what it copies is there, what it calls exists, what it writes is what the units read."""

import os
import re
import subprocess

import pytest

from ingest.cli import main
from ingest.settings.model import load
from tests.deploy.installation import DEPLOY, REPOSITORY
from tests.deploy.pages import anchors, calls, commands, installed_files, links
from tests.deploy.units import FOLDER, SERVICES, settings

PAGE = DEPLOY / "debian.md"
LINES = commands(PAGE)


def test_the_shell_understands_every_command() -> None:
    done = subprocess.run(["bash", "-n"], input=LINES, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_files_it_names_are_in_the_checkout() -> None:
    assert installed_files(LINES)
    for file in installed_files(LINES):
        assert file.is_file(), file
    for name in re.findall(r"/usr/local/src/noroshi/(\S+)", LINES):
        assert os.access(REPOSITORY / name, os.X_OK), name


def test_the_links_lead_somewhere() -> None:
    for page, anchor in links(PAGE):
        assert page.exists(), page
        assert not anchor or anchor in anchors(page), anchor


def test_the_commands_of_the_program_exist() -> None:
    found = {words[0] for words in calls(LINES)}
    assert found == {"broker", "access"}
    assert found <= set(main.COMMANDS)


def test_the_units_it_starts_are_the_units_there_are() -> None:
    named = set(re.findall(r"noroshi-[\w]+(?:\.timer)?(?=[\s)]|$)", "\n".join(systemctl())))
    assert named == {"noroshi-migrate", "noroshi-ingest", "noroshi-backup.timer"}
    for name in named:
        assert (FOLDER / (name if "." in name else f"{name}.service")).is_file()


def systemctl() -> list[str]:
    return [line for line in LINES.splitlines() if line.startswith("systemctl")]


def test_what_the_units_read_is_what_it_writes() -> None:
    written = set(re.findall(r"cat >(/etc/noroshi/\w+)", LINES))
    if_wanted = set(re.findall(r"echo \S+ >(/etc/noroshi/\w+)", PAGE.read_text(encoding="utf-8")))
    for file in SERVICES:
        for name in settings(file).get("EnvironmentFile", []):
            assert name.removeprefix("-") in (written | if_wanted if name.startswith("-") else written)


@pytest.mark.parametrize("name", ["environment", "owner", "access"])
def test_the_settings_it_writes_are_settings_of_the_program(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (body,) = re.findall(rf"cat >/etc/noroshi/{name} <<EOF\n(.*?)^EOF$", LINES, re.MULTILINE | re.DOTALL)
    for variable in os.environ:
        if variable.startswith("NOROSHI_"):
            monkeypatch.delenv(variable)
    for line in body.splitlines():
        key, value = line.split("=", 1)
        monkeypatch.setenv(key, value)
    settings_read = load()
    given = {"environment": "noroshi_writer", "owner": "noroshi"}
    if name in given:
        assert f"//{given[name]}:" in settings_read.database.url
    else:
        assert settings_read.access.password is not None


def test_only_root_reads_the_passwords() -> None:
    before, _, after = LINES.partition("umask 077")
    assert "/etc/noroshi/environment" not in before
    inside, closed, _ = after.partition("umask 022")
    assert closed
    assert inside.count(">/etc/noroshi/") == 4
