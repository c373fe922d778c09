"""What somebody changed in the log afterwards is found, and which entry it is; the text is recomputed in Python."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.access.audit_log.chain import Link, entry_hash, entry_text
from ingest.access.audit_log.entry import AuditEntry
from tests.access.audit_log.log import examined, filled, forge, wrong
from tests.fixtures.database import Database

# The hash of an entry as the database computes it.
REHASH = """
create function forged(of_entry bigint) returns void language sql as $$
    update audit_entry set hash = sha256(convert_to(audit_text(entry_id, at, actor, department, organisation, project,
        action, subject, before, after, previous), 'UTF8')) where entry_id = of_entry
$$;
"""


def test_a_log_as_it_was_written_is_whole(database: Database) -> None:
    filled(database, 3)
    faults, found = examined(database)
    row = database.connect().execute("select entry_id, hash from audit_entry order by 1 desc limit 1").fetchone()
    assert faults == []
    assert found.entries == 3
    assert found.last == row


def test_an_empty_log_is_whole(any_database: Database) -> None:
    faults, found = examined(any_database)
    assert (faults, found.last) == ([], Link(0, bytes(32)))


COLUMNS = {
    "at": "at + interval '1 microsecond'", "actor": "'other'", "department": "'d'", "organisation": "'222160'",
    "project": "''", "action": "'signed_in'", "subject": "subject || ' '", "before": "'null'", "after": "null",
}  # fmt: skip


def test_every_changed_column_is_found(database: Database) -> None:
    filled(database, len(COLUMNS) + 2)
    for entry, (column, value) in enumerate(COLUMNS.items(), 2):
        forge(database, f"update audit_entry set {column} = {value} where entry_id = {entry}")
        assert wrong(database) == [("changed", each) for each in range(2, entry + 1)], column


@pytest.mark.parametrize("entry", [1, 5])
def test_the_first_and_the_last_are_verified_too(any_database: Database, entry: int) -> None:
    filled(any_database)
    forge(any_database, f"update audit_entry set actor = 'x' where entry_id = {entry}")
    assert wrong(any_database) == [("changed", entry)]


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "4000-01-01 BC", "20000-01-01"])
def test_a_time_that_python_does_not_know_is_told_as_changed(any_database: Database, moment: str) -> None:
    filled(any_database)
    forge(any_database, f"update audit_entry set at = '{moment}' where entry_id = 2")
    assert wrong(any_database) == [("changed", 2)]


SWAP = """
update audit_entry set entry_id = 99 where entry_id = 2;
update audit_entry set entry_id = 2 where entry_id = 3;
update audit_entry set entry_id = 3 where entry_id = 99;
"""
ROOM_AT_3 = """
update audit_entry set entry_id = entry_id + 1000 where entry_id >= 3;
update audit_entry set entry_id = entry_id - 999 where entry_id > 1000;
"""
ALL = "select forged(n::bigint) from generate_series(3, 6) n;"

APPENDED = """
insert into audit_entry
select 6, at, actor, '', null, null, 'signed_in', 'x', null, null, hash, sha256('') from audit_entry where entry_id = 5
"""
YOUNG_ANCHOR = """
update audit_anchor a set entry_id = e.entry_id, hash = e.hash, at = e.at from audit_entry e where e.entry_id = 3;
delete from audit_entry where entry_id <= 3
"""

FORGERIES = {
    "the hash": ("update audit_entry set hash = sha256('x') where entry_id = 3", [("hash_changed", 3)]),
    "the hash of the last": ("update audit_entry set hash = sha256('x') where entry_id = 5", [("changed", 5)]),
    "the previous hash": (
        "update audit_entry set previous = sha256('x') where entry_id = 3", [("not_joined", 3), ("changed", 3)],
    ),
    "text and hash": (
        f"{REHASH} update audit_entry set actor = 'x' where entry_id = 3; select forged(3)", [("not_joined", 4)],
    ),
    "one taken out": ("delete from audit_entry where entry_id = 3", [("missing", 3)]),
    "two taken out": ("delete from audit_entry where entry_id in (2, 3)", [("missing", 2)]),
    "the first taken out": ("delete from audit_entry where entry_id = 1", [("missing", 1)]),
    "one taken out, the gap closed": (
        "delete from audit_entry where entry_id = 3; update audit_entry set entry_id = entry_id - 1 where entry_id > 3",
        [("not_joined", 3), ("changed", 3), ("changed", 4)],
    ),
    "exchanged": (SWAP, [("not_joined", 2), ("changed", 2), ("not_joined", 3), ("changed", 3), ("not_joined", 4)]),
    "one appended by hand": (
        APPENDED,
        [("changed", 6)],
    ),
    "the anchor": ("update audit_anchor set hash = sha256('x')", [("anchor", 0), ("anchor", 1)]),
    "the anchor moved on": ("update audit_anchor set entry_id = 3, at = now()", [("anchor", 3), ("anchor", 1)]),
    "no anchor": ("delete from audit_anchor", [("anchor", 0)]),
    "the last year deleted with its anchor": (
        YOUNG_ANCHOR, [("anchor", 3)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found_and_named(any_database: Database, name: str) -> None:
    statement, expected = FORGERIES[name]
    filled(any_database)
    forge(any_database, statement)
    faults, _ = examined(any_database)
    assert [(str(fault.wrong), fault.entry_id) for fault in faults] == expected
    for fault in faults:
        assert not fault.entry_id or all(f" {fault.entry_id}" in said for said in fault.said)


def test_an_inserted_entry_is_found(any_database: Database) -> None:
    filled(any_database)
    forge(any_database, ROOM_AT_3)
    forge(any_database, "insert into audit_entry select 3, at, 'x', '', null, null, 'signed_in', 'x', null, null, hash,"
                        " sha256('x') from audit_entry where entry_id = 2")  # fmt: skip
    assert wrong(any_database)[0] == ("changed", 3)
    forge(any_database, f"{REHASH} {ALL}")  # all behind it get hashes of their own, but not the link to it
    assert wrong(any_database)[0] == ("not_joined", 4)


def test_a_cut_end_is_found_only_by_what_was_noted_elsewhere(any_database: Database) -> None:
    filled(any_database)
    last = examined(any_database)[1].last
    assert last is not None
    assert wrong(any_database, last) == []
    forge(any_database, "delete from audit_entry where entry_id >= 4")
    assert wrong(any_database) == []
    assert wrong(any_database, last) == [("not_as_noted", 5)]


def test_a_log_written_anew_is_found_by_what_was_noted_elsewhere(any_database: Database) -> None:
    filled(any_database)
    noted = examined(any_database)[1].last
    assert noted is not None
    forge(any_database, "delete from audit_entry")
    filled(any_database, 6)
    assert wrong(any_database) == []
    assert wrong(any_database, noted) == [("not_as_noted", 5)]


def test_what_was_noted_of_the_anchor_and_before_it(any_database: Database) -> None:
    filled(any_database)
    connection = any_database.connect()
    noted = [Link(*row) for row in connection.execute("select entry_id, hash from audit_entry order by 1")]
    forge(any_database, YOUNG_ANCHOR.replace("at = e.at", "at = '2020-01-01'"))
    assert wrong(any_database, *noted[2:]) == []
    assert wrong(any_database, noted[1]) == [("not_as_noted", 2)]
    assert wrong(any_database, Link(3, bytes(32))) == [("not_as_noted", 3)]


NASTY = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60) | st.sampled_from(
    [
        '"\\/\b\f\n\r\t',
        "\x01\x1f\x7f\x80\x9f",
        "\u2028\u2029\ufeff",
        "𠮷野家 が゙",
        "\\u0041\\n",
        "</script>",
        "'; --",
        "\U0010ffff",
    ]
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(NASTY, min_size=4, max_size=4), rarely=st.lists(st.none() | NASTY, min_size=4, max_size=4),
    number=st.integers(1, 2**63 - 1), previous=st.binary(min_size=32, max_size=32),
    at=st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)).map(lambda naive: naive.replace(tzinfo=UTC)),  # noqa: DTZ001
)  # fmt: skip
def test_python_and_the_database_write_the_same_text(
    any_database: Database, texts: list[str], rarely: list[str | None], number: int, previous: bytes, at: datetime
) -> None:
    connection = next(iter(any_database._connections), None) or any_database.connect()
    actor, department, action, subject = texts
    organisation, project, before, after = rarely
    entry = AuditEntry(
        number, at, actor, department, organisation, project, action, subject, before, after, previous, b""
    )
    query = """
        select t, sha256(convert_to(t, 'UTF8'))
        from audit_text(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) t
    """
    values = (number, at, actor, department, organisation, project, action, subject, before, after, previous)
    row = connection.execute(query, values).fetchone()
    assert row == (entry_text(entry), entry_hash(entry))
    assert entry_hash(replace(entry, at=at + timedelta(microseconds=1))) != entry_hash(entry)


@pytest.mark.parametrize("text", ["", "5", "5:", "5:00", "x:" + "00" * 32, "-1:" + "00" * 32, "5:" + "zz" * 32])
def test_a_link_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Link.read(text)


def test_a_link_is_read_as_it_is_written() -> None:
    link = Link(12, bytes(range(32)))
    assert Link.read(f" {link} ") == link
