"""The contracts between the rooms can fail: each is broken once in a copy of the house, and named by the check."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("house")
    for room in ("ingest", "schemas"):
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def check(house: Path) -> str:
    """What the check prints of broken contracts; empty if all are kept."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=house, capture_output=True, text=True, check=False, timeout=120)
    return "" if done.returncode == 0 else done.stdout


def test_the_house_as_it_is_keeps_every_contract(house: Path) -> None:
    assert check(house) == ""


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("ingest/store/database.py", "import ingest.pipeline.interpret", "floors BROKEN"),
        ("ingest/web/render.py", "import ingest.handover.words", "floors BROKEN"),
        ("ingest/watch_tower/__init__.py", "", "floors"),
        ("schemas/device.py", "import ingest.errors", "schemas import nothing of ours BROKEN"),
        (
            "ingest/web/render.py",
            "import psycopg.rows",
            "SQL: store, figures, bench, and what is called database BROKEN",
        ),
        ("ingest/telemetry/metrics.py", "import aiomqtt", "MQTT: its rooms"),
        ("ingest/bench/bench.py", "import ingest.cli.say", "nobody imports the service but its commands"),
        ("ingest/decode/native.py", "import asyncio", "decode and validate are pure BROKEN"),
        ("ingest/web/render.py", "import ingest.decode.native", "what people are shown comes from figures"),
    ],
)
def test_a_contract_that_is_broken_fails_the_check(house: Path, module: str, line: str, contract: str) -> None:
    path = house / module
    before = path.read_text() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        assert contract in check(house)
    finally:
        if before is None:
            shutil.rmtree(path.parent)
        else:
            path.write_text(before)


NAMED = re.compile(r"(?<![\w/.*-])((?:[a-z_0-9]+/)*[a-z_0-9]+\.(?:py|sql))\b")


def test_a_file_that_a_comment_or_a_docstring_names_is_there() -> None:
    rooms = ("ingest", "schemas", "tests", "deploy", "docs")
    files = {path.relative_to(ROOT).as_posix() for room in rooms for path in (ROOT / room).rglob("*.*")}
    ends = {"/".join(parts[start:]) for parts in (file.split("/") for file in files) for start in range(len(parts))}
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for room in ("ingest", "schemas")
        for path in sorted((ROOT / room).rglob("*.py"))
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
        if name not in ends and name != "migration.sql"  # any of them
    ]
    assert wrong == []
