"""Where passwords are handed over: in these environments, never on a command line, which everybody reads."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.installation import DEPLOY, REPOSITORY
from tests.deploy.units import FOLDER

SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|PRIVATE_KEY")
EXPANDED = re.compile(r"\$\{?\w*(?:PASSWORD|SECRET|TOKEN)\w*|\$\(fresh(?:_password)?\)", re.IGNORECASE)
SPOKEN = re.compile(r"(?:^|\s)(?:-P|--pw|--pass|--password|--passwd)(?:=|\s+)[^\s-]|\w+://[^\s/:@]+:[^\s@…]+@")
"""An option that is a password, or an address with one in it."""
SHELL_ONLY = re.compile(r"(?:printf|echo|export)\s|\w+=|\w+\(\)")
"""What the shell does by itself: no program is started, so nobody sees it with ps."""
HEREDOC = re.compile(r"<<-?'?(\w+)'?[^\n]*\n.*?^\1$", re.MULTILINE | re.DOTALL)
BETWEEN = re.compile(r"\|\|?|&&|;|\n|(?<![\w$])\(|\{ |\bdo |\bthen ")

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text("utf-8"))["services"]
PAGES = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md"), *DEPLOY.rglob("*.md")]
SCRIPTS = [*DEPLOY.rglob("*.sh"), *REPOSITORY.glob(".ci/*")]
UNITS = [unit for unit in FOLDER.rglob("*") if unit.is_file()]
MANIFESTS = [*DEPLOY.glob("kubernetes/*.yaml")]

IN_ENVIRONMENTS = {
    "broker-first": {"BROKER_ADMIN_PASSWORD"},
    "broker": {"BROKER_ADMIN_PASSWORD"},
    "broker-accounts": {"NOROSHI_ACCESS__PASSWORD", "NOROSHI_BROKER__PASSWORD", "NOROSHI_DATABASE__URL"},
    "timescaledb": {"GRAFANA_DATABASE_PASSWORD", "INGEST_DATABASE_PASSWORD", "OWNER_DATABASE_PASSWORD",
                    "POSTGRES_PASSWORD"},
    "ask": {"NOROSHI_ACCESS__PASSWORD", "NOROSHI_BROKER__PASSWORD", "NOROSHI_DATABASE__URL"},
    "migrate": {"NOROSHI_DATABASE__URL"},
    "database-roles": {"PGPASSWORD"},
    "access-first": {"NOROSHI_DATABASE__URL"},
    "ingest": {"NOROSHI_BROKER__PASSWORD", "NOROSHI_DATABASE__URL", "NOROSHI_WEB__METRICS_TOKEN"},
    "prometheus": {"METRICS_TOKEN"},
    "grafana": {"GF_SECURITY_ADMIN_PASSWORD", "GRAFANA_DATABASE_PASSWORD"},
    "demo-account": {"NOROSHI_ACCESS__PASSWORD", "NOROSHI_ACCESS__SIMULATOR_PASSWORD", "NOROSHI_BROKER__PASSWORD",
                     "NOROSHI_DATABASE__URL"},
    "demo-registry": {"NOROSHI_BROKER__URL", "NOROSHI_DATABASE__URL"},
    "simulator": {"NOROSHI_BROKER__URL"},
}  # fmt: skip
"""Who is given which password in containers. One more is written here by whoever is sure that it is needed."""

IN_SHELLS = {
    "deploy/debian.md": 13,
    "deploy/first-start.sh": 1,
    "docker-compose.yml": 4,
    "docs/access.ja.md": 1,
    "docs/access.md": 1,
    "docs/api.md": 1,
    "docs/operators.ja.md": 1,
    "docs/operators.md": 1,
}
"""How often a shell is handed a password, by file; what is looked at is each place."""


def shells() -> Iterator[tuple[str, str]]:
    """Everything that a shell or the system starts, and where it stands."""
    for page in PAGES:
        for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            yield name(page), block
    for script in SCRIPTS:
        yield name(script), script.read_text(encoding="utf-8")
    for unit in UNITS:
        lines = re.findall(r"^(?:Exec\w*|Environment)=(.*)", unit.read_text(encoding="utf-8"), re.MULTILINE)
        yield name(unit), "\n".join(lines)
    yield from of_containers()


def of_containers() -> Iterator[tuple[str, str]]:
    for service in SERVICES.values():
        for text in strings([service.get(part) for part in ("command", "entrypoint", "healthcheck")]):
            yield "docker-compose.yml", text.replace("$$", "$")
    for manifest in MANIFESTS:
        for document in yaml.safe_load_all(manifest.read_text(encoding="utf-8")):
            for text in strings(started(document)):
                yield name(manifest), re.sub(r"\$\((\w+)\)", r"$\1", text)


def name(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def strings(found: Any) -> Iterator[str]:
    """A command of several words is one text."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, list) and all(isinstance(one, str) for one in found):
        yield " ".join(found)
    elif isinstance(found, dict | list):
        for one in found.values() if isinstance(found, dict) else found:
            yield from strings(one)


def started(found: Any) -> list[Any]:
    """What a manifest starts: commands, arguments and probes of its containers, wherever they stand."""
    if isinstance(found, list):
        return [part for one in found for part in started(one)]
    if not isinstance(found, dict):
        return []
    here = [found[part] for part in ("command", "args") if part in found]
    return here + [part for one in found.values() for part in started(one)]


def handed_over(text: str) -> list[str]:
    """The single commands in which a password stands."""
    spoken = [part.strip() for part in BETWEEN.split(HEREDOC.sub("\n", text))]
    return [part for part in spoken if not part.startswith("#") and (EXPANDED.search(part) or SPOKEN.search(part))]


def on_command_lines(text: str) -> list[str]:
    return [part for part in handed_over(text) if not SHELL_ONLY.match(part)]


def test_no_command_line_has_a_password() -> None:
    assert [(where, part) for where, text in shells() for part in on_command_lines(text)] == []


def test_each_place_where_a_shell_is_handed_a_password_is_known() -> None:
    found: dict[str, int] = {}
    for where, text in shells():
        if number := len(EXPANDED.findall(re.sub(r"^\s*#.*", "", text, flags=re.MULTILINE))):
            found[where] = found.get(where, 0) + number
    assert found == IN_SHELLS


def test_each_container_is_given_the_passwords_it_is_known_to_need() -> None:
    found = {
        service: {key for key, value in told.get("environment", {}).items() if SECRET.search(f"{key} {value}")}
        for service, told in SERVICES.items()
    }
    assert {service: names for service, names in found.items() if names} == IN_ENVIRONMENTS


def test_no_unit_manifest_or_image_has_a_password_of_its_own() -> None:
    """Everybody reads a unit, and whoever has the image reads what is in it: passwords come in files and secrets."""
    image = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert [line for line in image.splitlines() if re.match(r"(?:ENV|ARG)\s", line) and SECRET.search(line)] == []
    for unit in UNITS:
        environment = re.findall(r"^Environment=(.*)", unit.read_text(encoding="utf-8"), re.MULTILINE)
        assert not [line for line in environment if SECRET.search(line) or SPOKEN.search(line)], unit
    for manifest in MANIFESTS:
        text = manifest.read_text(encoding="utf-8")
        assert not re.search(r"(?:PASSWORD|TOKEN|SECRET)\w*\W*(?:value)?:\s*\S", text), manifest
        assert not SPOKEN.search(text), manifest
        assert "kind: Secret" not in text


@pytest.mark.parametrize(
    "line",
    [
        'mosquitto_sub -u noroshi-admin -P "$BROKER_ADMIN_PASSWORD" -t x',
        "psql postgresql://noroshi:secret@127.0.0.1/noroshi",
        "noroshi db upgrade --database=postgresql://noroshi:$OWNER_DATABASE_PASSWORD@db/noroshi",
        "true && mosquitto_ctrl --pw hidden dynsec listClients",
        "echo x | (psql --command \"alter role grafana password '$GRAFANA_DATABASE_PASSWORD'\")",
        "sh -c 'mosquitto_pub -P ${PASSWORD}'",
        "grafana cli admin reset-admin-password $(fresh)",
        'for one in a b; do curl --header "Authorization: $API_TOKEN"; done',
    ],
)
def test_a_password_on_a_command_line_would_be_found(line: str) -> None:
    assert on_command_lines(line)
    assert on_command_lines(f"set -eu\n{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "printf '%s\\n' \"$BROKER_ADMIN_PASSWORD\" | mosquitto_ctrl dynsec init x noroshi-admin",
        "export INGEST_BROKER_PASSWORD=$(fresh)",
        "PGPASSWORD=$OWNER_DATABASE_PASSWORD psql noroshi",
        "cat >file <<EOF\nPGPASSWORD=$OWNER_DATABASE_PASSWORD\nEOF",
        "mosquitto_pub -p 8883 -P",
    ],
)
def test_what_only_the_shell_sees_is_no_command_line(line: str) -> None:
    assert on_command_lines(line) == []
