"""Certificates: believed or not, and how long they last. Every server here is a real one."""

import os
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme

from ingest.doctor import tls
from ingest.doctor.certificate import Seen
from ingest.doctor.finding import Severity
from schemas.bilingual import Bilingual
from tests.doctor.call import Report, doctor
from tests.fixtures.broker import Broker
from tests.fixtures.database import OwnPostgres
from tests.fixtures.postgres import Postgres

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(tmp_path: Path, authority: trustme.CA) -> Path:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


def issue(authority: trustme.CA, folder: Path, *names: str, until: datetime | None = None) -> tuple[Path, Path]:
    """A certificate for these names, and its key."""
    made = authority.issue_cert(*names, not_before=NOW - 400 * DAY, not_after=until)
    certificate, key = folder / "server.pem", folder / "server.key"
    made.cert_chain_pems[0].write_to_path(str(certificate))
    made.private_key_pem.write_to_path(str(key))
    return certificate, key


@pytest.fixture
def examined(tmp_path: Path, authority: trustme.CA, ca_file: Path) -> Callable[..., Report]:
    """What the doctor says of a broker with a certificate for these names."""

    def examine(*names: str, until: datetime | None = None, host: str = "127.0.0.1", trust: Path = ca_file) -> Report:
        certificate, key = issue(authority, tmp_path, *names, until=until)
        with Broker(tmp_path, config=[f"certfile {certificate}", f"keyfile {key}"]) as broker:
            return doctor("tls", broker=f"mqtts://{host}:{broker.port}", NOROSHI_BROKER__CA_FILE=str(trust))

    return examine


def of_broker(found: Report) -> tuple[str, str]:
    (finding,) = [one for one in found.findings if "broker" in one["found_en"]]
    return finding["severity"], finding["found_en"]


def test_a_certificate_that_lasts_is_fine(examined: Callable[..., Report]) -> None:
    severity, said = of_broker(examined("127.0.0.1", until=NOW + 100 * DAY + timedelta(hours=1)))
    assert (severity, "(100 days)" in said) == ("ok", True)


@pytest.mark.parametrize(("days", "severity"), [(31, "ok"), (29, "warning"), (8, "warning"), (6, "bad"), (0, "bad")])
def test_a_certificate_that_ends_soon_is_told_in_time(
    examined: Callable[..., Report], days: int, severity: str
) -> None:
    until = NOW + days * DAY + timedelta(hours=1)
    said = of_broker(examined("127.0.0.1", until=until))
    assert said == (severity, f"the certificate of the broker lasts until {until:%Y-%m-%d} ({days} days)")


def test_an_expired_certificate_is_told_with_its_day(examined: Callable[..., Report]) -> None:
    until = NOW - 3 * DAY
    found = examined("127.0.0.1", until=until)
    assert of_broker(found) == ("bad", f"the certificate of the broker expired on {until:%Y-%m-%d}")
    assert found.code == 1


def test_a_certificate_for_another_name_is_not_trusted(examined: Callable[..., Report]) -> None:
    severity, said = of_broker(examined("broker.example"))
    assert severity == "bad"
    assert "IP address mismatch" in said


def test_a_certificate_of_another_authority_is_not_trusted(examined: Callable[..., Report], tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    severity, said = of_broker(examined("127.0.0.1", trust=tmp_path / "other.pem"))
    assert severity == "bad"
    assert "is not trusted" in said


def test_our_own_certificate_is_watched_too(
    examined: Callable[..., Report], authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    certificate, key = issue(authority, tmp_path / "own", "ingest", until=NOW + 5 * DAY)
    monkeypatch.setenv("NOROSHI_BROKER__CERT_FILE", str(certificate))
    monkeypatch.setenv("NOROSHI_BROKER__KEY_FILE", str(key))
    found = examined("127.0.0.1")
    assert "the certificate of the file server.pem lasts until" in found.of("bad")[0]


def test_the_certificate_of_our_own_pages_is_watched(
    mosquitto: Broker, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = issue(authority, tmp_path, "127.0.0.1", until=NOW + 5 * DAY)
    monkeypatch.setenv("NOROSHI_WEB__CERT_FILE", str(certificate))
    monkeypatch.setenv("NOROSHI_WEB__KEY_FILE", str(key))
    assert "the certificate of the file server.pem lasts until" in doctor("tls", broker=mosquitto.url).of("bad")[0]


def test_without_tls_it_is_fine_on_this_machine_and_noted_elsewhere(mosquitto: Broker) -> None:
    assert of_broker(doctor("tls", broker=mosquitto.url)) == ("ok", "the broker is on this machine (not encrypted)")
    elsewhere = tls.plain(Bilingual("ブローカー", "broker"), "broker.example")
    assert (elsewhere.severity, "in the clear" in str(elsewhere.todo)) == (Severity.NOTE, True)


def with_tls(server: Postgres, certificate: Path, key: Path) -> None:
    """From now on it encrypts. PostgreSQL wants its key for itself."""
    server.stop()
    for name, source in (("server.crt", certificate), ("server.key", key)):
        file = server._data / name
        file.write_bytes(source.read_bytes())
        file.chmod(0o600)
        os.chown(file, *server.installation.owner)
    server.configure(ssl="on")
    server.start()


def test_the_certificate_of_the_database_is_watched(
    own_postgres: OwnPostgres, authority: trustme.CA, tmp_path: Path
) -> None:
    server = own_postgres("apache", fsync=False)
    assert "the database is on this machine" in str(doctor("tls", database=server.url()).of("ok"))
    with_tls(server, *issue(authority, tmp_path, "127.0.0.1", until=NOW + 20 * DAY))
    found = doctor("tls", database=server.url())
    assert "the certificate of the database lasts until" in found.of("warning")[0]


class Silent(BaseHTTPRequestHandler):
    def log_message(self, *_words: object) -> None: ...


@contextmanager
def pages(certificate: Path, key: Path) -> Iterator[str]:
    """A web server behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = HTTPServer(("127.0.0.1", 0), Silent)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_certificate_of_the_pages_is_looked_at_where_their_address_is_given(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ca_file: Path
) -> None:
    with pages(*issue(authority, tmp_path, "127.0.0.1", until=NOW + 20 * DAY)) as url:
        assert "the certificate of the pages is not trusted" in str(doctor("tls", f"--web={url}").of("bad"))
        monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))  # the system's store, for this process
        assert "the certificate of the pages lasts until" in doctor("tls", f"--web={url}").of("warning")[0]


def test_what_is_not_trusted_is_bad_however_long_it_lasts() -> None:
    assert tls.findings_of(Bilingual("", ""), Seen(NOW + 1000 * DAY, "self-signed"), NOW).severity is Severity.BAD
