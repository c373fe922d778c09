"""What a command says. Each argument is one line, whatever is in it; what is not seen is made visible (foreign.py)."""

import sys
from collections.abc import Iterable

import click

from schemas.bilingual import Bilingual
from schemas.foreign import one_line, visible


def say(*lines: Bilingual, err: bool = False) -> None:
    """Print each as one line, in the language of the reader."""
    say_lines(map(str, lines), err=err)


def say_lines(lines: Iterable[str], *, err: bool = False) -> None:
    """Lines that need no language, or have it already: codes, numbers, what a device sent."""
    for line in lines:
        click.echo(one_line(line), err=err)


def say_text(text: Bilingual, *, err: bool = False) -> None:
    """Print a text of ours whose line breaks are ours too."""
    click.echo(visible(str(text)), err=err)


def say_json(document: bytes) -> None:
    """Print JSON: the escapes of what is not seen are those of JSON."""
    click.echo(visible(document.decode()))


def say_file(content: bytes) -> None:
    """Pass on a file: byte by byte to a file or a pipe, as visible text to a terminal."""
    if sys.stdout.isatty():
        click.echo(visible(content.decode()), nl=False)
    else:
        click.echo(content, nl=False)
