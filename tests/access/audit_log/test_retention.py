"""What is deleted of the log and when, and that the rest goes on being whole."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import structlog

from ingest.access.audit import Action, Entry, append, kept_address, read_entries
from ingest.access.audit_log import database as sql
from ingest.access.audit_log.entry import Wanted
from ingest.access.audit_log.retention import Forgotten, forget_old, kept_from, note_checkpoint
from ingest.settings.sign_in import AuditSettings
from tests.access.audit_log.log import filled, forge, wrong
from tests.fixtures.database import Database

# Entries with times of their own, which the function does not write: the chain of hashes is made right again.
DATED = """
create function dated(entry bigint, moment timestamptz) returns void language plpgsql as $$
begin
    update audit_entry e set at = moment where e.entry_id = entry;
    update audit_address a set at = moment where a.entry_id = entry;
    update audit_entry e set
        previous = coalesce((select b.hash from audit_entry b where b.entry_id = entry - 1), e.previous)
    where e.entry_id = entry;
    update audit_entry e set hash = sha256(convert_to(audit_text(e.entry_id, e.at, e.actor, e.department,
        e.organisation, e.project, e.action, e.subject, e.before, e.after, e.previous), 'UTF8'))
    where e.entry_id = entry;
end
$$;
"""

OLD = ["2019-04-01", "2020-03-31 14:59:59Z", "2020-03-31 15:00Z", "2024-01-01", "2026-10-01"]


def dated(database: Database, moments: list[str]) -> None:
    """Entries of these times, in this order."""
    filled(database, len(moments))
    each = " ".join(f"select dated({number}, '{moment}');" for number, moment in enumerate(moments, 1))
    forge(database, f"{DATED} {each} alter table audit_entry enable trigger user")
    assert wrong(database) == []


@pytest.mark.parametrize(
    ("years", "now", "first_day"),
    [
        (1, "2026-03-31T14:59:59Z", "2024-04-01"), (1, "2026-03-31T15:00:00Z", "2025-04-01"),
        (5, "2026-03-31T14:59:59Z", "2020-04-01"), (5, "2026-03-31T15:00:00Z", "2021-04-01"),
        (5, "2027-01-01T00:00:00Z", "2021-04-01"), (100, "2026-05-01T00:00:00Z", "1926-04-01"),
    ],
)  # fmt: skip
def test_an_entry_is_kept_until_so_many_fiscal_years_after_its_own(years: int, now: str, first_day: str) -> None:
    assert kept_from(years, datetime.fromisoformat(now)).isoformat() == f"{first_day}T00:00:00+09:00"


def test_what_is_too_old_goes_and_the_rest_is_whole(database: Database) -> None:
    dated(database, OLD)
    connection = database.connect()
    now = datetime(2026, 3, 1, tzinfo=UTC)  # fiscal year 2025: five years after 2019 have ended
    settings = AuditSettings(keep_fiscal_years=5, address_days=3650)
    assert forget_old(connection, settings, now).entries == 2
    assert wrong(database) == []
    newest, *kept = read_entries(connection, Wanted())
    assert [entry.entry_id for entry in kept] == [5, 4, 3]
    assert (newest.entry_id, newest.action, newest.actor) == (6, "audit_forgotten", "service")
    assert newest.after == '{"entries": 2, "kept_from": "2020-04-01T00:00:00+09:00", "last": 2}'
    addresses = connection.execute("select entry_id from audit_address order by 1").fetchall()
    assert addresses == [(3,), (4,), (5,)]
    assert forget_old(connection, settings, now) == Forgotten(0, 0)
    assert read_entries(connection, Wanted())[0].entry_id == 6, "nothing deleted, nothing to say"


def test_the_whole_log_may_be_too_old(any_database: Database) -> None:
    dated(any_database, ["2001-01-01", "2002-01-01"])
    connection = any_database.connect()
    assert forget_old(connection, AuditSettings(), datetime.now(UTC)) == Forgotten(2, 0)
    assert [entry.entry_id for entry in read_entries(connection, Wanted())] == [3]
    assert wrong(any_database) == []


def test_after_a_step_of_the_clock_nothing_is_deleted_behind_what_stays(any_database: Database) -> None:
    dated(any_database, ["2001-01-01", "2026-10-01", "2001-01-02"])
    connection = any_database.connect()
    assert forget_old(connection, AuditSettings()).entries == 1
    assert [entry.entry_id for entry in read_entries(connection, Wanted())] == [4, 3, 2]
    assert wrong(any_database) == []


def test_the_clock_may_step_back_between_two_entries(any_database: Database) -> None:
    dated(any_database, ["2026-10-01", "2026-09-30"])
    append(any_database.connect(), Entry(Action.SIGNED_IN, "sato"))
    assert wrong(any_database) == []


@pytest.mark.parametrize("until", ["now()", "'infinity'", "null", "now() - interval '364 days'"])
def test_the_last_year_is_never_deleted(any_database: Database, until: str) -> None:
    filled(any_database)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="last year are kept"):
        any_database.connect().execute(f"select audit_forget({until})".encode())
    assert len(read_entries(any_database.connect(), Wanted())) == 5


def test_an_empty_log_is_forgotten_without_harm(any_database: Database) -> None:
    connection = any_database.connect()
    assert sql.forget(connection, datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert append(connection, Entry(Action.SIGNED_IN, "sato")) == 1


def test_addresses_go_earlier_than_their_entries(any_database: Database) -> None:
    filled(any_database)
    connection = any_database.connect()
    later = datetime.now(UTC) + timedelta(days=90)
    assert forget_old(connection, AuditSettings(address_days=91), later) == Forgotten(0, 0)
    assert forget_old(connection, AuditSettings(address_days=89), later) == Forgotten(0, 5)
    assert read_entries(connection, Wanted())[0].address is None
    assert wrong(any_database) == []


def test_without_days_no_address_is_kept() -> None:
    assert kept_address(AuditSettings(address_days=0), "192.0.2.1") is None
    assert kept_address(AuditSettings(address_days=1), "192.0.2.1") == "192.0.2.1"


def test_a_checkpoint_stands_in_the_log_of_the_service(any_database: Database) -> None:
    connection = any_database.connect()
    with structlog.testing.capture_logs() as logs:
        assert note_checkpoint(connection) is None
        filled(any_database)
        link = note_checkpoint(connection)
    assert link is not None
    assert link.entry_id == 5
    assert [(line["event"], line["link"]) for line in logs] == [("audit_checkpoint", str(link))]
    assert wrong(any_database, link) == []
