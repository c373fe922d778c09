"""deploy/first-start.sh: fresh passwords once, and never again."""

import re
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
    found = [line.partition("=") for line in lines if re.match(r"\w+_(PASSWORD|TOKEN)=", line)]
    made = {name: value for name, _, value in found}
    assert len(made) == len(found)
    return made


def test_every_password_is_made_long_different_and_for_the_owner_only(checkout: Path) -> None:
    start(checkout)
    made = passwords(checkout)
    assert len(made) == 9
    assert len(set(made.values())) == len(made)
    assert all(len(value) == 48 and value.isalnum() for value in made.values())
    assert (checkout / ".env").stat().st_mode & 0o777 == 0o600


def test_the_token_of_the_metrics_is_made_too_and_an_older_file_gets_it(checkout: Path) -> None:
    start(checkout)
    before = passwords(checkout)
    assert len(before["METRICS_TOKEN"]) == 48
    lines = (checkout / ".env").read_text(encoding="utf-8").splitlines(keepends=True)
    older = "".join(line for line in lines if "METRICS_TOKEN" not in line)
    (checkout / ".env").write_text(older, encoding="utf-8")
    assert "METRICS_TOKEN" in start(checkout)
    after = passwords(checkout)
    assert after.pop("METRICS_TOKEN") != before.pop("METRICS_TOKEN")
    assert after == before


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
    assert len(made) == 9
    assert "PAGES_ADDRESS=192.0.2.7\n" in (checkout / ".env").read_text(encoding="utf-8")


def test_no_password_is_printed(checkout: Path) -> None:
    said = start(checkout)
    assert not any(value in said for value in passwords(checkout).values())


HOSTILE = [
    "$(touch owned)",
    "`touch owned`",
    "'; touch owned; '",
    "a&b|c/d\\1",
    "*",
    "-n",
    "$HOME ${PATH}",
    "#no comment",
    "火の見",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_what_somebody_wrote_is_never_run_and_stays_as_it_is(checkout: Path, value: str) -> None:
    line = f"GRAFANA_ADMIN_PASSWORD={value}\nALERT_EMAIL={value}\n"
    (checkout / ".env").write_text(line, encoding="utf-8")
    said = start(checkout)
    assert (checkout / ".env").read_text(encoding="utf-8").startswith(line)
    assert value not in said
    assert not list(checkout.rglob("owned"))


@pytest.mark.parametrize("name", ["a b", "$(touch owned)", "'; touch owned; '", "-n", "a\nb", "*"])
def test_a_hostile_name_of_the_folder_is_a_name(checkout: Path, name: str) -> None:
    folder = checkout.rename(checkout.parent / name) if name != checkout.name else checkout
    start(folder)
    assert len(passwords(folder)) == 9
    assert not list(folder.parent.rglob("owned"))


@pytest.mark.parametrize("value", ["", " ", "\t", "''", '""', "\r"])
def test_a_blank_password_is_none(checkout: Path, value: str) -> None:
    (checkout / ".env").write_bytes(f"POSTGRES_PASSWORD={value}\nPAGES_ADDRESS=192.0.2.7\n".encode())
    start(checkout)
    assert len(passwords(checkout)["POSTGRES_PASSWORD"]) == 48


def test_a_file_without_a_last_end_of_line_keeps_its_last_value(checkout: Path) -> None:
    (checkout / ".env").write_text("PAGES_ADDRESS=192.0.2.7", encoding="utf-8")
    start(checkout)
    assert "PAGES_ADDRESS=192.0.2.7\n" in (checkout / ".env").read_text(encoding="utf-8")
    assert len(passwords(checkout)) == 9


@pytest.mark.parametrize(
    "value", ["x@203.0.113.1/y", "a/b", "a#b", "a?sslmode=disable", "a b", "a%41", "$(touch owned)"]
)
def test_a_password_that_would_change_an_address_is_refused_and_not_told(checkout: Path, value: str) -> None:
    before = f"INGEST_DATABASE_PASSWORD={value}\n"
    (checkout / ".env").write_text(before, encoding="utf-8")
    done = subprocess.run(
        ["sh", str(checkout / "deploy/first-start.sh")], capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.returncode == 2
    assert "INGEST_DATABASE_PASSWORD" in done.stderr
    assert value not in done.stdout + done.stderr
    assert (checkout / ".env").read_text(encoding="utf-8") == before
    assert sorted(path.name for path in checkout.iterdir()) == [".env", ".env.example", "deploy"]


def test_every_password_that_stands_in_an_address_is_looked_at() -> None:
    compose = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
    in_addresses = set(re.findall(r"://\w+:\$\{(\w+)", compose))
    script = (DEPLOY / "first-start.sh").read_text(encoding="utf-8")
    (looked_at,) = re.findall(r"for name in ((?:\w+_PASSWORD ?)+);", script)
    assert set(looked_at.split()) == in_addresses
