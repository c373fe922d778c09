"""noroshi.toml is read within bounds, and refused with a sentence."""

import os
from pathlib import Path

import pytest

from ingest.cli.settings import rows
from ingest.errors import SettingsRefused
from ingest.settings.model import MAX_FILE_BYTES, SETTINGS_FILE, load


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / SETTINGS_FILE


def test_a_file_within_bounds_is_read(file: Path) -> None:
    file.write_text("[intake]\nbatch_messages = 7\n", encoding="utf-8")
    assert load().intake.batch_messages == 7


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"9" * 6_000, "not valid TOML"),
        (b"a = \xff", "not valid TOML"),
        (b"a = 1\na = 2", "not valid TOML"),
        (b"[intake]\nbatch_messages = 99999-99-99", "not valid TOML"),
        (b"#" * (MAX_FILE_BYTES + 1), "cannot be read"),
    ],
)
def test_a_file_that_is_more_than_settings_is_refused_by_name(file: Path, content: bytes, said: str) -> None:
    file.write_bytes(content)
    with pytest.raises(SettingsRefused) as error:
        load()
    assert SETTINGS_FILE in str(error.value)
    assert said in str(error.value)
    assert len(str(error.value)) < 1_000


def test_a_device_under_its_name_is_not_read(file: Path) -> None:
    file.symlink_to("/dev/zero")
    try:
        load()
    except SettingsRefused as error:
        assert SETTINGS_FILE in str(error)  # noqa: PT017  either is right: it is no file, so there are no settings


def test_a_variable_that_is_no_json_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not file.exists()
    for value in ("[", "[" * 100_000, "[" + "9" * 6_000 + "]"):
        monkeypatch.setitem(os.environ, "NOROSHI_ROUTES", value)
        with pytest.raises(SettingsRefused, match="routes"):
            load()


PROVIDER = """
[web]
url = "https://noroshi.example.lg.jp"
[sign_in.open_id]
issuer = "https://login.example.lg.jp/realms/city"
client_id = "noroshi"
client_secret = "never shown"
[[sign_in.open_id.roles]]
value = "tea"
role = "viewer"
project = "tea"
[[sign_in.open_id.roles]]
value = "it"
role = "admin"
"""


def shown() -> dict[str, str]:
    return {name: value.en for name, value, _ in rows(load())}


def test_a_provider_and_its_table_of_roles_are_read_and_printed(file: Path) -> None:
    assert shown()["sign_in.open_id"] == "(not set)"
    assert shown()["sign_in.open_id.issuer"] == "(not set)"
    assert shown()["sign_in.open_id.timeout_s"] == "10.0"
    file.write_text(PROVIDER)
    assert shown()["sign_in.open_id.roles"] == (
        "{value = tea, role = viewer, project = tea}, {value = it, role = admin}"
    )
    assert shown()["sign_in.open_id.client_secret"] == "(set, not shown)"
    assert "sign_in.open_id" not in shown()


def test_a_provider_can_be_told_by_variables(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not file.exists()
    for name, value in {
        "WEB__URL": "https://noroshi.example.lg.jp",
        "SIGN_IN__OPEN_ID__ISSUER": "https://login.example.lg.jp",
        "SIGN_IN__OPEN_ID__CLIENT_ID": "noroshi",
        "SIGN_IN__OPEN_ID__ROLES": '[{"value": "it", "role": "admin", "organisation": "222160"}]',
    }.items():
        monkeypatch.setenv(f"NOROSHI_{name}", value)
    assert shown()["sign_in.open_id.roles"] == "{value = it, role = admin, organisation = 222160}"


def test_a_provider_needs_to_know_where_to_lead_people_back(file: Path) -> None:
    file.write_text(PROVIDER.replace("url =", "host ="))
    with pytest.raises(SettingsRefused, match=r"needs web\.url"):
        load()


@pytest.mark.parametrize(
    "issuer", ["http://login.example.lg.jp", "ftp://127.0.0.1", "login", "https://a.example/?x", "https://a.example/#x"]
)
def test_an_issuer_is_an_https_address(file: Path, issuer: str) -> None:
    file.write_text(PROVIDER.replace("https://login.example.lg.jp/realms/city", issuer))
    with pytest.raises(SettingsRefused, match="issuer"):
        load()
