"""Options that several commands share, and the settings they lead to."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ingest.settings import Settings, load

_Command = TypeVar("_Command", bound=Callable[..., Any])


def database_option(command: _Command) -> _Command:
    """`--database URL`, instead of the setting."""
    return click.option("--database", metavar="URL", help="postgresql://… instead of the setting database.url")(command)


def broker_option(command: _Command) -> _Command:
    """`--broker URL`, instead of the setting."""
    return click.option("--broker", metavar="URL", help="mqtt://… or mqtts://… instead of the setting broker.url")(
        command
    )


def settings_for(*, database: str | None = None, broker: str | None = None, **more: Any) -> Settings:
    """The settings of this process, with what the call says on top. Raises SettingsRefused."""
    overrides: dict[str, Any] = {name: value for name, value in more.items() if value is not None}
    if database is not None:
        overrides["database"] = {"url": database}
    if broker is not None:
        overrides["broker"] = {"url": broker}
    return load(overrides)
