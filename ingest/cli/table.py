"""Formats lines of names and values by their width on a terminal."""

import unicodedata

from schemas.bilingual import Bilingual


def width(text: str) -> int:
    """The width of a text in columns of a terminal: a Japanese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def padded(text: str, columns: int) -> str:
    """The text filled to so many columns, with one blank at least."""
    return text + " " * max(columns - width(text), 1)


def row(ja: str, en: str, what: Bilingual, columns: int = 10) -> Bilingual:
    """One line of a list of names and values."""
    return Bilingual(padded(ja, columns) + what.ja, padded(en, columns) + what.en)
