"""docker-compose.yml: everything pinned, nothing open, no password but one's own, every file and setting there."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ingest.cli.main import cli
from ingest.settings.model import load
from tests.deploy.compose import DOCUMENT, SERVICES, TEXT, VARIABLE, example, filled_in
from tests.deploy.forky import FORKY
from tests.deploy.installation import REPOSITORY

SECRET = ("_PASSWORD", "_TOKEN")
PASSWORDS = {name for name in example() if name.endswith(SECRET)}
FILLED = {name: value or "a1b2c3d4e5f6a7b8" for name, value in example().items()}
CONDITIONS = {"service_healthy", "service_completed_successfully", "service_started"}
ONCE = {
    "broker-first", "broker-accounts", "migrate", "database-roles", "access-first",
    "demo-account", "demo-registry", "ask",
}  # fmt: skip
EXCHANGE = "./files:/files"
"""The one folder of the checkout that a container may write into."""

each_service = pytest.mark.parametrize("name", SERVICES)


@pytest.fixture
def real_compose() -> list[str]:
    """The real docker compose, where it is: it needs no engine to read a file."""
    for words in (["docker", "compose"], ["docker-compose"], [str(FORKY / "usr/bin/docker-compose")]):
        if shutil.which(words[0]):
            said = subprocess.run([*words, "version", "--short"], capture_output=True, text=True, check=False).stdout
            if said.strip().lstrip("v").startswith(("2.", "3.", "4.", "5.")):
                return words
    pytest.skip("docker compose 2 is not on this machine; it comes with Debian 13's docker-compose")


@pytest.mark.parametrize("profile", [[], ["--profile", "demo"]])
def test_the_real_compose_accepts_the_file(real_compose: list[str], profile: list[str], tmp_path: Path) -> None:
    environment = tmp_path / "filled"
    environment.write_text("".join(f"{name}={value}\n" for name, value in FILLED.items()), encoding="utf-8")
    words = [*real_compose, "--env-file", str(environment), *profile, "config", "--quiet"]
    done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False, env=without_passwords())
    assert (done.returncode, done.stderr) == (0, "")


def test_the_real_compose_refuses_to_start_without_passwords(real_compose: list[str]) -> None:
    words = [*real_compose, "--env-file", ".env.example", "config", "--quiet"]
    done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False, env=without_passwords())
    assert done.returncode != 0
    assert "run deploy/first-start.sh first" in done.stderr


def without_passwords() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in PASSWORDS}


@each_service
def test_images_are_pinned_to_one_version(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].partition(":")
    assert image
    assert re.match(r"v?\d+\.\d+\.\d+", tag)


def test_an_image_that_is_used_twice_has_one_version() -> None:
    images = {service["image"] for service in SERVICES.values()}
    assert len({image.split(":")[0] for image in images}) == len(images)


def test_a_missing_password_stops_everything_with_a_word_of_what_to_do() -> None:
    asked = {found["name"] for found in VARIABLE.finditer(TEXT) if found["name"].endswith(SECRET)}
    assert asked == PASSWORDS
    for found in VARIABLE.finditer(TEXT):
        if found["name"] in PASSWORDS:
            assert (found["kind"], found["word"]) == ("?", "run deploy/first-start.sh first")


def test_no_password_stands_in_the_repository() -> None:
    assert all(example()[name] == "" for name in PASSWORDS)
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            if "PASSWORD" in variable or "TOKEN" in variable:
                assert value.startswith("${"), variable


def test_every_variable_of_the_file_is_in_the_example_and_the_other_way_round() -> None:
    assert {found["name"] for found in VARIABLE.finditer(TEXT)} == set(example())


@each_service
def test_what_listens_listens_on_this_machine_only_unless_told_otherwise(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.match(r"\$\{[A-Z_]+_ADDRESS:-127\.0\.0\.1\}:\d+:\d+$", port)
        assert filled_in(port, {}).startswith("127.0.0.1:")


def test_the_example_opens_nothing() -> None:
    assert {value for name, value in example().items() if name.endswith("_ADDRESS")} == {"127.0.0.1"}


@each_service
def test_every_file_that_is_mounted_or_built_from_is_there(name: str) -> None:
    service = SERVICES[name]
    for volume in service.get("volumes", []):
        source, target, *mode = volume.split(":")
        if source.startswith("."):
            assert (REPOSITORY / source).exists(), source
            assert mode == ["ro"] or (name, volume) == ("ask", EXCHANGE)
        else:
            assert source in DOCUMENT["volumes"]
        assert target.startswith("/")
    if "build" in service:
        assert (REPOSITORY / service["build"]["context"] / service["build"]["dockerfile"]).exists()


def test_commands_by_hand_have_a_folder_for_files_and_hold_up_nobody() -> None:
    ask = SERVICES["ask"]
    assert (ask["working_dir"], ask["volumes"][0]) == ("/files", EXCHANGE)
    assert ask["profiles"] == ["ask"], "`up` must not start it"
    assert "depends_on" not in ask, "or each command would run the migrations"
    ignored = (REPOSITORY / "files/.gitignore").read_text(encoding="utf-8").splitlines()
    assert ignored[-2:] == ["*", "!.gitignore"]


def test_every_named_volume_is_used() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert set(DOCUMENT["volumes"]) <= used


@each_service
def test_a_service_waits_for_services_that_are_there_and_can_meet_the_condition(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert how["condition"] in CONDITIONS
        assert (how["condition"] == "service_completed_successfully") == (other in ONCE)
        if how["condition"] == "service_healthy":
            assert "test" in SERVICES[other].get("healthcheck", {}) or "build" in SERVICES[other], other
        if "profiles" in SERVICES[other] and "profiles" not in SERVICES[name]:
            assert how["required"] is False


def test_nobody_waits_in_a_circle() -> None:
    waiting = {name: set(service.get("depends_on", {})) for name, service in SERVICES.items()}
    while waiting:
        free = {name for name, others in waiting.items() if not others & set(waiting)}
        assert free, waiting
        waiting = {name: others for name, others in waiting.items() if name not in free}


@each_service
def test_what_runs_for_ever_starts_again_and_what_runs_once_does_not(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == ("no" if name in ONCE else "unless-stopped")
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"]["max-size"]


def test_only_the_demonstration_has_a_simulator() -> None:
    demo = {name for name, service in SERVICES.items() if service.get("profiles") == ["demo"]}
    assert demo == {"demo-account", "demo-registry", "simulator"}


@each_service
def test_the_settings_given_to_our_own_program_are_settings_it_has(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {key: value for key, value in environment_of(name).items() if key.startswith("NOROSHI_")}
    ours.pop("NOROSHI_LANG", None)  # the language of the commands is no setting of the service
    for variable in os.environ:
        if variable.startswith("NOROSHI_"):
            monkeypatch.delenv(variable)
    for key, value in ours.items():
        monkeypatch.setenv(key, value)
    settings = load()
    for key, value in ours.items():
        part, field = key.removeprefix("NOROSHI_").lower().split("__")
        found = getattr(getattr(settings, part), field)
        if isinstance(found, tuple):
            assert list(found) == json.loads(value)
            continue
        assert str(found.get_secret_value() if hasattr(found, "get_secret_value") else found) == value
    assert bool(ours) == ("build" in SERVICES[name])


def environment_of(name: str) -> dict[str, str]:
    given: dict[str, Any] = SERVICES[name].get("environment", {})
    return {key: filled_in(value, FILLED) for key, value in given.items()}


def test_the_service_looks_at_the_disk_on_which_the_database_lies() -> None:
    """The root of a container and a volume without options both lie where Docker keeps its things."""
    assert environment_of("ingest")["NOROSHI_DATABASE__DISK"] == "/"
    assert "database-data:/var/lib/postgresql" in SERVICES["timescaledb"]["volumes"]
    assert not DOCUMENT["volumes"]["database-data"]


def test_the_service_is_given_time_to_finish_what_is_in_flight() -> None:
    assert float(SERVICES["ingest"]["stop_grace_period"].removesuffix("s")) > load().shutdown_grace_s


def test_the_first_admin_is_made_when_the_tables_are_there_and_nobody_waits_for_it() -> None:
    first = SERVICES["access-first"]
    assert first["command"][:3] == ["access", "init", "--if-needed"]
    assert first["depends_on"] == {"database-roles": {"condition": "service_completed_successfully"}}
    assert environment_of("access-first")["NOROSHI_DATABASE__URL"].startswith("postgresql://noroshi_writer:")
    assert environment_of("access-first")["NOROSHI_WEB__URL"] == environment_of("ingest")["NOROSHI_WEB__URL"]
    assert not [name for name, service in SERVICES.items() if "access-first" in service.get("depends_on", {})]


def test_a_call_of_our_program_is_one_it_knows() -> None:
    """Help of the command that a container runs, with its options: an unknown one would be refused."""
    for name, service in SERVICES.items():
        if "build" in service and "entrypoint" not in service:
            words = [filled_in(word, FILLED) for word in service["command"]]
            done = CliRunner().invoke(cli, [*words, "--help"])
            assert done.exit_code == 0, (name, done.output)


def test_grafana_asks_the_internet_nothing() -> None:
    given = environment_of("grafana")
    assert given["GF_PLUGINS_PREINSTALL_DISABLED"] == "true"
    for name in ("REPORTING_ENABLED", "CHECK_FOR_UPDATES", "CHECK_FOR_PLUGIN_UPDATES"):
        assert given[f"GF_ANALYTICS_{name}"] == "false"


def test_the_names_between_the_containers_are_services_of_the_file() -> None:
    for name in SERVICES:
        for key, value in environment_of(name).items():
            if key.endswith(("__URL", "PGHOST")) and key != "NOROSHI_WEB__URL":  # that one is for people
                host = re.sub(r"^.*(//|@)", "", value).split(":")[0]
                assert host in SERVICES, value
