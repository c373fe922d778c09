"""`noroshi settings`: prints every setting with its meaning and its present value."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, SecretStr

from ingest.cli.command import command, option
from ingest.cli.options import settings_for
from ingest.cli.say import say
from ingest.settings.model import PREFIX, SETTINGS_FILE, Settings
from ingest.settings.words import JAPANESE
from ingest.store.database import describe
from schemas.bilingual import Bilingual, quoted


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
        if isinstance(value, BaseModel):
            yield from rows(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _text(name, value), field.description or ""


def _text(name: str, value: Any) -> Bilingual:
    if isinstance(value, SecretStr):
        return Bilingual("(設定済み、表示しません)", "(set, not shown)")
    if name == "url":
        return quoted(describe(value))
    if name == "routes":
        return quoted("; ".join(f"{route.topic} -> {route.decoder}" for route in value))
    return Bilingual("(未設定)", "(not set)") if value is None else quoted(value)
