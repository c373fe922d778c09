"""The first device of the handbook, line by line as it is printed, with a real broker, database and service."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.installation import REPOSITORY
from tests.deploy.shipped import ADMIN
from tests.fixtures.database import Database
from tests.fixtures.need import need
from tests.fixtures.service import StartService, eventually
from tests.security.valley import INGEST, INGEST_PASSWORD, Valley

HANDBOOKS = {
    REPOSITORY / "docs/operators.ja.md": r"## 最初の機器を10分で\n(.*?)\n## ",
    REPOSITORY / "docs/operators.md": r"## The first device in ten minutes\n(.*?)\n## ",
}
WAYS = {"containers": "# containers", "by hand": "# by hand"}

# The program as `docker compose run ask` and `.venv/bin/noroshi` call it; the broker's port is this test's.
DOCKER = """#!/bin/bash
case "$*" in
"compose run --rm -T --user "*) shift 6; exec {noroshi} "${{@:2}}" ;;
"compose exec -T broker "*) shift 4; exec "$@" ;;
*) echo "unknown: $*" >&2; exit 1 ;;
esac
"""
PUBLISH = """#!/bin/sh
exec {mosquitto_pub} -p {port} "$@"
"""


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def way(page: Path, begins: str) -> str:
    """The block that defines `ask` and `publish` for an installation."""
    (found,) = [block for block in blocks(page) if block.startswith(begins)]
    return found


def the_section(page: Path) -> str:
    found = re.search(HANDBOOKS[page], page.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return "".join(re.findall(r"^```sh\n(.*?)^```", found[1], re.MULTILINE | re.DOTALL))


def test_each_installation_has_its_way_of_calling_the_program() -> None:
    for page in HANDBOOKS:
        for begins in ("# containers", "# Debian", "# by hand", "# Kubernetes"):
            assert "\nask() { " in way(page, begins)


def test_the_section_is_the_same_in_both_languages() -> None:
    first, second = map(the_section, HANDBOOKS)
    assert first == second


@pytest.mark.parametrize("begins", WAYS.values(), ids=WAYS)
def test_the_first_device_is_seen_by_the_lines_of_the_handbook(
    begins: str, own_valley: Valley, any_database: Database, start_service: StartService, tmp_path: Path
) -> None:
    shutil.which("curl") or need("curl", "Debian's curl")
    real = shutil.which("mosquitto_pub") or need("mosquitto_pub", "Debian's mosquitto-clients")
    broker = own_valley.broker
    ours = {
        "NOROSHI_BROKER__USERNAME": INGEST, "NOROSHI_BROKER__PASSWORD": INGEST_PASSWORD,
    }  # fmt: skip
    service = start_service(any_database.url, broker.url, **ours)
    programs = tmp_path / "bin"
    programs.mkdir()
    noroshi = Path(sys.executable).with_name("noroshi")
    write(programs / "docker", DOCKER.format(noroshi=noroshi))
    write(programs / "mosquitto_pub", PUBLISH.format(mosquitto_pub=real, port=broker.port))
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/noroshi").symlink_to(noroshi)
    page = next(iter(HANDBOOKS))
    lines = way(page, begins) + the_section(page).replace("127.0.0.1:8080", f"127.0.0.1:{service.port}")
    before, _, look = lines.rpartition("curl ")
    environment = (
        {name: value for name, value in os.environ.items() if not name.startswith("NOROSHI_")}
        | ours
        | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "NOROSHI_DATABASE__URL": any_database.url,
            "NOROSHI_BROKER__URL": broker.url,
            "NOROSHI_ACCESS__PASSWORD": ADMIN,
        }
    )
    done = run(before, tmp_path, environment)
    assert (done.returncode, "The registry is changed." in done.stdout) == (0, True), done.stdout + done.stderr
    assert (tmp_path / "slips.txt").stat().st_mode & 0o777 == 0o600

    def level() -> list[float]:
        latest = json.loads(run(f"curl {look}", tmp_path, environment).stdout).get("latest", [])
        return [each["value"] for each in latest]

    assert eventually(level) == [1.23]
    assert service.get("/devices/agri/river-1")[0] == 200


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def run(lines: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e"],
        input=lines, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=90,
    )  # fmt: skip
