"""A sentence in both languages, side by side so that they say the same; and which of them this process speaks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal, NamedTuple, TypeAlias

Language: TypeAlias = Literal["ja", "en"]

LANGUAGES: tuple[Language, ...] = ("ja", "en")

VARIABLES = ("NOROSHI_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
"""In this order; the first that says anything decides, as it does for every other program."""

OPTIONS = ("--lang", "--language")

_spoken: list[Language] = ["en"]


class Bilingual(NamedTuple):
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


def quoted(text: object) -> Bilingual:
    """What has no language of ours: a name, a number, or what somebody else said."""
    return Bilingual(str(text), str(text))


def joined(parts: Iterable[Bilingual], ja: str = "\n", en: str | None = None) -> Bilingual:
    """Several one after the other, with what stands between them."""
    each = list(parts)
    return Bilingual(ja.join(one.ja for one in each), (ja if en is None else en).join(one.en for one in each))


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


def language_of_environment(environment: Mapping[str, str]) -> Language:
    """Japanese where the locale is a Japanese one, else English."""
    locale = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    return "ja" if locale.replace("-", "_").split("_")[0].split(".")[0].casefold() in {"ja", "japanese"} else "en"


def language_of_call(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """`--lang ja` wherever it stands: help and refusals are in this language before anything else is read."""
    asked = language_of_environment(environment)
    for word, following in zip(arguments, (*arguments[1:], ""), strict=True):
        if word == "--":
            break
        option, equals, value = word.partition("=")
        if option in OPTIONS:
            asked = next((each for each in LANGUAGES if each == (value if equals else following)), asked)
    return asked
