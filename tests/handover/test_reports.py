"""Frozen reports travel with their project: bit for bit, proven by their signatures, and known where they arrive."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.access.authority import By, ChangeRefused
from ingest.errors import CallRefused
from ingest.handover.manifest import MANIFEST, Manifest
from ingest.handover.report_proof import report_problems
from ingest.report.canonical import canonical_json
from ingest.report.proof.fault import WHY, Fault
from ingest.report.submission.database import files_known, list_frozen, list_keys
from ingest.report.submission.keys import make_key
from ingest.report.submission.signing import Statement, digest_of, key_id_of, public_bytes, read_signed, sign
from ingest.report.submission.using import key_in_use
from tests.fixtures.database import Database
from tests.handover.papers import NUMBER
from tests.handover.rewriting import Rows, rewritten
from tests.handover.valley import brought_in, rows

NewDatabase = Callable[[], Database]
_FILES = (
    "select r.number, r.revision, f.form, f.name, f.content, f.signature from report_file f"
    " join report r using (report_id) where r.number like 'tea%' and r.state = 'frozen' order by 1, 2, 3"
)
_OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def test_what_was_frozen_is_known_where_it_arrives(valley: Database, written: Path, new_database: NewDatabase) -> None:
    """Numbers, bytes and signatures are the same; the key is one of another installation; drafts stay behind."""
    target = new_database()
    target.connect().execute("select setval(pg_get_serial_sequence('report', 'report_id'), 700)")
    brought_in(target, written)
    connection = target.connect()
    files = rows(target, _FILES)
    assert files == rows(valley, _FILES)
    assert len(files) == 5  # two forms of each revision, and a sheet of differences
    for _, revision, form, name, content, _ in files:
        (known,) = files_known(connection, hashlib.sha256(content).digest())
        assert (known.number, known.revision, known.form, known.name) == (NUMBER, revision, form, name)
        assert (known.newest_revision, known.own_key, known.is_proven) == (2, False, True)
    assert [key.own for key in list_keys(connection)] == [False]
    assert rows(target, "select state, min(report_id) from report group by 1") == [("frozen", 701)]
    assert rows(target, "select n.revision - b.revision from report n join report b on b.report_id = n.of_report") == [
        (1,)
    ]
    assert rows(target, "select text, author from report_text") == [("雨が\n多かった", "委員長")]


def test_the_new_installation_signs_with_a_key_of_its_own(
    written: Path, new_database: NewDatabase, tmp_path: Path
) -> None:
    target = new_database()
    brought_in(target, written)
    connection = target.connect()
    own = key_in_use(connection, tmp_path / "own.pem", By("係"))
    keys = {key.key_id: key.own for key in list_keys(connection)}
    assert keys.pop(key_id_of(public_bytes(own.public_key()))) is True
    assert list(keys.values()) == [False]
    project = rows(target, "select project_id from project where code = 'tea'")[0][0]
    assert [(each.number, each.revision) for each in list_frozen(connection, project)] == [(NUMBER, 2), (NUMBER, 1)]


def test_a_key_that_came_with_a_project_is_not_used_to_sign(new_database: NewDatabase, tmp_path: Path) -> None:
    connection = new_database().connect()
    public = public_bytes(make_key(tmp_path / "key.pem").public_key())
    connection.execute("insert into signing_key (key_id, public_key) values (%s, %s)", (key_id_of(public), public))
    with pytest.raises(ChangeRefused, match="came with a project"):
        key_in_use(connection, tmp_path / "key.pem", By("係"))


@pytest.mark.parametrize("table", ["report", "report_text"])
def test_a_project_that_has_reports_here_is_in_use(written: Path, new_database: NewDatabase, table: str) -> None:
    target = new_database()
    connection = target.connect()
    connection.execute("insert into project (code, name) values ('tea', '茶')")
    connection.execute(_SOMETHING[table].encode())
    with pytest.raises(CallRefused, match="is in use here"):
        brought_in(target, written)


_SOMETHING = {
    "report": (
        "insert into report (project_id, kind, first_day, last_day, state, document, digest, software, made_at,"
        " made_by) select project_id, 'yearly', '2026-04-01', '2027-03-31', 'draft', '{}', '', '', now(), ''"
        " from project"
    ),
    "report_text": (
        "insert into report_text (project_id, kind, first_day, key, text, author, entered_by)"
        " select project_id, 'yearly', '2026-04-01', 'k', 't', 'a', 'e' from project"
    ),
}


def _set(name: str, value: Any, row: int = 0) -> Callable[[Rows], Rows]:
    def change(found: Rows) -> Rows:
        found[row] |= {name: value(found[row]) if callable(value) else value}
        return found

    return change


def _document(row: dict[str, Any]) -> str:
    changed = str(row["document"]).replace("総情地第123号", "総情地第124号")
    assert changed != row["document"]
    return changed


def _with_digest(found: Rows) -> Rows:
    """Another content with the digest that it has."""
    found[0]["document"] = _document(found[0])
    found[0]["digest"] = hashlib.sha256(canonical_json(json.loads(found[0]["document"]))).digest()
    return found


def _other_content(found: Rows) -> Rows:
    found[0] |= {"content": b"x", "sha256": hashlib.sha256(b"x").digest()}
    return found


def _signed_by(key: Ed25519PrivateKey, **said: Any) -> Callable[[Rows], Rows]:
    """A signature that is true, by this key or of another statement."""

    def change(found: Rows) -> Rows:
        signed = read_signed(found[0]["signature"])
        assert signed is not None
        found[0]["signature"] = sign(Statement(**signed.statement.model_dump() | said), key).text()
        return found

    return change


FORGED: tuple[tuple[str, Callable[[Rows], Rows], Fault], ...] = (
    ("report", _set("document", _document), Fault.DOCUMENT),
    ("report", _set("document", "[]"), Fault.DOCUMENT),
    ("report", _set("digest", b"x"), Fault.DOCUMENT),
    ("report", _set("sealed", "[]"), Fault.DOCUMENT),
    ("report", _set("revision", 3, 1), Fault.COVER),
    ("report", _set("number", "tea-2026-monthly"), Fault.COVER),
    ("report", _set("frozen_at", lambda row: row["frozen_at"] + timedelta(days=1)), Fault.COVER),
    ("report", _set("state", "draft"), Fault.STATE),
    ("report", _set("of_report", None, 1), Fault.REVISION),
    ("report", _set("of_report", 2, 1), Fault.REVISION),
    ("report", lambda found: found[:1], Fault.FILES),
    ("report", _set("sealed", "{}"), Fault.FILES),
    ("report", _with_digest, Fault.STATEMENT),
    ("report_file", lambda found: found[1:], Fault.FILES),
    ("report_file", _set("form", "xlsx"), Fault.FILES),
    ("report_file", _set("content", lambda row: row["content"] + b" "), Fault.CONTENT),
    ("report_file", _other_content, Fault.CONTENT),
    ("report_file", _set("sha256", b"x"), Fault.CONTENT),
    ("report_file", _set("signature", None), Fault.SIGNATURE),
    ("report_file", _set("signature", b"{}"), Fault.SIGNATURE),
    ("report_file", _signed_by(_OTHER), Fault.SIGNATURE),
    ("report_file", lambda found: [{**found[0], "signature": found[1]["signature"]}, *found[1:]], Fault.STATEMENT),
    ("signing_key", lambda _: [], Fault.KEY),
    ("signing_key", _set("public_key", public_bytes(_OTHER.public_key())), Fault.KEY),
)  # fmt: skip


@pytest.mark.parametrize(("part", "change", "fault"), FORGED)
def test_what_was_changed_is_found_though_every_hash_was_made_to_fit(
    copied: Path, part: str, change: Callable[[Rows], Rows], fault: Fault
) -> None:
    rewritten(copied, part, change)
    manifest = Manifest.model_validate_json((copied / MANIFEST).read_bytes())
    found = {(path, why.en.rsplit(": ", 1)[-1]) for path, why in report_problems(copied, manifest)}
    assert WHY[fault].en.rsplit(": ", 1)[-1] in {why for _, why in found}
    assert {path for path, _ in found} <= {"report.parquet", "report_file.parquet"}


def test_a_file_that_was_changed_and_sealed_anew_is_refused_by_its_signature(database: Database, copied: Path) -> None:
    """Whoever changes the content, its hash, and what the report says of it, still cannot sign."""
    rewritten(copied, "report_file", _other_content)
    rewritten(copied, "report", _set("sealed", _sealed_anew))
    with pytest.raises(CallRefused, match=f"{NUMBER}-1 csv: {WHY[Fault.STATEMENT].en}"):
        brought_in(database, copied)
    assert rows(database, "select count(*) from project") == [(0,)]


def _sealed_anew(row: dict[str, Any]) -> str:
    return json.dumps(json.loads(row["sealed"]) | {"csv": digest_of(b"x")})
