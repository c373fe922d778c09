"""Makes text from outside safe to show: nothing in it moves a cursor, reverses a line, is hidden, or is a formula.

Devices, files and brokers may send any text. A terminal obeys control sequences, a screen obeys marks of direction,
and a spreadsheet computes what begins like a formula. These functions return the same text with all that visible.
"""

import io
import re
import sys
import unicodedata
from typing import TextIO

_WHOLE_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters (C0 without tab and line feed, DEL, C1)
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"  # characters of no width, fillers
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"  # no width, line separators, direction
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"  # shorthand, music, tags
)
"""Invisible characters with an effect, apart from surrogates. Variation selectors stay: names need them."""

_UNSEEN = f"{_WHOLE_UNSEEN}\ud800-\udfff"
UNSEEN = re.compile(f"[{_UNSEEN}]")
_BREAKS = re.compile(f"[\t\n{_UNSEEN}]")
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}

_BEGINNINGS = "=+\\-@＝＋－＠﹢﹣﹦﹫⁺⁻⁼₊₋₌−"
FORMULA = f"^([\\s{_WHOLE_UNSEEN}\xa0\u2000-\u200a\u202f\u205f\u2800\u3000]*[{_BEGINNINGS}]|[\t\r\n])"
"""What a spreadsheet may take for a formula. Some accept full-width signs too, and skip invisible characters."""

_FORMULA = re.compile(FORMULA)
_TELLING = re.compile(f"^'+(?:{FORMULA[1:]})")


def visible(text: str) -> str:
    """The text with invisible characters escaped as in JSON, so that JSON stays valid. Line feeds and tabs stay."""
    return UNSEEN.sub(_escape, text)


def one_line(text: str) -> str:
    """The text as `visible` gives it, with line breaks escaped too, so that it stays one line."""
    return _BREAKS.sub(lambda found: _SHORT.get(found[0]) or _escape(found), text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x1_0000:
        return f"\\u{code:04x}"
    code -= 0x1_0000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def unseen_in(text: str) -> str | None:
    """The name of the first invisible character in a text, None if there is none."""
    found = UNSEEN.search(text)
    return None if found is None else f"U+{ord(found[0]):04X} {unicodedata.name(found[0], '')}".rstrip()


def plain_cell(text: str) -> str:
    """The text as a cell of a table for people: with an apostrophe before a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def kept_cell(text: str) -> str:
    """The text as a cell of a table that is read again: `read_cell` returns exactly this text."""
    return f"'{text}" if _FORMULA.match(text) or _TELLING.match(text) else text


def read_cell(cell: str) -> str:
    """The text that `kept_cell` made this cell of."""
    return cell[1:] if _TELLING.match(cell) else cell


class VisibleText(io.TextIOWrapper):
    """A stream that makes text visible. Bytes written to its `buffer` are passed on unchanged."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        super().__init__(
            stream.buffer, encoding=stream.encoding, errors="backslashreplace", line_buffering=stream.line_buffering,
            write_through=True,
        )  # fmt: skip
        self.unguarded: TextIO = stream
        """The stream without this guard, for output of ours in colour that has no text from outside."""

    def write(self, text: str) -> int:
        """Write the text with invisible characters made visible."""
        super().write(visible(text))
        return len(text)


def guard_output() -> None:
    """Guard standard output and standard error of this process, whichever code prints to them."""
    sys.stdout.flush()
    sys.stderr.flush()
    if isinstance(sys.stdout, io.TextIOWrapper) and not isinstance(sys.stdout, VisibleText):
        sys.stdout = VisibleText(sys.stdout)
    if isinstance(sys.stderr, io.TextIOWrapper) and not isinstance(sys.stderr, VisibleText):
        sys.stderr = VisibleText(sys.stderr)


def unguarded(stream: TextIO) -> TextIO:
    """The stream without the guard."""
    return stream.unguarded if isinstance(stream, VisibleText) else stream
