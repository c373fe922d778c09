"""A group whose commands are imported only when they are called."""

from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click

from ingest.cli.command import Group

PACKAGE = __name__.rpartition(".")[0]


class CommandsLater(Group):
    """A group with the names of its commands. The command `name` is `name` in the module `name` beside this one.

    If the name is a keyword of Python, module and command end with an underscore: `import_`.
    """

    def __init__(self, *args: Any, names: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self._names = names

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Part of click's Group: the names of the commands, sorted."""
        return sorted(self._names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Part of click's Group: the command, imported now."""
        if cmd_name not in self._names:
            return None
        place = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(import_module(f"{PACKAGE}.{place}"), place)
        return command
