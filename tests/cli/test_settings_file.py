"""noroshi.toml is read within bounds, and refused with a sentence."""

import os
from pathlib import Path

import pytest

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
