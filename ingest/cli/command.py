"""Commands and options whose help is in both languages."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import click

from schemas.bilingual import LANGUAGES, Bilingual, speak

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Option(click.Option):
    """An option whose help is in both languages."""

    def __init__(self, *args: Any, said: Bilingual, **more: Any) -> None:
        super().__init__(*args, **more)
        self.said = said

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Part of click's Option: its line in the help, in the present language."""
        self.help = str(self.said)
        return super().get_help_record(ctx)


def option(*names: str, help: Bilingual, **more: Any) -> Callable[[_Command], _Command]:  # noqa: A002  as click calls it
    """`click.option`, with a help in both languages."""
    return click.option(*names, cls=Option, said=help, **more)


def _chosen(_context: click.Context, _option: click.Parameter, value: str | None) -> None:
    for language in LANGUAGES:
        if value == language:
            speak(language)


def language_option(*names: str, hidden: bool = False) -> Option:
    """The option `--lang`, which every command has."""
    return Option(
        names, type=click.Choice(LANGUAGES), expose_value=False, is_eager=True, callback=_chosen, hidden=hidden,
        said=Bilingual("表示の言語。省略時は NOROSHI_LANG、LC_ALL、LC_MESSAGES、LANG に従います。",
                  "Language  [default: as NOROSHI_LANG, LC_ALL, LC_MESSAGES or LANG say]"),
    )  # fmt: skip


HELP = Bilingual("この説明を示して終わります。", "Show this message and exit.")


class _Bilingual(click.Command):
    """The common part of commands and groups."""

    said: Bilingual

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Part of click's Command: write the help in the present language."""
        self.help = inspect.cleandoc(str(self.said))
        super().format_help_text(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Part of click's Command: the option `--help`, with its own help in both languages."""
        found = super().get_help_option(ctx)
        if found is not None:
            found.help = str(HELP)
        return found

    def get_short_help_str(self, limit: int = 45) -> str:
        """Part of click's Command: the first sentence of the help."""
        first = inspect.cleandoc(str(self.said)).split("\n\n", 1)[0].replace("\n", " ")
        return first.split("。", 1)[0] + "。" if "。" in first else first.split(". ", 1)[0].rstrip(".")[: limit * 4]


class Command(_Bilingual):
    """A command whose help is in both languages."""

    def __init__(self, *args: Any, help: Bilingual, **more: Any) -> None:  # noqa: A002  as click calls it
        super().__init__(*args, **more)
        self.said = help
        self.params.append(language_option("--lang"))


class Group(_Bilingual, click.Group):
    """A group of commands whose help is in both languages."""

    command_class = Command

    def __init__(self, *args: Any, help: Bilingual, **more: Any) -> None:  # noqa: A002  as click calls it
        super().__init__(*args, **more)
        self.said = help
        self.params.append(language_option("--lang"))


def command(name: str | None = None, *, help: Bilingual) -> Callable[[Callable[..., Any]], Command]:  # noqa: A002
    """`click.command`, with a help in both languages."""
    return click.command(name, cls=Command, help=help)


def group(name: str | None = None, *, help: Bilingual) -> Callable[[Callable[..., Any]], Group]:  # noqa: A002
    """`click.group`, with a help in both languages."""
    return click.group(name, cls=Group, help=help)
