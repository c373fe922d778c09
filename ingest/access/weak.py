"""Which passwords are refused: short ones, and those of which little is left without what guessers try first.

Length counts, not kinds of characters. Taken out are: the login, the name, common words also written with digits for
letters (p4ssw0rd), keys beside each other, sequences, years and dates, and whatever is repeated. What is left must have
six characters, and the whole five different ones. A number alone is none, however long: guessers try telephone numbers.
"""

import re
from collections.abc import Iterator

from ingest.access.common_words import ROWS, WORDS
from ingest.access.passwords import MAX_CHARACTERS, normalised

OWN_CHARACTERS = 6
DIFFERENT_CHARACTERS = 5
_RUN = 4
_PART_OF_A_NAME = 3
_SHORTEST_WORD = 3

_DATES = re.compile(r"(?:19|20)\d\d(?:[01]\d(?:[0-3]\d)?)?|[0-3]?\d[-/.][0-3]?\d")
_REPEATED = re.compile(r"(.{1,8}?)\1{2,}|(.{3,}?)\2", re.DOTALL)
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_PUNCTUATION = re.compile(r"[\s!-/:-@\[-`{-~、。・ー「」]+")
_ROWS = tuple(row for each in ROWS for row in (each, each[::-1]))


def is_weak(password: str, login: str, name: str, shortest: int) -> bool:
    """Whether a new password is not to be taken. `shortest`: characters it must have."""
    plain = normalised(password)
    if not shortest <= len(plain) <= MAX_CHARACTERS:
        return True
    folded = plain.casefold()
    if len(set(folded)) < DIFFERENT_CHARACTERS or _PUNCTUATION.sub("", folded).isdigit():
        return True
    own = sorted({*_parts(login), *_parts(name)}, key=len, reverse=True)
    return min(_own_characters(folded, own), _own_characters(folded.translate(_LEET), own)) < OWN_CHARACTERS


def _parts(name: str) -> Iterator[str]:
    """What of a login or a name is no secret: the whole, without its separators, and each part."""
    plain = normalised(name).casefold()
    for part in (plain, _PUNCTUATION.sub("", plain), *_PUNCTUATION.split(plain)):
        if len(part) >= (_PART_OF_A_NAME if part.isascii() else 2):
            yield part


def _own_characters(folded: str, names: list[str]) -> int:
    """How many letters and digits are left of a password without all that is guessed first."""
    for name in names:
        folded = folded.replace(name, " ")
    left = _REPEATED.sub(r"\1\2 ", _without_words(_without_rows(folded)))
    return len(_PUNCTUATION.sub("", _DATES.sub(" ", left)))


def _without_rows(text: str) -> str:
    """A text without four or more keys in a row."""
    kept: list[str] = []
    start = 0
    while start < len(text):
        end = start + _RUN
        while end <= len(text) and any(text[start:end] in row for row in _ROWS):
            end += 1
        length = end - 1 - start
        kept.append(" " if length >= _RUN else text[start])
        start += max(length, 1) if length >= _RUN else 1
    return "".join(kept)


def _without_words(text: str) -> str:
    """A text without common words, the longest first at each place."""
    kept: list[str] = []
    start = 0
    while start < len(text):
        length = next((size for size in range(_LONGEST_WORD, 0, -1) if _is_word(text[start : start + size], size)), 0)
        kept.append(" " if length else text[start])
        start += length or 1
    return "".join(kept)


def _is_word(text: str, size: int) -> bool:
    return len(text) == size and text in WORDS and (size >= _SHORTEST_WORD or not text.isascii())


_LONGEST_WORD = max(map(len, WORDS))
