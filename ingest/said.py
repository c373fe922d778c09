"""The language of whoever called us: what the call says, else what the environment says. The rest: schemas/said.py."""

from collections.abc import Mapping, Sequence

from schemas.said import LANGUAGES, Language, Said, joined, quoted, speak, speaking, spoken

__all__ = [
    "LANGUAGES", "VARIABLES", "Language", "Said", "joined", "language_of_call", "language_of_environment", "quoted",
    "speak", "speaking", "spoken",
]  # fmt: skip

VARIABLES = ("NOROSHI_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
"""In this order; the first that says anything decides, as it does for every other program."""

OPTIONS = ("--lang", "--language")


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
