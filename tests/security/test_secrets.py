"""No password is in what a service prints, serves or says when something goes wrong."""

from pathlib import Path

import pytest

from ingest.errors import SettingsRefused
from ingest.settings.model import load
from tests.fixtures.broker import Broker
from tests.fixtures.database import OwnPostgres, fresh_database
from tests.fixtures.service import RunNoroshi, StartService, eventually

IN_THE_URL = "hidden-in-url"
OF_THE_BROKER = "hidden-of-broker"
OF_ACCESS = "hidden-of-access"
SECRETS = (IN_THE_URL, OF_THE_BROKER, OF_ACCESS)
PAGES = ("/", "/metrics", "/readyz", "/livez", "/api/v1/devices", "/openapi.json", "/quarantine")


def betrayed(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def with_secrets(url: str) -> str:
    return url.replace("postgres@", f"postgres:{IN_THE_URL}@")


SETTINGS = {"NOROSHI_BROKER__PASSWORD": OF_THE_BROKER, "NOROSHI_ACCESS__PASSWORD": OF_ACCESS}


def test_a_service_that_loses_everything_keeps_its_secrets(
    own_postgres: OwnPostgres, tmp_path: Path, start_service: StartService
) -> None:
    server = own_postgres(fsync=False)
    database = fresh_database(server)
    broker = Broker(tmp_path)
    broker.require_password("ingest", OF_THE_BROKER)
    with broker:
        service = start_service(
            with_secrets(database.url), broker.url, NOROSHI_BROKER__USERNAME="ingest",
            NOROSHI_LOG__LEVEL="debug", **SETTINGS,
        )  # fmt: skip
        said = [service.get(page)[1] for page in PAGES]
        server.stop()
        broker.stop()
        eventually(lambda: not service.is_ready())
        said += [service.get(page)[1] for page in PAGES]
        broker.config.clear()
        broker.require_password("ingest", "another")
        broker.start()
        eventually(lambda: not service.process.running, what="the broker refuses our password for good")
        said.append(service.process.log.read_text(encoding="utf-8"))
    assert "database" in said[-1]
    assert "broker.password" in said[-1]
    assert betrayed("\n".join(said)) == []


@pytest.mark.parametrize(
    "words",
    [
        ("db", "status"),
        ("broker", "apply", "--service-only"),
        ("simulate", "--seconds", "1"),
    ],
    ids=" ".join,
)
def test_a_command_whose_servers_refuse_it_keeps_its_secrets(
    tmp_path: Path, run_noroshi: RunNoroshi, words: tuple[str, ...]
) -> None:
    broker = Broker(tmp_path)
    broker.require_password("ingest", "the right one")
    with broker:
        url = f"mqtt://ingest:{IN_THE_URL}@127.0.0.1:{broker.port}"
        database = with_secrets("postgresql://postgres@127.0.0.1:1/x")
        urls = {"NOROSHI_DATABASE__URL": database, "NOROSHI_BROKER__URL": url}
        done = run_noroshi(*words, code=1, **(SETTINGS | urls))
    assert betrayed(done.stdout + done.stderr) == []


def test_settings_are_shown_without_secrets(run_noroshi: RunNoroshi) -> None:
    urls = {
        "NOROSHI_DATABASE__URL": with_secrets("postgresql://postgres@db/x"),
        "NOROSHI_BROKER__URL": f"mqtt://ingest:{IN_THE_URL}@broker",
    }
    done = run_noroshi("settings", code=0, **(SETTINGS | urls))
    assert "not shown" in done.stdout
    assert betrayed(done.stdout + done.stderr) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"database": {"url": f"http://user:{IN_THE_URL}@host"}},
        {"broker": {"url": f"amqp://user:{IN_THE_URL}@host"}},
        {"broker": {"password": [OF_THE_BROKER]}},
        {"access": {"password": {"is": OF_ACCESS}}},
        {"access": {"simulator_password": {"is": OF_ACCESS}}},
    ],
)
def test_a_wrong_setting_is_named_without_its_secret(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load(wrong)
    assert betrayed(str(refused.value)) == []
