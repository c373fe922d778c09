"""Commands that are imported only when somebody calls them."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class CommandsLater(click.Group):
    """A group that knows some of its commands by place only: name -> `module:attribute`."""

    def __init__(self, *args: Any, later: Mapping[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self._later = later

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Of both kinds."""
        return sorted({*super().list_commands(ctx), *self._later})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imported now, if it is one of those."""
        place = self._later.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command
