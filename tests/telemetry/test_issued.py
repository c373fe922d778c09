"""The list of the certificates we gave to devices, as the script writes it."""

import os
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.doctor.finding import Severity
from ingest.doctor.tls import given_last
from ingest.telemetry.certificates import CertificateMetrics, expiry_s
from ingest.telemetry.issued import Issued, first_expiry_s, issued
from tests.deploy.installation import DEPLOY

SCRIPT = DEPLOY / "tls" / "authority.sh"
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def authority(folder: Path, *words: str, days: int = 100) -> None:
    """Call the script of the installation."""
    place = os.environ | {"NOROSHI_TLS": str(folder), "DEVICE_DAYS": str(days)}
    subprocess.run(["sh", str(SCRIPT), *words], env=place, check=True, capture_output=True)


def test_the_list_of_the_script_is_understood_and_holds_only_what_counts(tmp_path: Path) -> None:
    authority(tmp_path, "server", "broker.example")
    authority(tmp_path, "device", "agri/one", days=10)
    authority(tmp_path, "device", "agri/two", days=50)
    found = issued(tmp_path / "issued.csv")
    assert [one.name for one in found] == ["agri/one", "agri/two", "broker.example"]
    assert first_expiry_s(tmp_path / "issued.csv") == midnight(found[0].until)
    authority(tmp_path, "device", "agri/one", days=90)  # renewed
    assert [one.name for one in issued(tmp_path / "issued.csv")] == ["agri/two", "agri/one", "broker.example"]
    authority(tmp_path, "revoke", "agri/two")
    assert [one.name for one in issued(tmp_path / "issued.csv")] == ["agri/one", "broker.example"]


def midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def told(file: Path) -> dict[str, float]:
    (gauge,) = CertificateMetrics({}, file).collect()
    return {sample.labels["role"]: sample.value for sample in gauge.samples}


def test_the_first_to_run_out_is_told_and_a_list_nobody_can_read_too(tmp_path: Path) -> None:
    file = tmp_path / "issued.csv"
    assert told(file) == {"issued": 0.0}
    file.write_text("name,serial,until,file\n")
    assert told(file) == {}
    file.write_text("name,serial,until,file\na/b,1,2027-01-02,x\nc/d,2,2026-12-01,y\n")
    assert told(file) == {"issued": midnight(date(2026, 12, 1))}


@pytest.mark.parametrize("text", ["", "something else\n", "name,until\na,soon\n", "name,until\na\n"])
def test_what_is_no_such_list_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / "issued.csv"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"columns|isoformat"):
        issued(file)
    assert first_expiry_s(file) == 0.0


@pytest.mark.parametrize(
    ("days", "severity"), [(-1, Severity.BAD), (6, Severity.BAD), (20, Severity.WARNING), (40, Severity.OK)]
)
def test_the_doctor_names_the_devices(days: int, severity: Severity) -> None:
    until = date.fromordinal(NOW.toordinal() + days)
    (finding,) = given_last([Issued("agri/one", until), Issued("agri/two", date(2031, 1, 1))], NOW)
    assert finding.severity is severity
    assert ("agri/one" in finding.found.ja) is (severity is not Severity.OK)
    assert severity is Severity.OK or finding.data["days"] == days


@pytest.mark.parametrize(
    "content", [b'name,until\n"' + b"x" * 200_000, b"name,until\n\xff,2026-01-01\n", b"\0", b"[" * 99]
)
def test_a_list_that_is_none_is_a_value_error_and_never_another(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "issued.csv"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"issued|no columns|isoformat"):
        issued(file)
    assert first_expiry_s(file) == 0.0


def test_what_is_no_file_is_not_read_as_a_list_or_as_certificates(tmp_path: Path) -> None:
    """The service looks at these again and again: a pipe stopped its metrics, a device filled its memory."""
    pipe, device = tmp_path / "pipe", tmp_path / "device"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for file in (pipe, device):
        assert first_expiry_s(file) == 0.0
        assert expiry_s(file, last=False) == 0.0
