"""When certificates run out: read from the files the service itself uses, as the library that made them says."""

import re
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from ingest.store.database import certificate_files
from ingest.telemetry.certificates import CertificateMetrics, expiry_s, not_after
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import StartService

KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(end: datetime, name: str = "試験") -> bytes:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(subject, subject, KEY.public_key(), 2**63, end - timedelta(days=1), end)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM)


def expired(end: str) -> datetime:
    return datetime.fromisoformat(end).replace(tzinfo=UTC)


@pytest.mark.parametrize("end", ["1951-06-01", "1999-12-31", "2026-11-25", "2049-12-31", "2050-01-02", "9999-12-31"])
def test_the_end_of_validity_is_read_in_either_notation(end: str) -> None:
    assert not_after(ssl.PEM_cert_to_DER_cert(certificate(expired(end)).decode())) == expired(end)


@given(st.binary(max_size=80))
def test_other_bytes_are_no_certificate(junk: bytes) -> None:
    with pytest.raises((ValueError, IndexError)):
        not_after(junk)


@given(st.integers(0, 200))
def test_a_certificate_that_is_cut_off_is_none(length: int) -> None:
    der = ssl.PEM_cert_to_DER_cert(certificate(expired("2030-01-01")).decode())
    with pytest.raises((ValueError, IndexError)):
        not_after(der[:length])


def test_of_a_chain_the_first_end_counts_and_of_authorities_the_last(tmp_path: Path) -> None:
    file = tmp_path / "both.pem"
    file.write_bytes(b"# old and new\n" + certificate(expired("2027-01-01")) + certificate(expired("2037-01-01")))
    assert expiry_s(file, last=False) == expired("2027-01-01").timestamp()
    assert expiry_s(file, last=True) == expired("2037-01-01").timestamp()


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_that_cannot_be_read_has_run_out_in_1970(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "one.pem"
    if content is not None:
        file.write_bytes(content)
    (gauge,) = CertificateMetrics({"broker_ca": file}).collect()
    assert [(sample.labels, sample.value) for sample in gauge.samples] == [({"role": "broker_ca"}, 0.0)]


def test_a_renewed_file_is_told_at_the_next_scrape(tmp_path: Path) -> None:
    file = tmp_path / "one.pem"
    told = CertificateMetrics({"broker_client": file})
    for end in ("2027-01-01", "2028-01-01"):
        file.write_bytes(certificate(expired(end)))
        (gauge,) = told.collect()
        assert gauge.samples[0].value == expired(end).timestamp()


def test_the_certificates_of_the_database_stand_in_its_url_or_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = "postgresql://a@b/c"
    assert certificate_files(url) == {}
    assert certificate_files(f"{url}?sslrootcert=system") == {}
    monkeypatch.setenv("PGSSLROOTCERT", "/etc/ca.pem")
    assert certificate_files(f"{url}?sslcert=/etc/us.pem") == {
        "database_ca": Path("/etc/ca.pem"),
        "database_client": Path("/etc/us.pem"),
    }


def test_the_service_tells_of_its_own_files_by_what_they_are_for_and_not_by_path(
    any_database: Database, mosquitto: Broker, start_service: StartService, tmp_path: Path
) -> None:
    file = tmp_path / "secret-place.pem"
    end = expired("2031-01-01")
    file.write_bytes(certificate(end))
    service = start_service(any_database.url, mosquitto.url, PGSSLROOTCERT=str(file), PGSSLMODE="disable")
    text = service.get("/metrics")[1]
    (told,) = re.findall(r'noroshi_certificate_expiry_timestamp_seconds{role="database_ca"} (\S+)', text)
    assert float(told) == end.timestamp()
    assert "broker_ca" not in text
    assert "secret-place" not in text
