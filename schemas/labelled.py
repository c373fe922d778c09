"""A closed list of words, each beside what people call it."""

from enum import StrEnum
from typing import Self

from schemas.bilingual import Bilingual


class Labelled(StrEnum):
    """The words of a list with their names, as in `PATROL = "patrol", "見回り", "patrol"`: word, Japanese, English."""

    label: Bilingual

    def __new__(cls, word: str, ja: str = "", en: str = "") -> Self:
        """The member of this word."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.label = Bilingual(ja, en)
        return member
