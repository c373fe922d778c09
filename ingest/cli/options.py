"""Options that several commands share, and the settings with these options applied."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ingest.cli.command import option
from ingest.mqtt.address import address_of
from ingest.registry.client_ids import Reserved
from ingest.settings.model import Settings, load
from schemas.bilingual import Bilingual

REGISTRY_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
"""A file of the registry; `-` is the standard input, by which a file gets into a container."""

OUTPUT_FILE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
"""A file that is written; `-` is the standard output, by which a file gets out of a container."""

STANDARD_OUTPUT = Path("-")

AS_JSON = Bilingual("JSON で出力します。", "Print JSON")

MAX_FILE_BYTES = 16 * 2**20
"""Most bytes of a file with a message, far more than any broker delivers."""

DATABASE_HELP = Bilingual(
    "postgresql://… 設定 database.url の代わり。", "postgresql://… instead of the setting database.url"
)
BROKER_HELP = Bilingual(
    "mqtt://… か mqtts://… 設定 broker.url の代わり。", "mqtt://… or mqtts://… instead of the setting broker.url"
)

_Command = TypeVar("_Command", bound=Callable[..., Any])


def database_option(command: _Command) -> _Command:
    """Add `--database URL`, which overrides the setting."""
    return option("--database", metavar="URL", help=DATABASE_HELP)(command)


def broker_option(command: _Command) -> _Command:
    """Add `--broker URL`, which overrides the setting."""
    return option("--broker", metavar="URL", help=BROKER_HELP)(command)


def settings_for(*, database: str | None = None, broker: str | None = None, **more: Any) -> Settings:
    """The settings of this process, overridden by the options of the call. Raises SettingsRefused."""
    overrides: dict[str, Any] = {name: value for name, value in more.items() if value is not None}
    if database is not None:
        overrides["database"] = {"url": database}
    if broker is not None:
        overrides["broker"] = {"url": broker}
    return load(overrides)


def reserved_in(settings: Settings) -> Reserved:
    """The client ids of programs in the settings, which no device may use."""
    access = settings.access
    named = (
        settings.broker.client_id, address_of(settings.broker).username, access.username, access.simulator_username,
    )  # fmt: skip
    return frozenset(name for name in named if name)
