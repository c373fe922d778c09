"""The verdict about the chain: kept once a day, so that pages and metrics know of a broken log without walking it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Event

import pytest

from ingest.access.audit_log.verdict import judge, read_verdict
from ingest.service.audit_jobs import audit_jobs
from ingest.service.lookout import audit_gauges
from ingest.settings.sign_in import AuditSettings
from tests.access.audit_log.log import filled, forge
from tests.fixtures.database import FIRST, Database, Servers, fresh_database

CHECKPOINT = next(job for job in audit_jobs(AuditSettings()) if job.name == "audit_checkpoint")


@pytest.fixture
def log(servers: Servers) -> Iterator[Database]:
    database = fresh_database(servers.get(FIRST))
    filled(database)
    yield database
    database.drop()


def faults(database: Database) -> int:
    CHECKPOINT.run(database.connect(), Event())
    verdict = read_verdict(database.connect())
    assert verdict is not None
    assert audit_gauges(verdict)["audit_faults:"] == verdict.faults
    return verdict.faults


def test_a_log_that_nobody_verified_has_no_verdict(log: Database) -> None:
    assert read_verdict(log.connect()) is None
    assert audit_gauges(None) == {}
    stop = Event()
    stop.set()
    assert judge(log.connect(), datetime.now(UTC), stop) is None
    assert read_verdict(log.connect()) is None


def test_a_changed_entry_is_told_until_it_is_as_it_was(log: Database) -> None:
    assert faults(log) == 0
    forge(log, "update audit_entry set subject = 'else' where entry_id = 3")
    assert faults(log) == 1
    verdict = read_verdict(log.connect())
    assert verdict is not None
    assert "番号 3" in verdict.first.ja
    forge(log, "update audit_entry set subject = 'person 3' where entry_id = 3")
    assert faults(log) == 0


def test_an_end_that_was_cut_off_is_found_however_often_one_looks(log: Database) -> None:
    assert faults(log) == 0
    forge(log, "delete from audit_entry where entry_id > 3")
    assert [faults(log), faults(log)] == [1, 1]
