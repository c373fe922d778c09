"""deploy/first-start.sh: fresh passwords once, and never again."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.installation import DEPLOY, REPOSITORY


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    shutil.copy(DEPLOY / "first-start.sh", tmp_path / "deploy")
    shutil.copy(REPOSITORY / ".env.example", tmp_path)
    return tmp_path


def start(checkout: Path) -> str:
    done = subprocess.run(
        ["sh", str(checkout / "deploy/first-start.sh")], capture_output=True, text=True, check=True, cwd="/"
    )
    return done.stdout


def passwords(checkout: Path) -> dict[str, str]:
    lines = (checkout / ".env").read_text(encoding="utf-8").splitlines()
    found = [line.partition("=") for line in lines if "_PASSWORD=" in line]
    made = {name: value for name, _, value in found}
    assert len(made) == len(found)
    return made


def test_every_password_is_made_long_different_and_for_the_owner_only(checkout: Path) -> None:
    start(checkout)
    made = passwords(checkout)
    assert len(made) == 8
    assert len(set(made.values())) == len(made)
    assert all(len(value) == 48 and value.isalnum() for value in made.values())
    assert (checkout / ".env").stat().st_mode & 0o777 == 0o600


def test_two_installations_share_no_password(checkout: Path) -> None:
    start(checkout)
    first = passwords(checkout)
    (checkout / ".env").unlink()
    start(checkout)
    assert not set(first.values()) & set(passwords(checkout).values())


def test_a_second_start_changes_nothing(checkout: Path) -> None:
    start(checkout)
    before = (checkout / ".env").read_bytes()
    assert "Nothing is missing" in start(checkout)
    assert (checkout / ".env").read_bytes() == before
    assert sorted(path.name for path in checkout.iterdir()) == [".env", ".env.example", "deploy"]


def test_what_somebody_wrote_stays_and_only_the_rest_is_made(checkout: Path) -> None:
    (checkout / ".env").write_text(
        "# ours\nGRAFANA_ADMIN_PASSWORD=our own\nPAGES_ADDRESS=192.0.2.7\n", encoding="utf-8"
    )
    start(checkout)
    made = passwords(checkout)
    assert made["GRAFANA_ADMIN_PASSWORD"] == "our own"
    assert len(made) == 8
    assert "PAGES_ADDRESS=192.0.2.7\n" in (checkout / ".env").read_text(encoding="utf-8")


def test_no_password_is_printed(checkout: Path) -> None:
    said = start(checkout)
    assert not any(value in said for value in passwords(checkout).values())
