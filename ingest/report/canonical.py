"""The canonical text of a report: what is hashed, signed and compared."""

import hashlib
import json
from typing import Any

from schemas.report_document import ReportDocument


def canonical_text(document: ReportDocument) -> bytes:
    """The document as JSON in UTF-8 with sorted names and no blanks: the same whenever it is written or read again."""
    return canonical_json(document.model_dump(mode="json"))


def canonical_json(body: Any) -> bytes:
    """The canonical text of a document that is JSON already, as the database keeps it."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest_of_document(document: ReportDocument) -> bytes:
    """The SHA-256 of the canonical text."""
    return hashlib.sha256(canonical_text(document)).digest()
