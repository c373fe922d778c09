"""A database as docker-compose.yml makes it: by the same scripts, with the same three roles."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg

from ingest.store.schema.migrate import upgrade
from tests.fixtures.database import installed
from tests.fixtures.postgres import Postgres

REPOSITORY = Path(__file__).parent.parent.parent
DEPLOY = REPOSITORY / "deploy"
DATABASE = "noroshi"


def prepare(server: Postgres) -> None:
    """Database, roles, tables, figures, and what the reader may read: the order of the compose file."""
    with server.connect() as connection:
        connection.execute(f"create database {DATABASE}")
    if server.installation.timescaledb:
        with server.connect(DATABASE) as connection:
            connection.execute("create extension if not exists timescaledb")  # as the image does it before our script
    passwords = {
        "OWNER_DATABASE_PASSWORD": "the owner's",
        "INGEST_DATABASE_PASSWORD": "the writer's",
        "GRAFANA_DATABASE_PASSWORD": "the reader's",
    }
    script = DEPLOY / "timescaledb/init/100_noroshi.sh"
    _run(server, ["sh", str(script)], {"POSTGRES_USER": "postgres", "POSTGRES_DB": DATABASE, **passwords})
    close(server)
    with psycopg.connect(url(server, "noroshi"), autocommit=True) as connection:
        upgrade(connection)
    grant(server)


def close(server: Postgres) -> None:
    """Take from everybody what PostgreSQL gives everybody."""
    words = ["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file"]
    _run(server, [*words, str(DEPLOY / "timescaledb/server.sql")], {"PGUSER": "postgres", "PGDATABASE": DATABASE})


def grant(server: Postgres, environment: Mapping[str, str] | None = None) -> None:
    """What the one-shot `database-roles` does."""
    words = [
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--set",
        "ON_ERROR_STOP=1",
        "--file",
        str(DEPLOY / "timescaledb/writer.sql"),
        "--file",
        str(DEPLOY / "timescaledb/reader.sql"),
        "--file",
        str(DEPLOY / "timescaledb/pages.sql"),
    ]
    _run(server, words, {"PGUSER": "noroshi", "PGDATABASE": DATABASE, **(environment or {})})


def url(server: Postgres, role: str) -> str:
    """Where this role finds the database. The test server asks nobody for a password."""
    return f"postgresql://{role}@127.0.0.1:{server.port}/{DATABASE}"


def _run(server: Postgres, words: list[str], environment: Mapping[str, str]) -> None:
    """With the psql of the installation that comes with pip: a newer client speaks to an older server."""
    client = installed("plain")
    ours = {"PATH": f"{client.bin}:{os.environ['PATH']}", "PGHOST": "127.0.0.1", "PGPORT": str(server.port)}
    subprocess.run(words, env={**client.environment, **ours, **environment}, check=True, capture_output=True, text=True)
