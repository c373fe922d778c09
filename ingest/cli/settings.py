"""`noroshi settings`: prints every setting with its meaning and its present value."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, SecretStr

from ingest.cli.command import command, option
from ingest.cli.options import settings_for
from ingest.cli.say import say
from ingest.settings.model import PREFIX, SETTINGS_FILE, Settings
from ingest.settings.words import JAPANESE
from ingest.store.database import describe
from schemas.bilingual import Bilingual, quoted

_NOT_SET = Bilingual("(未設定)", "(not set)")


@command(help=Bilingual("すべての設定と、その意味と値。", "Every setting with its meaning and its value."))
@option(
    "--defaults",
    is_flag=True,
    help=Bilingual("今の値の代わりに既定値を示します。", "Show the defaults instead of what is in force here"),
)
def settings(*, defaults: bool) -> None:
    """Print two lines for each setting."""
    shown = Settings.model_construct() if defaults else settings_for()
    how = Bilingual(
        f"環境変数 {PREFIX}* か {SETTINGS_FILE} で決めます。両方にあれば環境変数が勝ちます。",
        f"Set by {PREFIX}* variables or in {SETTINGS_FILE}; a variable wins over the file.",
    )
    say(how, quoted(""))
    for name, value, meaning in rows(shown):
        variable = f"{PREFIX}{name.replace('.', '__').upper()}"
        said = Bilingual(JAPANESE.get(name, meaning), meaning)
        say(
            Bilingual(f"{variable} = {value.ja}", f"{variable} = {value.en}"),
            Bilingual(f"    {said.ja}", f"    {said.en}"),
        )


def rows(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, Bilingual, str]]:
    """(name, value as text, meaning) of every setting, depth first."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        section = _section_of(field.annotation)
        if isinstance(value, BaseModel):
            yield from rows(value, f"{prefix}{name}.")
        elif section is not None and value is None:  # a section that is not there says what could stand in it
            yield f"{prefix}{name}", _text(name, value), field.description or ""
            yield from _unset_rows(section, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _text(name, value), field.description or ""


def _unset_rows(section: type[BaseModel], prefix: str) -> Iterator[tuple[str, Bilingual, str]]:
    for name, field in section.model_fields.items():
        value = None if field.is_required() else field.get_default()
        yield f"{prefix}{name}", _text(name, value), field.description or ""


def _section_of(annotation: Any) -> type[BaseModel] | None:
    """The model of a section that may be left out (`Model | None`); None for everything else."""
    for each in get_args(annotation):
        if isinstance(each, type) and issubclass(each, BaseModel) and type(None) in get_args(annotation):
            return each
    return None


def _text(name: str, value: Any) -> Bilingual:
    if isinstance(value, SecretStr):
        return Bilingual("(設定済み、表示しません)", "(set, not shown)")
    if name == "url":
        return quoted(describe(value))
    if name == "routes":
        return quoted("; ".join(f"{route.topic} -> {route.decoder}" for route in value))
    if isinstance(value, tuple):
        return quoted(", ".join(_item(each) for each in value) or "()")
    return _NOT_SET if value is None else quoted(value)


def _item(value: Any) -> str:
    """One of several: a section as the fields that are set in it."""
    if not isinstance(value, BaseModel):
        return str(value)
    fields = value.model_dump(exclude_none=True)
    return "{" + ", ".join(f"{name} = {text}" for name, text in fields.items()) + "}"
