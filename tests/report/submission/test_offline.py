"""A signature is verified with common programs alone, by the words of the handbook; and with one library, by hand."""

import base64
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ingest.report.order.drafts import kept_document, kept_file
from ingest.report.submission.database import read_signature
from ingest.store.database import Database as Connection
from tests.fixtures.need import need
from tests.report.submission.conftest import Freeze

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def folder(connection: Connection, freeze: Freeze, tmp_path: Path) -> Path:
    """What somebody was handed: the file, the text of its signature, and the key from the cover."""
    number = freeze(7)
    signature, sealed = read_signature(connection, 1, number, "json"), kept_document(connection, 1, number).sealed
    assert signature is not None
    assert sealed is not None
    handed = tmp_path / "handed"
    handed.mkdir()
    (handed / "report.pdf").write_bytes(kept_file(connection, 1, number, "json"))
    (handed / "report.sig.json").write_bytes(signature.text)
    (handed / "cover").write_text(sealed.public_key)
    return handed


def by_the_handbook(folder: Path, page: str = "submissions.md") -> "subprocess.CompletedProcess[str]":
    for program in ("jq", "openssl", "base64", "sha256sum"):
        if shutil.which(program) is None:
            need(program, program)
    found = re.search(r"<!-- offline -->\n```sh\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    environment = {"PATH": os.environ["PATH"], "KEY": (folder / "cover").read_text()}
    command = ["sh", "-eu", "-c", found[1]]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("page", ["submissions.md", "submissions.ja.md"])
def test_the_words_of_the_handbook_verify_a_file(folder: Path, page: str) -> None:
    done = by_the_handbook(folder, page)
    assert done.returncode == 0, done.stderr
    success, of_file, of_statement = done.stdout.splitlines()
    assert success == "Signature Verified Successfully"
    assert of_file == of_statement


def test_they_find_a_changed_file_a_changed_statement_and_another_key(folder: Path) -> None:
    (folder / "report.pdf").write_bytes(b"another")
    _, of_file, of_statement = by_the_handbook(folder).stdout.splitlines()
    assert of_file != of_statement
    text = (folder / "report.sig.json").read_text(encoding="utf-8")
    (folder / "report.sig.json").write_text(text.replace('"revision": 1', '"revision": 2'), encoding="utf-8")
    assert by_the_handbook(folder).returncode != 0
    (folder / "report.sig.json").write_text(text, encoding="utf-8")
    (folder / "cover").write_text(base64.b64encode(bytes(range(32))).decode())
    assert by_the_handbook(folder).returncode != 0


def test_a_library_of_cryptography_is_enough(folder: Path) -> None:
    signed = json.loads((folder / "report.sig.json").read_bytes())
    statement = json.dumps(signed["statement"], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode((folder / "cover").read_text()))
    signature = base64.b64decode(signed["signature"])
    key.verify(signature, statement)
    with pytest.raises(InvalidSignature):
        key.verify(signature, statement + b" ")
