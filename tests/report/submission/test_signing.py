"""Anybody with a file, its text of signature and the public key knows whether it is the frozen one."""

import json
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ingest.errors import SettingsRefused
from ingest.report.submission.keys import make_key, read_key
from ingest.report.submission.signing import (
    MOST_BYTES,
    SignedStatement,
    Statement,
    digest_of,
    public_bytes,
    read_signed,
    sign,
)
from schemas.japan import JST

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CONTENT = b"a report"


def signed(key: Ed25519PrivateKey = KEY) -> SignedStatement:
    statement = Statement(
        project="paddy", organisation="222160", kind="yearly", first_day="2026-04-01", last_day="2027-03-31",
        number="paddy-2026-yearly", revision=1, frozen_at=datetime(2027, 4, 10, 9, tzinfo=JST), form="xlsx",
        name="運用状況等報告書.xlsx", document_sha256="0" * 64,
        file_sha256=digest_of(CONTENT),
    )  # fmt: skip
    return sign(statement, key)


def test_what_was_signed_is_found_true() -> None:
    found = read_signed(signed().text())
    assert found == signed()
    assert found.statement.file_sha256 == digest_of(CONTENT)


@pytest.mark.parametrize("name", ["revision", "file_sha256", "number", "frozen_at", "form", "organisation"])
def test_a_statement_that_was_changed_is_found_false(name: str) -> None:
    body: dict[str, Any] = json.loads(signed().text())
    other = {"revision": 2, "frozen_at": "2027-04-11T09:00:00+09:00", "file_sha256": "0" * 64}
    body["statement"][name] = other.get(name, "another")
    assert read_signed(json.dumps(body).encode()) is None


def test_another_key_under_the_same_id_is_found_false() -> None:
    body: dict[str, Any] = json.loads(signed(Ed25519PrivateKey.generate()).text())
    body["key_id"] = signed().key_id
    assert read_signed(json.dumps(body).encode()) is None


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"\xff", b"null", b" " * (MOST_BYTES + 1)])
def test_what_is_no_signature_is_none(text: bytes) -> None:
    assert read_signed(text) is None


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "report.pem"
    made = make_key(path)
    assert public_bytes(read_key(path).public_key()) == public_bytes(made.public_key())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        make_key(path)
    assert [each.name for each in path.parent.iterdir()] == ["report.pem"]


def test_a_file_that_is_no_key_is_refused_with_its_name(tmp_path: Path) -> None:
    rsa = generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for number, content in enumerate((b"", b"-----BEGIN PRIVATE KEY-----\n", rsa)):
        path = tmp_path / f"{number}.pem"
        path.write_bytes(content)
        with pytest.raises(SettingsRefused, match=path.name):
            read_key(path)
    with pytest.raises(SettingsRefused, match=r"absent\.pem"):
        read_key(tmp_path / "absent.pem")
