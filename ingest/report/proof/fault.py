"""Whether a frozen report, kept here or handed over, is what was frozen: by digests and signatures. Pure."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from ingest.report.canonical import canonical_json
from ingest.report.submission.signing import Statement, key_id_of, read_signed
from schemas.bilingual import Bilingual


class Fault(StrEnum):
    """What can be wrong with a frozen report: a closed list."""

    STATE = "state"
    DOCUMENT = "document"
    COVER = "cover"
    REVISION = "revision"
    KEY = "key"
    FILES = "files"
    CONTENT = "content"
    SIGNATURE = "signature"
    STATEMENT = "statement"
    NOTED = "noted"
    LOST = "lost"


WHY: Mapping[Fault, Bilingual] = {
    Fault.STATE: Bilingual("提出版ではありません", "it is no frozen report"),
    Fault.DOCUMENT: Bilingual(
        "内容が変わっています(SHA-256 が確定時と違います)",
        "its contents were changed: not the SHA-256 it was frozen with",
    ),
    Fault.COVER: Bilingual(
        "表紙の番号、版、確定日時、鍵が、記録と違います",
        "number, revision, time or key of its cover are not those of the record",
    ),
    Fault.REVISION: Bilingual("前の版がないか、別の報告書です", "the revision before is missing or of another report"),
    Fault.KEY: Bilingual(
        "署名した鍵(公開鍵)がないか、鍵番号と違います", "the public key is missing or not that of its id"
    ),
    Fault.FILES: Bilingual(
        "確定したときのファイルがそろっていません", "its files are not those that it was frozen with"
    ),
    Fault.CONTENT: Bilingual(
        "ファイルが変わっています(SHA-256 が確定時と違います)",
        "the file was changed: not the SHA-256 it was frozen with",
    ),
    Fault.SIGNATURE: Bilingual(
        "署名が正しくありません(変わっているか、別の鍵のもの)", "its signature is not true, or of another key"
    ),
    Fault.STATEMENT: Bilingual("別のファイルの署名です", "its signature is about another file"),
    Fault.NOTED: Bilingual(
        "監査ログにある確定時の SHA-256 と違います", "its SHA-256 is not the one that the audit log has of it"
    ),
    Fault.LOST: Bilingual("監査ログにはありますが、ありません", "the audit log has it, and it is not there"),
}


class Record(NamedTuple):
    """A frozen report but for its document. `sealed`: the SHA-256 of each file in hexadecimal digits, by form."""

    project: str
    kind: str
    first_day: date
    last_day: date
    state: str
    number: str
    revision: int
    digest: bytes
    frozen_at: datetime
    key_id: str
    sealed: Mapping[str, str]

    @property
    def called(self) -> str:
        """Number and revision, as people say them."""
        return f"{self.number}-{self.revision}"


class KeptFile(NamedTuple):
    """A file of a frozen report, and the text of its signature."""

    form: str
    name: str
    content: bytes
    sha256: bytes
    signature: bytes | None


def faults_of_record(record: Record, document: Any, keys: Mapping[str, bytes]) -> Iterator[Fault]:
    """What is wrong with a report by itself. `document`: its JSON. `keys`: public keys by their ids."""
    if record.state != "frozen":
        yield Fault.STATE
    try:
        digest = hashlib.sha256(canonical_json(document)).digest()
        if digest != record.digest:
            yield Fault.DOCUMENT
        elif not _is_cover_of(document, record):
            yield Fault.COVER
    except (ValueError, TypeError, KeyError):  # no document at all
        yield Fault.DOCUMENT
    public = keys.get(record.key_id)
    if public is None or key_id_of(public) != record.key_id:
        yield Fault.KEY


def _is_cover_of(document: Any, record: Record) -> bool:
    sealed, period = document["sealed"], document["period"]
    return (
        (document["number"], document["revision"], document["kind"]) == (record.number, record.revision, record.kind)
        and (period["first_day"], period["last_day"]) == (record.first_day.isoformat(), record.last_day.isoformat())
        and document["project"]["code"] == record.project
        and sealed["key_id"] == record.key_id
        and datetime.fromisoformat(sealed["frozen_at"]) == record.frozen_at
    )


def fault_of_file(record: Record, file: KeptFile, keys: Mapping[str, bytes]) -> Fault | None:
    """What is wrong with a file of a report; None if it is what was frozen and signed."""
    sha256 = hashlib.sha256(file.content).digest()
    wanted = record.sealed.get(file.form)
    if wanted is None:
        return Fault.FILES
    if sha256.hex() != wanted or sha256 != file.sha256:
        return Fault.CONTENT
    signed = read_signed(file.signature or b"")
    if signed is None or signed.key_id != record.key_id or record.key_id not in keys:
        return Fault.SIGNATURE
    return None if _is_about(signed.statement, record, file, sha256) else Fault.STATEMENT


def _is_about(statement: Statement, record: Record, file: KeptFile, sha256: bytes) -> bool:
    return (
        (statement.project, statement.kind, statement.number, statement.revision)
        == (record.project, record.kind, record.number, record.revision)
        and (statement.first_day, statement.last_day) == (record.first_day.isoformat(), record.last_day.isoformat())
        and (statement.form, statement.name, statement.frozen_at) == (file.form, file.name, record.frozen_at)
        and (statement.document_sha256, statement.file_sha256) == (record.digest.hex(), sha256.hex())
    )


def are_all_there(record: Record, forms: Collection[str]) -> bool:
    """Whether these are the forms of the files that the report was frozen with."""
    return bool(record.sealed) and set(forms) == set(record.sealed)


def is_successor(record: Record, before: Record | None) -> bool:
    """Whether a report follows the revision it names: the first one follows none."""
    if before is None:
        return record.revision == 1
    same = (before.project, before.number, before.kind) == (record.project, record.number, record.kind)
    return same and before.revision == record.revision - 1 and before.frozen_at <= record.frozen_at
