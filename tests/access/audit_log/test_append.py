"""What is written down: in the transaction of the caller, cut to its bounds, one number after the other."""

import json
from datetime import UTC, datetime

import psycopg
import pytest

from ingest.access.audit import Action, Entry, append, entry_of, read_entries
from ingest.access.audit_log.entry import AuditEntry, Wanted
from ingest.access.caller import UNCLAIMED, Caller, Kind, Seat
from ingest.access.roles import Role
from tests.fixtures.database import Database


def only(database: Database, *entries: Entry, address: str | None = None) -> AuditEntry:
    """The last of these entries as it is stored."""
    connection = database.connect()
    for entry in entries:
        append(connection, entry, address)
    return read_entries(connection, Wanted(limit=1))[0]


def test_an_entry_is_stored_as_it_was_told(database: Database) -> None:
    before, after = {"b": 1, "a": [None, True]}, {"when": datetime(2026, 4, 1, tzinfo=UTC)}
    entry = Entry(Action.PERSON_CHANGED, "sato", "suzuki", "農林課", "222160", "tea", before, after)
    stored = only(database, entry, address="192.0.2.7")
    assert (stored.entry_id, stored.previous) == (1, bytes(32))
    assert (stored.actor, stored.department, stored.organisation) == ("suzuki", "農林課", "222160")
    assert (stored.project, stored.action, stored.subject) == ("tea", "person_changed", "sato")
    assert stored.before == '{"a": [null, true], "b": 1}'
    assert stored.after == '{"when": "2026-04-01 00:00:00+00:00"}'
    assert stored.address == "192.0.2.7"
    assert abs((datetime.now(UTC) - stored.at).total_seconds()) < 60


def test_each_entry_holds_the_hash_of_the_one_before(any_database: Database) -> None:
    connection = any_database.connect()
    assert [append(connection, Entry(Action.SIGNED_IN, str(n))) for n in range(3)] == [1, 2, 3]
    newest_first = read_entries(connection, Wanted())
    assert [entry.subject for entry in newest_first] == ["2", "1", "0"]
    assert [entry.previous for entry in newest_first] == [newest_first[1].hash, newest_first[2].hash, bytes(32)]


def test_an_entry_that_is_taken_back_leaves_no_gap(any_database: Database) -> None:
    connection = any_database.connect()
    with connection.transaction():
        append(connection, Entry(Action.SIGNED_IN, "taken back"))
        raise psycopg.Rollback
    assert append(connection, Entry(Action.SIGNED_IN, "kept")) == 1


def test_what_is_too_long_is_cut_with_a_mark(any_database: Database) -> None:
    entry = Entry(Action.EXPORT_MADE, "長" * 301, "a" * 121, "d" * 121, "o" * 121, "p" * 121)
    stored = only(any_database, entry, address="f" * 121)
    assert stored.subject == "長" * 299 + "…"
    names = (stored.actor, stored.department, stored.organisation, stored.project, stored.address)
    assert names == tuple(letter * 119 + "…" for letter in "adopf")
    just = only(any_database, Entry(Action.EXPORT_MADE, "長" * 300, "a" * 120))
    assert (just.subject, just.actor) == ("長" * 300, "a" * 120)


@pytest.mark.parametrize("filling", ["x", "長", '"\\', "\x01", "\x00"])
def test_a_long_json_is_cut_and_stays_json(any_database: Database, filling: str) -> None:
    whole = json.dumps([filling * 5_000], ensure_ascii=False)
    stored = only(any_database, Entry(Action.REGISTRY_CHANGED, "", after=[filling * 5_000]))
    assert stored.after is not None
    if len(whole.encode()) <= 8_192:
        assert stored.after == whole
    else:
        assert len(stored.after.encode()) <= 8_192
        cut = json.loads(stored.after)
        assert cut["of_bytes"] == len(whole.encode())
        assert cut["begins"].endswith("…")
        assert whole.startswith(cut["begins"][:-1])


def test_what_the_database_cannot_store_is_replaced(any_database: Database) -> None:
    stored = only(any_database, Entry(Action.SIGN_IN_REFUSED, "a\0b\udc80", after={"c\0": "\ud83d"}))
    assert stored.subject == "a\ufffdb\\udc80"
    assert stored.after == '{"c\\u0000": "\\ud83d"}'


FUKUROI, KAKEGAWA = Seat(1, "222160", "袋井市", Role.ADMIN), Seat(2, "222135", "掛川市", Role.VIEWER)


@pytest.mark.parametrize(
    ("caller", "organisation"),
    [
        (Caller(Kind.PERSON, login="sato", seats=(FUKUROI, KAKEGAWA), chosen=2), "222135"),
        (Caller(Kind.PERSON, login="sato", seats=(FUKUROI, KAKEGAWA)), None),
        (Caller(Kind.PERSON, login="sato", seats=(FUKUROI,)), "222160"),
        (Caller(Kind.PERSON, login="sato", seats=(FUKUROI,), everywhere=Role.ADMIN), None),
        (UNCLAIMED, None),
    ],
)
def test_an_entry_is_about_the_organisation_that_is_looked_at(caller: Caller, organisation: str | None) -> None:
    entry = entry_of(caller, Action.PAGE_SEEN, "/devices")
    assert (entry.action, entry.subject, entry.organisation) == (Action.PAGE_SEEN, "/devices", organisation)


def test_the_entry_of_a_caller_names_them_and_takes_other_fields() -> None:
    program = Caller(Kind.PROGRAM, login="aoki", name="sato", department="農林課", token_id=7)
    entry = entry_of(program, Action.DATA_DOWNLOADED, "csv", organisation="222160", project="tea", after={"rows": 3})
    assert (entry.actor, entry.department) == ("token:7 sato", "農林課")
    assert (entry.organisation, entry.project, entry.after) == ("222160", "tea", {"rows": 3})


def test_every_action_has_a_label_of_its_own_in_both_languages() -> None:
    for language in ("ja", "en"):
        assert len({action.label.to(language) for action in Action}) == len(Action)
