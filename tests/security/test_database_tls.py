"""TLS to the database: with verify-full nobody else can pretend to be it."""

import os
import shutil
from pathlib import Path

import pytest

from ingest.errors import StoreUnavailable
from ingest.settings.model import DatabaseSettings
from ingest.store.database import connect
from tests.deploy.shipped import certificates_in
from tests.fixtures.database import OwnPostgres
from tests.fixtures.postgres import Postgres


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    return certificates_in(tmp_path / "certificates")


@pytest.fixture
def encrypted(own_postgres: OwnPostgres, authority: Path) -> Postgres:
    """A server that talks to nobody in the clear."""
    server = own_postgres("apache", fsync=False)
    server.stop()
    for name in ("server.crt", "server.key"):
        copy = shutil.copy(authority / name, server._data / name)
        os.chown(copy, *server.installation.owner)
    server.configure(ssl="on", ssl_cert_file="server.crt", ssl_key_file="server.key")
    server.start()
    (server._data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 trust\n", encoding="utf-8")
    with server.connect() as connection:
        connection.execute("select pg_reload_conf()")
    return server


def url(server: Postgres, host: str, query: str) -> DatabaseSettings:
    where = f"postgresql://postgres@{host}:{server.port}/postgres?hostaddr=127.0.0.1&{query}"
    return DatabaseSettings(url=where)


def test_a_connection_with_verify_full_is_encrypted(encrypted: Postgres, authority: Path) -> None:
    settings = url(encrypted, "localhost", f"sslmode=verify-full&sslrootcert={authority}/authority.crt")
    with connect(settings) as connection:
        row = connection.execute("select ssl from pg_stat_ssl where pid = pg_backend_pid()").fetchone()
    assert row == (True,)


def test_a_server_of_another_authority_is_refused(encrypted: Postgres, tmp_path: Path) -> None:
    other = certificates_in(tmp_path / "other")
    with pytest.raises(StoreUnavailable, match="certificate verify failed"):
        connect(url(encrypted, "localhost", f"sslmode=verify-full&sslrootcert={other}/authority.crt"))


def test_a_server_of_another_name_is_refused(encrypted: Postgres, authority: Path) -> None:
    with pytest.raises(StoreUnavailable, match="does not match host name"):
        connect(url(encrypted, "elsewhere", f"sslmode=verify-full&sslrootcert={authority}/authority.crt"))


def test_a_server_that_wants_encryption_is_not_talked_to_in_the_clear(encrypted: Postgres) -> None:
    with pytest.raises(StoreUnavailable, match="no encryption"):
        connect(url(encrypted, "localhost", "sslmode=disable"))
