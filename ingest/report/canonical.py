"""The canonical text of a report: what is hashed, signed and compared."""

import hashlib
import json

from schemas.report_document import ReportDocument


def canonical_text(document: ReportDocument) -> bytes:
    """The document as JSON in UTF-8 with sorted names and no blanks: the same whenever it is written or read again."""
    body = document.model_dump(mode="json")
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest_of_document(document: ReportDocument) -> bytes:
    """The SHA-256 of the canonical text."""
    return hashlib.sha256(canonical_text(document)).digest()
