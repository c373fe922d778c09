"""The doctor looks at the key that signs frozen reports: there, private, lasting, and the one the database knows."""

from pathlib import Path

import pytest

from ingest.access.authority import By
from ingest.report.submission.keys import make_key
from ingest.report.submission.using import key_in_use, rotate_key
from tests.doctor.call import Report, doctor
from tests.fixtures.database import Database

BY = By("command:test")


def examined(database: Database, path: Path | str) -> Report:
    return doctor("report_key", database=database.url, NOROSHI_REPORT__KEY_FILE=str(path))


def test_before_the_first_freezing_the_place_is_looked_at(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    report = examined(database, tmp_path / "state" / "key.pem")
    assert (report.code, report.severities) == (0, {"note"})
    assert "it is made when the first report is frozen" in report.of("note")[0]
    assert "in a container it is lost" in examined(database, "key.pem").of("warning")[0]
    assert "cannot be written to" in examined(database, tmp_path / "file" / "key.pem").of("warning")[0]
    assert [each.name for each in tmp_path.iterdir()] == ["file"]  # it is only looked at


def test_the_key_in_use_is_good_and_every_other_is_bad(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    connection = database.connect()
    key_in_use(connection, path, BY)
    report = examined(database, path)
    assert (report.code, report.severities) == (0, {"ok"})
    assert report.data()["state"] == "current"
    former = path.read_bytes()
    rotate_key(connection, path, BY)
    current = path.read_bytes()
    other = tmp_path / "other.pem"
    make_key(other)
    for content, state, said in (
        (former, "retired", "was retired"),
        (other.read_bytes(), "other", "is not the one in use"),
        (None, "lost", "is not there"),
    ):
        path.unlink()
        if content is not None:
            path.touch(mode=0o600)
            path.write_bytes(content)
        report = examined(database, path)
        assert report.code == 1
        assert said in report.of("bad")[0]
        assert report.data()["state"] == state
    path.touch(mode=0o644)
    path.write_bytes(current)
    assert "chmod 600" in examined(database, path).of("bad")[0]
