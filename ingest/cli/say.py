"""Prints the output of commands. Each argument is one line; invisible characters are made visible (foreign.py)."""

import sys
from collections.abc import Iterable

import click

from schemas.bilingual import Bilingual
from schemas.foreign import one_line, visible


def say(*lines: Bilingual, err: bool = False) -> None:
    """Print each text as one line, in the language of the reader."""
    say_lines(map(str, lines), err=err)


def say_lines(lines: Iterable[str], *, err: bool = False) -> None:
    """Print lines that are the same in every language: codes, numbers, bytes of a device."""
    for line in lines:
        click.echo(one_line(line), err=err)


def say_text(text: Bilingual, *, err: bool = False) -> None:
    """Print a text of ours with its line breaks."""
    click.echo(visible(str(text)), err=err)


def say_json(document: bytes) -> None:
    """Print JSON. Invisible characters are escaped as JSON escapes them, so it stays valid."""
    click.echo(visible(document.decode()))


def say_file(content: bytes) -> None:
    """Write a file to standard output: unchanged to a file or a pipe, as visible text to a terminal."""
    if sys.stdout.isatty():
        click.echo(visible(content.decode()), nl=False)
    else:
        click.echo(content, nl=False)


def say_written(text: str) -> None:
    """Write a text that people wrote, to be read as a file again: only what nobody sees is made visible."""
    click.echo(visible(text.replace("\r\n", "\n")), nl=False)


def say_progress(done: int, every: int) -> None:
    """Show on a terminal how far the work is, in place of what stood there; in a file there is nothing to see."""
    if sys.stderr.isatty():
        click.echo(f"\r{done} / {every}", nl=done == every, err=True)
