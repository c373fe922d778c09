"""What people write into a workbook: the text without what nobody sees, and how it is told from what stood there."""

import hashlib
import re
from datetime import date, datetime

from schemas.foreign import UNSEEN

_RETURNS = re.compile("_x000[dD]_")
_NOT_IN_XML = re.compile("[\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029]")


def clean_words(value: object) -> str:
    """The words in a cell: one kind of line end, nothing invisible, no blanks at the ends. Empty for a blank cell."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        value = value.date() if (value.hour, value.minute) == (0, 0) else f"{value:%Y-%m-%d %H:%M}"
    text = value.isoformat() if isinstance(value, date) else str(value)
    text = UNSEEN.sub("", _LINE_ENDS.sub("\n", text).replace("\t", " "))
    text = _NOT_IN_XML.sub("", _RETURNS.sub("", text))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def digest_of_words(text: str) -> str:
    """The first 8 hexadecimal digits of the SHA-256 of words; empty for none."""
    words = clean_words(text)
    return hashlib.sha256(words.encode(errors="replace")).hexdigest()[:8] if words else ""
