"""Sentences in both languages, written side by side so that they agree, and the language of this process."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal, NamedTuple, TypeAlias

Language: TypeAlias = Literal["ja", "en"]

LANGUAGES: tuple[Language, ...] = ("ja", "en")

VARIABLES = ("NOROSHI_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
"""The first variable with a value decides, in this order, as for every other program."""

OPTIONS = ("--lang", "--language")

_spoken: list[Language] = ["en"]


class Bilingual(NamedTuple):
    """A text in Japanese, for clerks, and in English. As a string it is in the language of this process."""

    ja: str
    en: str

    def __str__(self) -> str:
        """The text in the language of this process."""
        return self.to(spoken())

    def __format__(self, language: str) -> str:
        """The text in a given language, as in `f"{text:en}"`; without one in that of this process."""
        return self.to(language or spoken())

    def to(self, language: str) -> str:
        """The text in a language: English for "en", Japanese for any other."""
        return self.en if language == "en" else self.ja


def quoted(text: object) -> Bilingual:
    """A text that is the same in both languages: a name, a number, or the words of another program."""
    return Bilingual(str(text), str(text))


def joined(parts: Iterable[Bilingual], ja: str = "\n", en: str | None = None) -> Bilingual:
    """Several texts joined, with a separator between them."""
    each = list(parts)
    return Bilingual(ja.join(one.ja for one in each), (ja if en is None else en).join(one.en for one in each))


def spoken() -> Language:
    """The language of this process. It is English until `speak` is called, because logs are searched by their words."""
    return _spoken[-1]


def speak(language: Language) -> None:
    """Set the language of this process."""
    _spoken[-1] = language


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Set the language for the length of a `with` block."""
    _spoken.append(language)
    try:
        yield
    finally:
        _spoken.pop()


def language_of_environment(environment: Mapping[str, str]) -> Language:
    """Japanese if the locale is a Japanese one, else English."""
    locale = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    return "ja" if locale.replace("-", "_").split("_")[0].split(".")[0].casefold() in {"ja", "japanese"} else "en"


def language_of_call(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language of `--lang` anywhere in the call, else of the environment. Needed before options are parsed."""
    asked = language_of_environment(environment)
    for word, following in zip(arguments, (*arguments[1:], ""), strict=True):
        if word == "--":
            break
        option, equals, value = word.partition("=")
        if option in OPTIONS:
            asked = next((each for each in LANGUAGES if each == (value if equals else following)), asked)
    return asked
