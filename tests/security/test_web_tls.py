"""The pages by https, with a certificate of the authority that comes with the program."""

import http.client
import ssl
from pathlib import Path

import pytest

from ingest.errors import SettingsRefused
from ingest.service.service import Service
from ingest.settings.model import load
from tests.deploy.shipped import certificates_in
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import StartService, eventually


def answer(port: int, authority: Path) -> int:
    return ask(port, authority, "/readyz")[0]


def ask(port: int, authority: Path, path: str) -> tuple[int, str]:
    context = ssl.create_default_context(cafile=authority / "authority.crt")
    connection = http.client.HTTPSConnection("localhost", port, timeout=20, context=context)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    except ConnectionRefusedError:
        return 0, ""
    finally:
        connection.close()


def test_the_pages_are_served_encrypted_and_not_otherwise(
    any_database: Database, mosquitto: Broker, start_service: StartService, tmp_path: Path
) -> None:
    authority = certificates_in(tmp_path / "certificates")
    service = start_service(
        any_database.url, mosquitto.url, ready=False,
        NOROSHI_WEB__CERT_FILE=str(authority / "server.crt"), NOROSHI_WEB__KEY_FILE=str(authority / "server.key"),
    )  # fmt: skip
    eventually(lambda: answer(service.port, authority) == 200, within_s=60)
    assert service.get("/readyz")[0] == 0
    assert "https://" in service.process.output()
    told = ask(service.port, authority, "/metrics")[1]
    assert 'noroshi_certificate_expiry_timestamp_seconds{role="web"}' in told, "and it is told when it runs out"


@pytest.mark.parametrize("missing", ["cert_file", "key_file"])
def test_a_certificate_without_its_key_is_a_wrong_setting(missing: str) -> None:
    files = {"cert_file": "server.crt", "key_file": "server.key"}
    files.pop(missing)
    with pytest.raises(SettingsRefused, match="go together"):
        load({"web": files})


def test_a_file_that_is_no_certificate_stops_the_start_and_is_named(tmp_path: Path) -> None:
    file = tmp_path / "server.crt"
    file.write_text("no certificate", encoding="utf-8")
    with pytest.raises(SettingsRefused, match=r"web\.cert_file .*server\.crt"):
        Service(load({"web": {"cert_file": str(file), "key_file": str(file), "port": 0}}))
