"""`noroshi settings`: every setting with its meaning, and what it is now."""

from collections.abc import Iterator
from typing import Any

import click
from pydantic import BaseModel, SecretStr

from ingest.cli.options import settings_for
from ingest.settings import PREFIX, SETTINGS_FILE, Settings
from ingest.store.database import describe


@click.command()
@click.option("--defaults", is_flag=True, help="Show the defaults instead of what is in force here")
def settings(*, defaults: bool) -> None:
    """Every setting with its meaning and its value."""
    shown = Settings.model_construct() if defaults else settings_for()
    click.echo(f"Set by {PREFIX}* variables or in {SETTINGS_FILE}; a variable wins over the file.\n")
    for name, value, meaning in rows(shown):
        click.echo(f"{PREFIX}{name.replace('.', '__').upper()} = {value}")
        click.echo(f"    {meaning}")


def rows(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """(name, value as text, meaning) of every setting, depth first."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from rows(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _text(name, value), field.description or ""


def _text(name: str, value: Any) -> str:
    if isinstance(value, SecretStr):
        return "(set, not shown)"
    if name == "url":
        return describe(value)
    if name == "routes":
        return "; ".join(f"{route.topic} -> {route.decoder}" for route in value)
    return "(not set)" if value is None else str(value)
