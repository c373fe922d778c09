"""What an entry of the audit log says was changed, name by name, for people to read."""

import json
from typing import Any, NamedTuple

WHOLE = ""
"""The name of a change that is about one value and not about a part of it."""
_LONGEST = 300


class Change(NamedTuple):
    """One value that differs: its name, what it was and what it is; None: it was not there."""

    name: str
    before: str | None
    after: str | None


def changes_of(before: str | None, after: str | None) -> list[Change]:
    """What differs between two JSON texts. Parts of objects are named by their path: `roles.袋井市`."""
    was, is_now = _flat(_read(before)), _flat(_read(after))
    names = [*was, *(name for name in is_now if name not in was)]
    return [Change(name, was.get(name), is_now.get(name)) for name in names if was.get(name) != is_now.get(name)]


def _read(text: str | None) -> Any:
    """The value of a JSON text. Text that is no JSON is shown as it is."""
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def _flat(value: Any, within: str = WHOLE) -> dict[str, str]:
    """The values of an object by their path. A list is one value, so that its order is seen."""
    if value is None:
        return {}
    if isinstance(value, dict) and value:
        found: dict[str, str] = {}
        for name, part in value.items():
            found |= _flat(part, f"{within}.{name}" if within else str(name))
        return found
    return {within: _written(value)}


def _written(value: Any) -> str:
    if isinstance(value, list):
        text = ", ".join(map(_written, value))
    elif isinstance(value, dict):
        text = " ".join(_written(part) for part in value.values())
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
