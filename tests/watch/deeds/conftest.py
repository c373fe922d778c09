"""Two towns whose watch has an incident each, within one transaction that is taken back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from ingest.access.authority import By
from ingest.watch.deeds.model import Doer, Way
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.watch.towns import seed_towns

NOW = datetime.now(UTC)
DOER = Doer(By("sato", "危機管理課"), Way.PAGE)

DOCUMENT = {
    "people": [{"code": "tanaka"}, {"code": "suzuki"}],
    "rules": [
        {
            "code": "rain", "hazard": "rain", "devices": ["dev_2_here"], "measure": {"kind": "rain_1h"},
            "stages": [{"rank": 2, "name": "市設定基準2", "name_en": "City level 2", "value": 30, "ref_level": 3}],
        }
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def towns(servers: Servers) -> Iterator[Database]:
    database = fresh_database(servers.get(FIRST))
    with database.connect() as connection:
        seed_towns(connection)
        connection.execute(
            "insert into watch_document (project_id, number, body, source, applied_by)"
            " select project_id, 1, '{\"people\": [{\"code\": \"gone\"}]}'::jsonb, '', 'x' from project"
            " union all select project_id, 2, %s, '', 'x' from project where code = 'here'",
            (Jsonb(DOCUMENT),),
        )
    yield database
    database.drop()


@pytest.fixture
def connection(towns: Database) -> Iterator[psycopg.Connection[Any]]:
    opened = towns.connect(autocommit=False)
    opened.execute("select 1")  # from here on everything is within one transaction
    yield opened
    opened.rollback()
    towns.close()


@pytest.fixture
def project(connection: psycopg.Connection[Any]) -> int:
    """The project of the first town."""
    return project_of(connection, "here")


def project_of(connection: psycopg.Connection[Any], code: str) -> int:
    row = connection.execute("select project_id from project where code = %s", (code,)).fetchone()
    assert row is not None
    return int(row[0])


def incident(connection: psycopg.Connection[Any], project_id: int, rank: int = 2, **more: object) -> int:
    """A new incident at this rank, which would be escalated in ten minutes. `more`: other columns."""
    columns = {
        "project_id": project_id, "kind": "stage", "subject": f"p{project_id}:{more}", "opened_at": NOW, "rank": rank,
        "top_rank": rank, "live": True, "escalate_at": NOW + timedelta(minutes=10), **more,
    }  # fmt: skip
    names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
    query = f"insert into watch_incident ({names}) values ({places}) returning incident_id"
    row = connection.execute(query.encode(), list(columns.values())).fetchone()
    assert row is not None
    return int(row[0])


def one(connection: psycopg.Connection[Any], query: str, *values: object) -> tuple[Any, ...]:
    row = connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return tuple(row)


def entries_of(connection: psycopg.Connection[Any], action: str) -> list[tuple[str, str, str]]:
    """Actor, subject and project of the entries of the audit log."""
    query = "select actor, subject, project from audit_entry where action = %s order by entry_id"
    return connection.execute(query, (action,)).fetchall()
