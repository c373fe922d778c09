"""Whether a file is the frozen one (検証): by its SHA-256 against the database, or by its signature alone."""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from io import BufferedReader

from ingest.errors import CallRefused
from ingest.report.submission.database import FileKnown
from ingest.report.submission.signing import SignedStatement, read_signed
from schemas.bilingual import Bilingual
from schemas.japan import to_jst
from schemas.report_document import ReportKind

KEY_BYTES = 32


def sha256_of(file: BufferedReader) -> str:
    """The SHA-256 of what can be read from a file, in hexadecimal digits; read in pieces."""
    return hashlib.file_digest(file, "sha256").hexdigest()


class Finding(StrEnum):
    """What a signature says about a file. The names are parts of texts."""

    SIGNED = "signed"
    NO_SIGNATURE = "no_signature"
    """The text is no signature, or it was changed."""
    OTHER_FILE = "other_file"
    """The signature is true, but about another file, or the file was changed."""
    OTHER_KEY = "other_key"
    """The signature is true, but by another key than the one that was given."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `signed`: the statement, wherever the signature is true."""

    finding: Finding
    signed: SignedStatement | None


def check_signature(sha256: str, text: bytes, public_key: bytes | None) -> Checked:
    """Hold a file, by its SHA-256, against the text of a signature. `public_key`: the only one that is believed.

    Without a key this says that whoever has the private part of `signed.key_id` signed, and not who that is.
    """
    signed = read_signed(text)
    if signed is None:
        return Checked(Finding.NO_SIGNATURE, None)
    if public_key is not None and base64.b64decode(signed.public_key) != public_key:
        return Checked(Finding.OTHER_KEY, signed)
    if signed.statement.file_sha256 != sha256:
        return Checked(Finding.OTHER_FILE, signed)
    return Checked(Finding.SIGNED, signed)


def public_key_of(text: str) -> bytes:
    """The public key as it is printed on covers: 32 bytes in Base64. Raises CallRefused for anything else."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise CallRefused(
            Bilingual(
                "公開鍵は、表紙にある44文字(Base64)をそのまま書いてください",
                "write the public key as the cover has it: 44 characters of Base64",
            )
        )
    return key


def about_known(known: Iterable[FileKnown]) -> list[Bilingual]:
    """What people are told about a file that the database knows as frozen; of one that it does not know, that."""
    lines: list[Bilingual] = []
    for each in known:
        lines += _lines(each)
    return lines or [UNKNOWN]


UNKNOWN = Bilingual(
    "提出版ではありません。このファイルと同じ中身の提出版は、ここにはありません。下書きか、確定のあとで変わったものか、"
    "別の設置のものです",
    "Not a frozen report: none that is kept here has these bytes. It is a draft, was changed after it was frozen, or"
    " is of another installation",
)


UNPROVEN = Bilingual(
    "提出版と確かめられません。同じ中身のファイルはありますが、署名が正しくありません。データベースが変えられたおそれがあります",
    "Not proven to be a frozen report: a file with these bytes is kept, but its signature is not true. Somebody may"
    " have changed the database",
)


def _lines(known: FileKnown) -> list[Bilingual]:
    if not known.is_proven:
        return [UNPROVEN]
    frozen_at = f"{to_jst(known.frozen_at):%Y-%m-%d %H:%M}"
    lines = [
        Bilingual(
            f"提出版です: {known.number} 第{known.revision}版({frozen_at} 確定)",
            f"frozen: {known.number} revision {known.revision} (frozen {frozen_at})",
        ),
        Bilingual(
            f"{known.organisation_name or ''} {known.project_name}({known.project_code}) {known.title} {known.period}",
            f"{known.project_name} ({known.project_code}), {known.kind.label.en}, {known.period}",
        ),
        _key(known),
    ]
    if not known.is_newest:
        newest_at = f"{to_jst(known.newest_frozen_at):%Y-%m-%d %H:%M}"
        lines.append(
            Bilingual(
                f"注意: 新しい版があります。最新は第{known.newest_revision}版({newest_at} 確定)です",
                f"note: there is a newer revision, {known.newest_revision} (frozen {newest_at})",
            )
        )
    return lines


def _key(known: FileKnown) -> Bilingual:
    if known.own_key:
        return Bilingual(f"署名の鍵 {known.key_id}", f"signed by the key {known.key_id}")
    return Bilingual(
        f"署名の鍵 {known.key_id}(前の設置の鍵。事業とともに引き継がれたもの)",
        f"signed by the key {known.key_id} (of the installation before: it came with the project)",
    )


def about_signed(checked: Checked, *, key_given: bool) -> list[Bilingual]:
    """What people are told about a file and its signature."""
    if checked.signed is None:
        return [
            Bilingual("署名が正しくありません。署名のファイルではないか、変えられています",
                      "no true signature: the text is none, or it was changed"),
        ]  # fmt: skip
    statement, key_id = checked.signed.statement, checked.signed.key_id
    if checked.finding is Finding.OTHER_KEY:
        return [
            Bilingual(
                f"指定した公開鍵の署名ではありません。鍵 {key_id} の署名です",
                f"not signed by the given key but by {key_id}",
            )
        ]
    frozen_at = f"{to_jst(statement.frozen_at):%Y-%m-%d %H:%M}"
    which = Bilingual(
        f"{statement.number} 第{statement.revision}版 {statement.name}({frozen_at} 確定)",
        f"{statement.number} revision {statement.revision}, {statement.name} (frozen {frozen_at})",
    )
    if checked.finding is Finding.OTHER_FILE:
        return [
            Bilingual(
                f"このファイルの署名ではありません。ファイルが変わっているか、別のファイルの署名です: {which.ja}",
                f"the signature is about another file, or the file was changed: {which.en}",
            )
        ]
    kind = ReportKind(statement.kind).label if statement.kind in tuple(ReportKind) else Bilingual("", "")
    lines = [
        Bilingual(f"提出版です: {which.ja}", f"frozen: {which.en}"),
        Bilingual(f"{statement.project} {kind.ja}", f"{statement.project}, {kind.en}"),
        Bilingual(f"署名の鍵 {key_id}", f"signed by the key {key_id}"),
    ]
    if not key_given:
        lines.append(
            Bilingual(
                "鍵がだれのものかは、ここでは分かりません。発注者に届いた公開鍵と比べてください:"
                f" {checked.signed.public_key}",
                "whose key it is cannot be told here; compare it with the public key that the authority was given:"
                f" {checked.signed.public_key}",
            )
        )
    return lines
