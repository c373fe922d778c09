"""deploy/Dockerfile: nothing floats, nobody is root, and its health check tells ready from not ready."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ingest.settings.model import load
from tests.acceptance.fleet import document, register
from tests.deploy.installation import DEPLOY, REPOSITORY
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import StartService, eventually

TEXT = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BUILD = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]


def instructions(word: str) -> list[str]:
    return [line.removeprefix(f"{word} ") for line in TEXT.splitlines() if line.startswith(f"{word} ")]


def test_the_base_is_one_version_and_both_stages_have_the_same() -> None:
    images = {line.split()[0] for line in instructions("FROM")}
    (image,) = images
    version = re.fullmatch(r"python:(\d+)\.(\d+)\.\d+-slim-\w+", image)
    assert version
    least = PROJECT["requires-python"].removeprefix(">=").split(".")
    assert (int(version[1]), int(version[2])) >= (int(least[0]), int(least[1]))


def test_every_package_is_checked_by_its_hash() -> None:
    fetching = [step for run in instructions("RUN") for step in re.findall(r"(?:uv )?pip install[^&]*", run)]
    assert len(fetching) == 3
    for step in fetching:
        assert "--require-hashes" in step or "--no-deps" in step, step
    lock = (DEPLOY / "build-requirements.lock").read_text(encoding="utf-8")
    (least,) = [int(word.removeprefix("setuptools>=")) for word in BUILD["requires"]]
    found = re.search(r"^setuptools==(\d+)\.", lock, re.MULTILINE)
    assert found
    assert int(found[1]) >= least
    assert "--hash=sha256:" in lock


def test_what_is_copied_is_there_and_let_through() -> None:
    let_through = {
        line[1:] for line in (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"
    }
    copied = [word for line in instructions("COPY") if "--from" not in line for word in line.split()[:-1]]
    assert set(copied) == let_through
    assert all((REPOSITORY / path).exists() for path in copied)


def test_the_image_is_not_root_and_starts_the_service() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert json.loads(instructions("ENTRYPOINT")[0]) == list(PROJECT["scripts"])
    assert instructions("CMD")[-1] == '["ingest"]'
    assert instructions("EXPOSE") == [str(load().web.port)]


def health_check(port: int) -> int:
    (words,) = re.findall(r"HEALTHCHECK .*? CMD (\[.*\])$", TEXT, re.MULTILINE)
    _, *rest = json.loads(words)
    rest = [word.replace(":8080/", f":{port}/") for word in rest]
    return subprocess.run([sys.executable, *rest], capture_output=True, check=False).returncode


def test_the_health_check_is_good_while_the_service_is_ready_and_bad_when_the_broker_is_gone(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(1))
    service = start_service(any_database.url, mosquitto.url)
    assert health_check(service.port) == 0
    mosquitto.stop()
    eventually(lambda: health_check(service.port) == 1)


def test_the_health_check_is_bad_when_nobody_answers() -> None:
    assert health_check(1) == 1


@pytest.mark.parametrize(
    "script",
    [DEPLOY / "first-start.sh", DEPLOY / "timescaledb/init/100_noroshi.sh", DEPLOY / "tls/authority.sh"],
    ids=lambda script: script.name,
)
def test_scripts_are_programs(script: Path) -> None:
    assert script.stat().st_mode & 0o111
    assert script.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
