"""A sentence in both languages, side by side so that they say the same; and the language that this process speaks."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple, TypeAlias

Language: TypeAlias = Literal["ja", "en"]

LANGUAGES: tuple[Language, ...] = ("ja", "en")

_spoken: list[Language] = ["en"]


class Said(NamedTuple):
    """Japanese first: it is what a clerk reads. English for everybody else. As a string: in the language spoken."""

    ja: str
    en: str

    def __str__(self) -> str:
        """In the language of whoever reads what this process says."""
        return self.to(spoken())

    def __format__(self, language: str) -> str:
        """`f"{said:en}"`, `f"{said:ja}"`; without a language the one spoken."""
        return self.to(language or spoken())

    def to(self, language: str) -> str:
        """To somebody who reads this language; Japanese for whatever is not English."""
        return self.en if language == "en" else self.ja


def quoted(text: object) -> Said:
    """What has no language of ours: a name, a number, or what somebody else said."""
    return Said(str(text), str(text))


def joined(parts: Iterable[Said], ja: str = "\n", en: str | None = None) -> Said:
    """Several one after the other, with what stands between them."""
    each = list(parts)
    return Said(ja.join(one.ja for one in each), (ja if en is None else en).join(one.en for one in each))


def spoken() -> Language:
    """The language of this process. English until somebody says otherwise: logs are searched by their words."""
    return _spoken[-1]


def speak(language: Language) -> None:
    """From now on."""
    _spoken[-1] = language


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """In this language for the length of a block."""
    _spoken.append(language)
    try:
        yield
    finally:
        _spoken.pop()
