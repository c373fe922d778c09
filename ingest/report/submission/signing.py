"""Signatures of frozen reports: what is signed, and how anybody checks it without this service.

A file cannot hold its own signature, so each has a small text beside it: the statement and the signature of it.
"""

import base64
import hashlib
import json
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
MOST_BYTES = 16_384
"""A text of a signature is never longer."""


class Statement(BaseModel):
    """What is signed: this file is this form of this revision of this submission."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    noroshi: Literal["report-file/1"] = "report-file/1"
    project: str
    organisation: str | None
    kind: str
    first_day: str
    last_day: str
    number: str
    revision: int
    frozen_at: AwareDatetime
    form: str
    name: str
    document_sha256: Sha256
    file_sha256: Sha256

    def canonical(self) -> bytes:
        """The bytes that are signed: JSON in UTF-8 with sorted names and no blanks."""
        body = self.model_dump(mode="json")
        return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class SignedStatement(BaseModel):
    """A statement with its signature: what stands in the text beside a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statement: Statement
    key_id: KeyId
    public_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")]
    signature: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{86}==$")]

    def text(self) -> bytes:
        """The text as a file: JSON that people can read too."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def public_bytes(key: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id_of(public_key: bytes) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a public key: short enough to be read out on the telephone."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def sign(statement: Statement, key: Ed25519PrivateKey) -> SignedStatement:
    """The statement, signed."""
    public = public_bytes(key.public_key())
    signature = key.sign(statement.canonical())
    return SignedStatement(
        statement=statement, key_id=key_id_of(public), public_key=_written(public), signature=_written(signature)
    )


def read_signed(text: bytes) -> SignedStatement | None:
    """The signed statement of a text; None if it is none, or its signature does not fit its statement and key."""
    if len(text) > MOST_BYTES:
        return None
    try:
        signed = SignedStatement.model_validate_json(text)
    except ValidationError:
        return None
    public = base64.b64decode(signed.public_key)
    if key_id_of(public) != signed.key_id or not is_signed(signed.statement, signed.signature, public):
        return None
    return signed


def is_signed(statement: Statement, signature: str, public_key: bytes) -> bool:
    """Whether the signature is that of this statement by this key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(base64.b64decode(signature), statement.canonical())
    except (InvalidSignature, ValueError):
        return False
    return True


def digest_of(content: bytes) -> str:
    """The SHA-256 of a file in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _written(content: bytes) -> str:
    return base64.b64encode(content).decode()
